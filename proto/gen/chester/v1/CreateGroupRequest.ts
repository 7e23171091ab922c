// Original file: proto/chester/v1/admin.proto

import type { GroupSpec as _chester_v1_GroupSpec, GroupSpec__Output as _chester_v1_GroupSpec__Output } from '../../chester/v1/GroupSpec.ts';

export interface CreateGroupRequest {
  'spec'?: (_chester_v1_GroupSpec | null);
}

export interface CreateGroupRequest__Output {
  'spec': (_chester_v1_GroupSpec__Output | null);
}
