// Original file: proto/chester/v1/admin.proto

import type { Long } from '@grpc/proto-loader';

export interface Nack {
  'code'?: (string);
  'message'?: (string);
  'state'?: (string);
  'atMs'?: (number | string | Long);
}

export interface Nack__Output {
  'code': (string);
  'message': (string);
  'state': (string);
  'atMs': (number);
}
