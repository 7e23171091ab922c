// Original file: proto/chester/v1/admin.proto

import type { UserSpec as _chester_v1_UserSpec, UserSpec__Output as _chester_v1_UserSpec__Output } from '../../chester/v1/UserSpec.ts';
import type { Long } from '@grpc/proto-loader';

export interface ListUsersResponse {
  'users'?: (_chester_v1_UserSpec)[];
  'nextPageToken'?: (string);
  'version'?: (number | string | Long);
}

export interface ListUsersResponse__Output {
  'users': (_chester_v1_UserSpec__Output)[];
  'nextPageToken': (string);
  'version': (number);
}
