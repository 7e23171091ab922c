// Original file: proto/chester/v1/admin.proto

import type { Long } from '@grpc/proto-loader';

export interface ScalingOrder {
  'owner'?: (string);
  'reason'?: (string);
  'sinceMs'?: (number | string | Long);
  'untilMs'?: (number | string | Long);
}

export interface ScalingOrder__Output {
  'owner': (string);
  'reason': (string);
  'sinceMs': (number);
  'untilMs': (number);
}
