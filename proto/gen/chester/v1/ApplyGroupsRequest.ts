// Original file: proto/chester/v1/admin.proto

import type { Fleet as _chester_v1_Fleet, Fleet__Output as _chester_v1_Fleet__Output } from '../../chester/v1/Fleet.ts';
import type { GroupDeclaration as _chester_v1_GroupDeclaration, GroupDeclaration__Output as _chester_v1_GroupDeclaration__Output } from '../../chester/v1/GroupDeclaration.ts';

export interface ApplyGroupsRequest {
  'fleets'?: (_chester_v1_Fleet)[];
  'groups'?: (_chester_v1_GroupDeclaration)[];
  'owner'?: (string);
  'reason'?: (string);
}

export interface ApplyGroupsRequest__Output {
  'fleets': (_chester_v1_Fleet__Output)[];
  'groups': (_chester_v1_GroupDeclaration__Output)[];
  'owner': (string);
  'reason': (string);
}
