// Original file: proto/chester/v1/admin.proto

import type { Fleet as _chester_v1_Fleet, Fleet__Output as _chester_v1_Fleet__Output } from '../../chester/v1/Fleet.ts';

export interface ListFleetsResponse {
  'fleets'?: (_chester_v1_Fleet)[];
  'nextPageToken'?: (string);
}

export interface ListFleetsResponse__Output {
  'fleets': (_chester_v1_Fleet__Output)[];
  'nextPageToken': (string);
}
