// Original file: proto/chester/v1/admin.proto

import type { RowChange as _chester_v1_RowChange, RowChange__Output as _chester_v1_RowChange__Output } from '../../chester/v1/RowChange.ts';
import type { FieldChange as _chester_v1_FieldChange, FieldChange__Output as _chester_v1_FieldChange__Output } from '../../chester/v1/FieldChange.ts';
import type { CloudPlan as _chester_v1_CloudPlan, CloudPlan__Output as _chester_v1_CloudPlan__Output } from '../../chester/v1/CloudPlan.ts';
import type { Long } from '@grpc/proto-loader';

export interface GroupPlan {
  'name'?: (string);
  'change'?: (string);
  'version'?: (number | string | Long);
  'rows'?: (_chester_v1_RowChange)[];
  'fields'?: (_chester_v1_FieldChange)[];
  'cloud'?: (_chester_v1_CloudPlan | null);
  'notes'?: (string)[];
}

export interface GroupPlan__Output {
  'name': (string);
  'change': (string);
  'version': (number);
  'rows': (_chester_v1_RowChange__Output)[];
  'fields': (_chester_v1_FieldChange__Output)[];
  'cloud': (_chester_v1_CloudPlan__Output | null);
  'notes': (string)[];
}
