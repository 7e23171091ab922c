// Original file: proto/chester/v1/admin.proto

import type { SetAsideMessage as _chester_v1_SetAsideMessage, SetAsideMessage__Output as _chester_v1_SetAsideMessage__Output } from '../../chester/v1/SetAsideMessage.ts';

export interface ListSetAsideResponse {
  'setAside'?: (_chester_v1_SetAsideMessage)[];
  'nextPageToken'?: (string);
}

export interface ListSetAsideResponse__Output {
  'setAside': (_chester_v1_SetAsideMessage__Output)[];
  'nextPageToken': (string);
}
