// Original file: proto/chester/v1/admin.proto

import type { Long } from '@grpc/proto-loader';

export interface DiffSnapshotsRequest {
  'group'?: (string);
  'fromRevision'?: (number | string | Long);
  'toRevision'?: (number | string | Long);
}

export interface DiffSnapshotsRequest__Output {
  'group': (string);
  'fromRevision': (number);
  'toRevision': (number);
}
