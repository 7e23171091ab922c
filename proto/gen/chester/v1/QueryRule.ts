// Original file: proto/chester/v1/admin.proto

import type { QueryRuleSpec as _chester_v1_QueryRuleSpec, QueryRuleSpec__Output as _chester_v1_QueryRuleSpec__Output } from '../../chester/v1/QueryRuleSpec.ts';

export interface QueryRule {
  'ruleId'?: (number);
  'rule'?: (_chester_v1_QueryRuleSpec | null);
}

export interface QueryRule__Output {
  'ruleId': (number);
  'rule': (_chester_v1_QueryRuleSpec__Output | null);
}
