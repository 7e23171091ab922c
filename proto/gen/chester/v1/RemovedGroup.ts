// Original file: proto/chester/v1/snapshot.proto

import type { LeavingServer as _chester_v1_LeavingServer, LeavingServer__Output as _chester_v1_LeavingServer__Output } from '../../chester/v1/LeavingServer.ts';

export interface RemovedGroup {
  'writerHostgroup'?: (number);
  'readerHostgroup'?: (number);
  'leaving'?: (_chester_v1_LeavingServer)[];
}

export interface RemovedGroup__Output {
  'writerHostgroup': (number);
  'readerHostgroup': (number);
  'leaving': (_chester_v1_LeavingServer__Output)[];
}
