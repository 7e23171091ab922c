// Original file: proto/chester/v1/snapshot.proto

import type { SlowStart as _chester_v1_SlowStart, SlowStart__Output as _chester_v1_SlowStart__Output } from '../../chester/v1/SlowStart.ts';

export interface GroupPolicy {
  'writerFallbackConnections'?: (number);
  'slowStart'?: (_chester_v1_SlowStart | null);
  'adoptExisting'?: (boolean);
  'endPinnedAfterSeconds'?: (number);
  'cordonSeconds'?: (number);
  'shadow'?: (boolean);
}

export interface GroupPolicy__Output {
  'writerFallbackConnections': (number);
  'slowStart': (_chester_v1_SlowStart__Output | null);
  'adoptExisting': (boolean);
  'endPinnedAfterSeconds': (number);
  'cordonSeconds': (number);
  'shadow': (boolean);
}
