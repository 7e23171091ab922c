// Original file: proto/chester/v1/admin.proto

import type { ScalingOrder as _chester_v1_ScalingOrder, ScalingOrder__Output as _chester_v1_ScalingOrder__Output } from '../../chester/v1/ScalingOrder.ts';

export interface ScaleOverride {
  'replicas'?: (number);
  'order'?: (_chester_v1_ScalingOrder | null);
}

export interface ScaleOverride__Output {
  'replicas': (number);
  'order': (_chester_v1_ScalingOrder__Output | null);
}
