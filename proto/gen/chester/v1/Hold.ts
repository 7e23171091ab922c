// Original file: proto/chester/v1/admin.proto

import type { Long } from '@grpc/proto-loader';

export interface Hold {
  'subject'?: (string);
  'reason'?: (string);
  'message'?: (string);
  'sinceMs'?: (number | string | Long);
}

export interface Hold__Output {
  'subject': (string);
  'reason': (string);
  'message': (string);
  'sinceMs': (number);
}
