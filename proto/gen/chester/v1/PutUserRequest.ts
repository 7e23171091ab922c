// Original file: proto/chester/v1/admin.proto

import type { UserSpec as _chester_v1_UserSpec, UserSpec__Output as _chester_v1_UserSpec__Output } from '../../chester/v1/UserSpec.ts';
import type { Long } from '@grpc/proto-loader';

export interface PutUserRequest {
  'group'?: (string);
  'user'?: (_chester_v1_UserSpec | null);
  'expectedVersion'?: (number | string | Long);
}

export interface PutUserRequest__Output {
  'group': (string);
  'user': (_chester_v1_UserSpec__Output | null);
  'expectedVersion': (number);
}
