// Original file: proto/chester/v1/admin.proto

import type { Check as _chester_v1_Check, Check__Output as _chester_v1_Check__Output } from '../../chester/v1/Check.ts';

export interface DiagnoseResponse {
  'checks'?: (_chester_v1_Check)[];
}

export interface DiagnoseResponse__Output {
  'checks': (_chester_v1_Check__Output)[];
}
