// Original file: proto/chester/v1/admin.proto

import type { Long } from '@grpc/proto-loader';

export interface DeleteQueryRuleRequest {
  'group'?: (string);
  'ruleId'?: (number);
  'expectedVersion'?: (number | string | Long);
}

export interface DeleteQueryRuleRequest__Output {
  'group': (string);
  'ruleId': (number);
  'expectedVersion': (number);
}
