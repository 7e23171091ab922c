// Original file: proto/chester/v1/snapshot.proto

import type { Server as _chester_v1_Server, Server__Output as _chester_v1_Server__Output } from '../../chester/v1/Server.ts';
import type { LeavingServer as _chester_v1_LeavingServer, LeavingServer__Output as _chester_v1_LeavingServer__Output } from '../../chester/v1/LeavingServer.ts';
import type { GroupPolicy as _chester_v1_GroupPolicy, GroupPolicy__Output as _chester_v1_GroupPolicy__Output } from '../../chester/v1/GroupPolicy.ts';
import type { Certificate as _chester_v1_Certificate, Certificate__Output as _chester_v1_Certificate__Output } from '../../chester/v1/Certificate.ts';
import type { ClientCertificate as _chester_v1_ClientCertificate, ClientCertificate__Output as _chester_v1_ClientCertificate__Output } from '../../chester/v1/ClientCertificate.ts';
import type { Row as _chester_v1_Row, Row__Output as _chester_v1_Row__Output } from '../../chester/v1/Row.ts';
import type { RuleIds as _chester_v1_RuleIds, RuleIds__Output as _chester_v1_RuleIds__Output } from '../../chester/v1/RuleIds.ts';

export interface Snapshot {
  'group'?: (string);
  'writerHostgroup'?: (number);
  'readerHostgroup'?: (number);
  'servers'?: (_chester_v1_Server)[];
  'leaving'?: (_chester_v1_LeavingServer)[];
  'policy'?: (_chester_v1_GroupPolicy | null);
  'certificates'?: (_chester_v1_Certificate)[];
  'clientCertificate'?: (_chester_v1_ClientCertificate | null);
  'hostgroupAttributes'?: (_chester_v1_Row)[];
  'users'?: (_chester_v1_Row)[];
  'ruleIds'?: (_chester_v1_RuleIds | null);
  'queryRules'?: (_chester_v1_Row)[];
}

export interface Snapshot__Output {
  'group': (string);
  'writerHostgroup': (number);
  'readerHostgroup': (number);
  'servers': (_chester_v1_Server__Output)[];
  'leaving': (_chester_v1_LeavingServer__Output)[];
  'policy': (_chester_v1_GroupPolicy__Output | null);
  'certificates': (_chester_v1_Certificate__Output)[];
  'clientCertificate': (_chester_v1_ClientCertificate__Output | null);
  'hostgroupAttributes': (_chester_v1_Row__Output)[];
  'users': (_chester_v1_Row__Output)[];
  'ruleIds': (_chester_v1_RuleIds__Output | null);
  'queryRules': (_chester_v1_Row__Output)[];
}
