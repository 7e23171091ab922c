// Original file: proto/chester/v1/admin.proto

import type { RowChange as _chester_v1_RowChange, RowChange__Output as _chester_v1_RowChange__Output } from '../../chester/v1/RowChange.ts';
import type { FieldChange as _chester_v1_FieldChange, FieldChange__Output as _chester_v1_FieldChange__Output } from '../../chester/v1/FieldChange.ts';
import type { Long } from '@grpc/proto-loader';

export interface DiffSnapshotsResponse {
  'rows'?: (_chester_v1_RowChange)[];
  'fields'?: (_chester_v1_FieldChange)[];
  'toRevision'?: (number | string | Long);
}

export interface DiffSnapshotsResponse__Output {
  'rows': (_chester_v1_RowChange__Output)[];
  'fields': (_chester_v1_FieldChange__Output)[];
  'toRevision': (number);
}
