// Original file: proto/chester/v1/admin.proto

import type { Long } from '@grpc/proto-loader';

export interface DeleteUserRequest {
  'group'?: (string);
  'username'?: (string);
  'expectedVersion'?: (number | string | Long);
}

export interface DeleteUserRequest__Output {
  'group': (string);
  'username': (string);
  'expectedVersion': (number);
}
