// Original file: proto/chester/v1/admin.proto

import type { DryRunDecision as _chester_v1_DryRunDecision, DryRunDecision__Output as _chester_v1_DryRunDecision__Output } from '../../chester/v1/DryRunDecision.ts';
import type { ScalingInputs as _chester_v1_ScalingInputs, ScalingInputs__Output as _chester_v1_ScalingInputs__Output } from '../../chester/v1/ScalingInputs.ts';
import type { Long } from '@grpc/proto-loader';

export interface ScalingDecision {
  'desired'?: (number);
  'reason'?: (string);
  'meaning'?: (string);
  'incidentId'?: (string);
  'untilMs'?: (number | string | Long);
  'atMs'?: (number | string | Long);
  'would'?: (_chester_v1_DryRunDecision | null);
  'inputs'?: (_chester_v1_ScalingInputs | null);
}

export interface ScalingDecision__Output {
  'desired': (number);
  'reason': (string);
  'meaning': (string);
  'incidentId': (string);
  'untilMs': (number);
  'atMs': (number);
  'would': (_chester_v1_DryRunDecision__Output | null);
  'inputs': (_chester_v1_ScalingInputs__Output | null);
}
