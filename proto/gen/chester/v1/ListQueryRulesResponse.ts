// Original file: proto/chester/v1/admin.proto

import type { QueryRule as _chester_v1_QueryRule, QueryRule__Output as _chester_v1_QueryRule__Output } from '../../chester/v1/QueryRule.ts';
import type { RuleIdRange as _chester_v1_RuleIdRange, RuleIdRange__Output as _chester_v1_RuleIdRange__Output } from '../../chester/v1/RuleIdRange.ts';
import type { Long } from '@grpc/proto-loader';

export interface ListQueryRulesResponse {
  'queryRules'?: (_chester_v1_QueryRule)[];
  'nextPageToken'?: (string);
  'version'?: (number | string | Long);
  'ruleIds'?: (_chester_v1_RuleIdRange | null);
}

export interface ListQueryRulesResponse__Output {
  'queryRules': (_chester_v1_QueryRule__Output)[];
  'nextPageToken': (string);
  'version': (number);
  'ruleIds': (_chester_v1_RuleIdRange__Output | null);
}
