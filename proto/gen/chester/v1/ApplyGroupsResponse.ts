// Original file: proto/chester/v1/admin.proto

import type { AppliedGroup as _chester_v1_AppliedGroup, AppliedGroup__Output as _chester_v1_AppliedGroup__Output } from '../../chester/v1/AppliedGroup.ts';

export interface ApplyGroupsResponse {
  'groups'?: (_chester_v1_AppliedGroup)[];
  'fleets'?: (string)[];
}

export interface ApplyGroupsResponse__Output {
  'groups': (_chester_v1_AppliedGroup__Output)[];
  'fleets': (string)[];
}
