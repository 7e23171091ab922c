// Original file: proto/chester/v1/admin.proto

import type { ScalingPolicy as _chester_v1_ScalingPolicy, ScalingPolicy__Output as _chester_v1_ScalingPolicy__Output } from '../../chester/v1/ScalingPolicy.ts';
import type { Long } from '@grpc/proto-loader';

export interface Policy {
  'group'?: (string);
  'policy'?: (_chester_v1_ScalingPolicy | null);
  'version'?: (number | string | Long);
}

export interface Policy__Output {
  'group': (string);
  'policy': (_chester_v1_ScalingPolicy__Output | null);
  'version': (number);
}
