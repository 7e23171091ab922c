// Original file: proto/chester/v1/snapshot.proto

import type { Long } from '@grpc/proto-loader';

export interface LeavingServer {
  'hostname'?: (string);
  'port'?: (number);
  'sinceRevision'?: (number | string | Long);
}

export interface LeavingServer__Output {
  'hostname': (string);
  'port': (number);
  'sinceRevision': (number);
}
