// Original file: proto/chester/v1/agent.proto

import type { Long } from '@grpc/proto-loader';

export interface KnownGroup {
  'group'?: (string);
  'revision'?: (number | string | Long);
  'hash'?: (string);
}

export interface KnownGroup__Output {
  'group': (string);
  'revision': (number);
  'hash': (string);
}
