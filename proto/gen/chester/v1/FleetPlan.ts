// Original file: proto/chester/v1/admin.proto

import type { RowChange as _chester_v1_RowChange, RowChange__Output as _chester_v1_RowChange__Output } from '../../chester/v1/RowChange.ts';

export interface FleetPlan {
  'name'?: (string);
  'change'?: (string);
  'rows'?: (_chester_v1_RowChange)[];
}

export interface FleetPlan__Output {
  'name': (string);
  'change': (string);
  'rows': (_chester_v1_RowChange__Output)[];
}
