// Original file: proto/chester/v1/admin.proto

import type { Long } from '@grpc/proto-loader';

export interface RollbackRequest {
  'group'?: (string);
  'revision'?: (number | string | Long);
  'version'?: (number | string | Long);
  'expectedVersion'?: (number | string | Long);
  'owner'?: (string);
  'reason'?: (string);
}

export interface RollbackRequest__Output {
  'group': (string);
  'revision': (number);
  'version': (number);
  'expectedVersion': (number);
  'owner': (string);
  'reason': (string);
}
