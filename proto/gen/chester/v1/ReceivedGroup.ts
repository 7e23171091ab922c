// Original file: proto/chester/v1/agent.proto

import type { Long } from '@grpc/proto-loader';

export interface ReceivedGroup {
  'group'?: (string);
  'revision'?: (number | string | Long);
}

export interface ReceivedGroup__Output {
  'group': (string);
  'revision': (number);
}
