// Original file: proto/chester/v1/admin.proto

import type { Cell as _chester_v1_Cell, Cell__Output as _chester_v1_Cell__Output } from '../../chester/v1/Cell.ts';
import type { Coordinator as _chester_v1_Coordinator, Coordinator__Output as _chester_v1_Coordinator__Output } from '../../chester/v1/Coordinator.ts';

export interface ListCellsResponse {
  'cells'?: (_chester_v1_Cell)[];
  'coordinators'?: (_chester_v1_Coordinator)[];
}

export interface ListCellsResponse__Output {
  'cells': (_chester_v1_Cell__Output)[];
  'coordinators': (_chester_v1_Coordinator__Output)[];
}
