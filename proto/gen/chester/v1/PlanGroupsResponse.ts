// Original file: proto/chester/v1/admin.proto

import type { FleetPlan as _chester_v1_FleetPlan, FleetPlan__Output as _chester_v1_FleetPlan__Output } from '../../chester/v1/FleetPlan.ts';
import type { GroupPlan as _chester_v1_GroupPlan, GroupPlan__Output as _chester_v1_GroupPlan__Output } from '../../chester/v1/GroupPlan.ts';

export interface PlanGroupsResponse {
  'fleets'?: (_chester_v1_FleetPlan)[];
  'groups'?: (_chester_v1_GroupPlan)[];
}

export interface PlanGroupsResponse__Output {
  'fleets': (_chester_v1_FleetPlan__Output)[];
  'groups': (_chester_v1_GroupPlan__Output)[];
}
