// Original file: proto/chester/v1/snapshot.proto

import type { Column as _chester_v1_Column, Column__Output as _chester_v1_Column__Output } from '../../chester/v1/Column.ts';

export interface Row {
  'columns'?: (_chester_v1_Column)[];
}

export interface Row__Output {
  'columns': (_chester_v1_Column__Output)[];
}
