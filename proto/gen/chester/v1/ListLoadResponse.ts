// Original file: proto/chester/v1/admin.proto

import type { LoadOfServer as _chester_v1_LoadOfServer, LoadOfServer__Output as _chester_v1_LoadOfServer__Output } from '../../chester/v1/LoadOfServer.ts';

export interface ListLoadResponse {
  'servers'?: (_chester_v1_LoadOfServer)[];
  'nextPageToken'?: (string);
  'proxies'?: (number);
}

export interface ListLoadResponse__Output {
  'servers': (_chester_v1_LoadOfServer__Output)[];
  'nextPageToken': (string);
  'proxies': (number);
}
