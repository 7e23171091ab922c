// Original file: proto/chester/v1/admin.proto

import type { FieldChange as _chester_v1_FieldChange, FieldChange__Output as _chester_v1_FieldChange__Output } from '../../chester/v1/FieldChange.ts';

export interface RowChange {
  'table'?: (string);
  'change'?: (string);
  'key'?: (string);
  'columns'?: (_chester_v1_FieldChange)[];
}

export interface RowChange__Output {
  'table': (string);
  'change': (string);
  'key': (string);
  'columns': (_chester_v1_FieldChange__Output)[];
}
