// Original file: proto/chester/v1/admin.proto

import type { StaticServer as _chester_v1_StaticServer, StaticServer__Output as _chester_v1_StaticServer__Output } from '../../chester/v1/StaticServer.ts';
import type { ServerDefaults as _chester_v1_ServerDefaults, ServerDefaults__Output as _chester_v1_ServerDefaults__Output } from '../../chester/v1/ServerDefaults.ts';
import type { ScalingPolicy as _chester_v1_ScalingPolicy, ScalingPolicy__Output as _chester_v1_ScalingPolicy__Output } from '../../chester/v1/ScalingPolicy.ts';
import type { Gate as _chester_v1_Gate, Gate__Output as _chester_v1_Gate__Output } from '../../chester/v1/Gate.ts';
import type { ReplicaTemplate as _chester_v1_ReplicaTemplate, ReplicaTemplate__Output as _chester_v1_ReplicaTemplate__Output } from '../../chester/v1/ReplicaTemplate.ts';
import type { AgentsSpec as _chester_v1_AgentsSpec, AgentsSpec__Output as _chester_v1_AgentsSpec__Output } from '../../chester/v1/AgentsSpec.ts';
import type { HostgroupAttributesSpecs as _chester_v1_HostgroupAttributesSpecs, HostgroupAttributesSpecs__Output as _chester_v1_HostgroupAttributesSpecs__Output } from '../../chester/v1/HostgroupAttributesSpecs.ts';
import type { UserSpec as _chester_v1_UserSpec, UserSpec__Output as _chester_v1_UserSpec__Output } from '../../chester/v1/UserSpec.ts';
import type { RuleIdRange as _chester_v1_RuleIdRange, RuleIdRange__Output as _chester_v1_RuleIdRange__Output } from '../../chester/v1/RuleIdRange.ts';
import type { QueryRuleSpec as _chester_v1_QueryRuleSpec, QueryRuleSpec__Output as _chester_v1_QueryRuleSpec__Output } from '../../chester/v1/QueryRuleSpec.ts';
import type { Deadlines as _chester_v1_Deadlines, Deadlines__Output as _chester_v1_Deadlines__Output } from '../../chester/v1/Deadlines.ts';

export interface GroupSpec {
  'name'?: (string);
  'fleet'?: (string);
  'project'?: (string);
  'primary'?: (string);
  'port'?: (number);
  'writerHostgroup'?: (number);
  'readerHostgroup'?: (number);
  'staticReaders'?: (_chester_v1_StaticServer)[];
  'serverDefaults'?: (_chester_v1_ServerDefaults | null);
  'policy'?: (_chester_v1_ScalingPolicy | null);
  'gate'?: (_chester_v1_Gate | null);
  'template'?: (_chester_v1_ReplicaTemplate | null);
  'writerFallbackConnections'?: (number);
  'agents'?: (_chester_v1_AgentsSpec | null);
  'hostgroupAttributes'?: (_chester_v1_HostgroupAttributesSpecs | null);
  'users'?: (_chester_v1_UserSpec)[];
  'ruleIds'?: (_chester_v1_RuleIdRange | null);
  'queryRules'?: (_chester_v1_QueryRuleSpec)[];
  'clientCertificateSecret'?: (string);
  'clientKeySecret'?: (string);
  'deadlines'?: (_chester_v1_Deadlines | null);
  '_port'?: "port";
  '_writerHostgroup'?: "writerHostgroup";
  '_readerHostgroup'?: "readerHostgroup";
  '_writerFallbackConnections'?: "writerFallbackConnections";
}

export interface GroupSpec__Output {
  'name': (string);
  'fleet': (string);
  'project': (string);
  'primary': (string);
  'port'?: (number);
  'writerHostgroup'?: (number);
  'readerHostgroup'?: (number);
  'staticReaders': (_chester_v1_StaticServer__Output)[];
  'serverDefaults': (_chester_v1_ServerDefaults__Output | null);
  'policy': (_chester_v1_ScalingPolicy__Output | null);
  'gate': (_chester_v1_Gate__Output | null);
  'template': (_chester_v1_ReplicaTemplate__Output | null);
  'writerFallbackConnections'?: (number);
  'agents': (_chester_v1_AgentsSpec__Output | null);
  'hostgroupAttributes': (_chester_v1_HostgroupAttributesSpecs__Output | null);
  'users': (_chester_v1_UserSpec__Output)[];
  'ruleIds': (_chester_v1_RuleIdRange__Output | null);
  'queryRules': (_chester_v1_QueryRuleSpec__Output)[];
  'clientCertificateSecret': (string);
  'clientKeySecret': (string);
  'deadlines': (_chester_v1_Deadlines__Output | null);
  '_port'?: "port";
  '_writerHostgroup'?: "writerHostgroup";
  '_readerHostgroup'?: "readerHostgroup";
  '_writerFallbackConnections'?: "writerFallbackConnections";
}
