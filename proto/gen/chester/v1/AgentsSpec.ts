// Original file: proto/chester/v1/admin.proto

import type { SlowStartSpec as _chester_v1_SlowStartSpec, SlowStartSpec__Output as _chester_v1_SlowStartSpec__Output } from '../../chester/v1/SlowStartSpec.ts';

export interface AgentsSpec {
  'slowStart'?: (_chester_v1_SlowStartSpec | null);
  'adoptExisting'?: (boolean);
  'endPinnedAfterSeconds'?: (number);
  'cordonSeconds'?: (number);
  'shadow'?: (boolean);
  '_endPinnedAfterSeconds'?: "endPinnedAfterSeconds";
  '_cordonSeconds'?: "cordonSeconds";
}

export interface AgentsSpec__Output {
  'slowStart': (_chester_v1_SlowStartSpec__Output | null);
  'adoptExisting': (boolean);
  'endPinnedAfterSeconds'?: (number);
  'cordonSeconds'?: (number);
  'shadow': (boolean);
  '_endPinnedAfterSeconds'?: "endPinnedAfterSeconds";
  '_cordonSeconds'?: "cordonSeconds";
}
