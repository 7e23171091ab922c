// Original file: proto/chester/v1/admin.proto

import type { Long } from '@grpc/proto-loader';

export interface AgentGroup {
  'group'?: (string);
  'revision'?: (number | string | Long);
  'state'?: (string);
  'errorCode'?: (string);
  'errorMessage'?: (string);
}

export interface AgentGroup__Output {
  'group': (string);
  'revision': (number);
  'state': (string);
  'errorCode': (string);
  'errorMessage': (string);
}
