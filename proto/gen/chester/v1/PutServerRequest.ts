// Original file: proto/chester/v1/admin.proto

import type { StaticServer as _chester_v1_StaticServer, StaticServer__Output as _chester_v1_StaticServer__Output } from '../../chester/v1/StaticServer.ts';
import type { Long } from '@grpc/proto-loader';

export interface PutServerRequest {
  'group'?: (string);
  'server'?: (_chester_v1_StaticServer | null);
  'expectedVersion'?: (number | string | Long);
}

export interface PutServerRequest__Output {
  'group': (string);
  'server': (_chester_v1_StaticServer__Output | null);
  'expectedVersion': (number);
}
