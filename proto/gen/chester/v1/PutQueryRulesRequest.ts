// Original file: proto/chester/v1/admin.proto

import type { QueryRuleSpec as _chester_v1_QueryRuleSpec, QueryRuleSpec__Output as _chester_v1_QueryRuleSpec__Output } from '../../chester/v1/QueryRuleSpec.ts';
import type { RuleIdRange as _chester_v1_RuleIdRange, RuleIdRange__Output as _chester_v1_RuleIdRange__Output } from '../../chester/v1/RuleIdRange.ts';
import type { Long } from '@grpc/proto-loader';

export interface PutQueryRulesRequest {
  'group'?: (string);
  'queryRules'?: (_chester_v1_QueryRuleSpec)[];
  'ruleIds'?: (_chester_v1_RuleIdRange | null);
  'expectedVersion'?: (number | string | Long);
}

export interface PutQueryRulesRequest__Output {
  'group': (string);
  'queryRules': (_chester_v1_QueryRuleSpec__Output)[];
  'ruleIds': (_chester_v1_RuleIdRange__Output | null);
  'expectedVersion': (number);
}
