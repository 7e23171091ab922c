// Original file: proto/chester/v1/admin.proto

import type { QueryRuleSpec as _chester_v1_QueryRuleSpec, QueryRuleSpec__Output as _chester_v1_QueryRuleSpec__Output } from '../../chester/v1/QueryRuleSpec.ts';
import type { Long } from '@grpc/proto-loader';

export interface AddQueryRuleRequest {
  'group'?: (string);
  'rule'?: (_chester_v1_QueryRuleSpec | null);
  'beforeRuleId'?: (number);
  'expectedVersion'?: (number | string | Long);
}

export interface AddQueryRuleRequest__Output {
  'group': (string);
  'rule': (_chester_v1_QueryRuleSpec__Output | null);
  'beforeRuleId': (number);
  'expectedVersion': (number);
}
