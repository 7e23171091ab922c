// Original file: proto/chester/v1/admin.proto

import type { Long } from '@grpc/proto-loader';

export interface AppliedGroup {
  'name'?: (string);
  'change'?: (string);
  'version'?: (number | string | Long);
}

export interface AppliedGroup__Output {
  'name': (string);
  'change': (string);
  'version': (number);
}
