// Original file: proto/chester/v1/admin.proto

import type { GroupServer as _chester_v1_GroupServer, GroupServer__Output as _chester_v1_GroupServer__Output } from '../../chester/v1/GroupServer.ts';
import type { LiveView as _chester_v1_LiveView, LiveView__Output as _chester_v1_LiveView__Output } from '../../chester/v1/LiveView.ts';

export interface ListServersResponse {
  'servers'?: (_chester_v1_GroupServer)[];
  'nextPageToken'?: (string);
  'live'?: (_chester_v1_LiveView | null);
}

export interface ListServersResponse__Output {
  'servers': (_chester_v1_GroupServer__Output)[];
  'nextPageToken': (string);
  'live': (_chester_v1_LiveView__Output | null);
}
