// Original file: proto/chester/v1/admin.proto

import type { Long } from '@grpc/proto-loader';

export interface Event {
  'sequence'?: (number | string | Long);
  'atMs'?: (number | string | Long);
  'group'?: (string);
  'kind'?: (string);
  'subject'?: (string);
  'reason'?: (string);
  'message'?: (string);
}

export interface Event__Output {
  'sequence': (number);
  'atMs': (number);
  'group': (string);
  'kind': (string);
  'subject': (string);
  'reason': (string);
  'message': (string);
}
