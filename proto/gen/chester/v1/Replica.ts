// Original file: proto/chester/v1/admin.proto

import type { Long } from '@grpc/proto-loader';

export interface Replica {
  'name'?: (string);
  'state'?: (string);
  'address'?: (string);
  'reason'?: (string);
  'sinceMs'?: (number | string | Long);
  'outstandingVoters'?: (string)[];
}

export interface Replica__Output {
  'name': (string);
  'state': (string);
  'address': (string);
  'reason': (string);
  'sinceMs': (number);
  'outstandingVoters': (string)[];
}
