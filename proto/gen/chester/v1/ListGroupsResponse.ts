// Original file: proto/chester/v1/admin.proto

import type { Group as _chester_v1_Group, Group__Output as _chester_v1_Group__Output } from '../../chester/v1/Group.ts';

export interface ListGroupsResponse {
  'groups'?: (_chester_v1_Group)[];
  'nextPageToken'?: (string);
}

export interface ListGroupsResponse__Output {
  'groups': (_chester_v1_Group__Output)[];
  'nextPageToken': (string);
}
