// Original file: proto/chester/v1/admin.proto

import type { AgentGroup as _chester_v1_AgentGroup, AgentGroup__Output as _chester_v1_AgentGroup__Output } from '../../chester/v1/AgentGroup.ts';
import type { ServerLoad as _chester_v1_ServerLoad, ServerLoad__Output as _chester_v1_ServerLoad__Output } from '../../chester/v1/ServerLoad.ts';
import type { AckError as _chester_v1_AckError, AckError__Output as _chester_v1_AckError__Output } from '../../chester/v1/AckError.ts';
import type { Long } from '@grpc/proto-loader';

export interface Agent {
  'agentId'?: (string);
  'fleet'?: (string);
  'cell'?: (string);
  'connected'?: (boolean);
  'proxysqlVersion'?: (string);
  'proxyBoot'?: (string);
  'bootId'?: (string);
  'lastSeenMs'?: (number | string | Long);
  'groups'?: (_chester_v1_AgentGroup)[];
  'servers'?: (_chester_v1_ServerLoad)[];
  'refusal'?: (_chester_v1_AckError | null);
  'clientsConnected'?: (number);
  'coordinator'?: (string);
  '_clientsConnected'?: "clientsConnected";
}

export interface Agent__Output {
  'agentId': (string);
  'fleet': (string);
  'cell': (string);
  'connected': (boolean);
  'proxysqlVersion': (string);
  'proxyBoot': (string);
  'bootId': (string);
  'lastSeenMs': (number);
  'groups': (_chester_v1_AgentGroup__Output)[];
  'servers': (_chester_v1_ServerLoad__Output)[];
  'refusal': (_chester_v1_AckError__Output | null);
  'clientsConnected'?: (number);
  'coordinator': (string);
  '_clientsConnected'?: "clientsConnected";
}
