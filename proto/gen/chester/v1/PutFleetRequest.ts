// Original file: proto/chester/v1/admin.proto

import type { Fleet as _chester_v1_Fleet, Fleet__Output as _chester_v1_Fleet__Output } from '../../chester/v1/Fleet.ts';

export interface PutFleetRequest {
  'fleet'?: (_chester_v1_Fleet | null);
}

export interface PutFleetRequest__Output {
  'fleet': (_chester_v1_Fleet__Output | null);
}
