// Original file: proto/chester/v1/agent.proto

import type { ServerReport as _chester_v1_ServerReport, ServerReport__Output as _chester_v1_ServerReport__Output } from '../../chester/v1/ServerReport.ts';
import type { GroupReport as _chester_v1_GroupReport, GroupReport__Output as _chester_v1_GroupReport__Output } from '../../chester/v1/GroupReport.ts';

export interface Report {
  'servers'?: (_chester_v1_ServerReport)[];
  'groups'?: (_chester_v1_GroupReport)[];
  'proxyBoot'?: (string);
  'clientsConnected'?: (number);
  '_clientsConnected'?: "clientsConnected";
}

export interface Report__Output {
  'servers': (_chester_v1_ServerReport__Output)[];
  'groups': (_chester_v1_GroupReport__Output)[];
  'proxyBoot': (string);
  'clientsConnected'?: (number);
  '_clientsConnected'?: "clientsConnected";
}
