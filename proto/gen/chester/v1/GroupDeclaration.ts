// Original file: proto/chester/v1/admin.proto

import type { GroupSpec as _chester_v1_GroupSpec, GroupSpec__Output as _chester_v1_GroupSpec__Output } from '../../chester/v1/GroupSpec.ts';
import type { Long } from '@grpc/proto-loader';

export interface GroupDeclaration {
  'spec'?: (_chester_v1_GroupSpec | null);
  'expectedVersion'?: (number | string | Long);
  '_expectedVersion'?: "expectedVersion";
}

export interface GroupDeclaration__Output {
  'spec': (_chester_v1_GroupSpec__Output | null);
  'expectedVersion'?: (number);
  '_expectedVersion'?: "expectedVersion";
}
