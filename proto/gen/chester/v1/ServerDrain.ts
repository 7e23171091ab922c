// Original file: proto/chester/v1/admin.proto

import type { Long } from '@grpc/proto-loader';

export interface ServerDrain {
  'server'?: (string);
  'owner'?: (string);
  'reason'?: (string);
  'sinceMs'?: (number | string | Long);
}

export interface ServerDrain__Output {
  'server': (string);
  'owner': (string);
  'reason': (string);
  'sinceMs': (number);
}
