// Original file: proto/chester/v1/admin.proto

import type { Long } from '@grpc/proto-loader';

export interface DeleteServerRequest {
  'group'?: (string);
  'server'?: (string);
  'expectedVersion'?: (number | string | Long);
}

export interface DeleteServerRequest__Output {
  'group': (string);
  'server': (string);
  'expectedVersion': (number);
}
