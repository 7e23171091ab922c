// Original file: proto/chester/v1/admin.proto

import type { Long } from '@grpc/proto-loader';

export interface StoredSecret {
  'name'?: (string);
  'keyId'?: (string);
  'resource'?: (string);
  'changedAtMs'?: (number | string | Long);
}

export interface StoredSecret__Output {
  'name': (string);
  'keyId': (string);
  'resource': (string);
  'changedAtMs': (number);
}
