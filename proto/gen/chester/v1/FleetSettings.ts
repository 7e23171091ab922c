// Original file: proto/chester/v1/snapshot.proto

import type { Column as _chester_v1_Column, Column__Output as _chester_v1_Column__Output } from '../../chester/v1/Column.ts';

export interface FleetSettings {
  'variables'?: (_chester_v1_Column)[];
}

export interface FleetSettings__Output {
  'variables': (_chester_v1_Column__Output)[];
}
