// Original file: proto/chester/v1/admin.proto

import type { Long } from '@grpc/proto-loader';

export interface ServerCordon {
  'server'?: (string);
  'owner'?: (string);
  'reason'?: (string);
  'sinceMs'?: (number | string | Long);
  'untilMs'?: (number | string | Long);
}

export interface ServerCordon__Output {
  'server': (string);
  'owner': (string);
  'reason': (string);
  'sinceMs': (number);
  'untilMs': (number);
}
