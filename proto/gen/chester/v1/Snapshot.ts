// Original file: proto/chester/v1/snapshot.proto

import type { Server as _chester_v1_Server, Server__Output as _chester_v1_Server__Output } from '../../chester/v1/Server.ts';
import type { LeavingServer as _chester_v1_LeavingServer, LeavingServer__Output as _chester_v1_LeavingServer__Output } from '../../chester/v1/LeavingServer.ts';

export interface Snapshot {
  'group'?: (string);
  'writerHostgroup'?: (number);
  'readerHostgroup'?: (number);
  'servers'?: (_chester_v1_Server)[];
  'leaving'?: (_chester_v1_LeavingServer)[];
}

export interface Snapshot__Output {
  'group': (string);
  'writerHostgroup': (number);
  'readerHostgroup': (number);
  'servers': (_chester_v1_Server__Output)[];
  'leaving': (_chester_v1_LeavingServer__Output)[];
}
