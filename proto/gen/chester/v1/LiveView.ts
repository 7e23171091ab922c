// Original file: proto/chester/v1/admin.proto

import type { LiveInstance as _chester_v1_LiveInstance, LiveInstance__Output as _chester_v1_LiveInstance__Output } from '../../chester/v1/LiveInstance.ts';
import type { Long } from '@grpc/proto-loader';

export interface LiveView {
  'ageMs'?: (number | string | Long);
  'problem'?: (string);
  'instances'?: (_chester_v1_LiveInstance)[];
  '_ageMs'?: "ageMs";
}

export interface LiveView__Output {
  'ageMs'?: (number);
  'problem': (string);
  'instances': (_chester_v1_LiveInstance__Output)[];
  '_ageMs'?: "ageMs";
}
