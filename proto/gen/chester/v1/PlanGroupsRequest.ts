// Original file: proto/chester/v1/admin.proto

import type { Fleet as _chester_v1_Fleet, Fleet__Output as _chester_v1_Fleet__Output } from '../../chester/v1/Fleet.ts';
import type { GroupSpec as _chester_v1_GroupSpec, GroupSpec__Output as _chester_v1_GroupSpec__Output } from '../../chester/v1/GroupSpec.ts';

export interface PlanGroupsRequest {
  'fleets'?: (_chester_v1_Fleet)[];
  'groups'?: (_chester_v1_GroupSpec)[];
}

export interface PlanGroupsRequest__Output {
  'fleets': (_chester_v1_Fleet__Output)[];
  'groups': (_chester_v1_GroupSpec__Output)[];
}
