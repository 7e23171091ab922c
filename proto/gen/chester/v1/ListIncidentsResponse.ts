// Original file: proto/chester/v1/admin.proto

import type { Incident as _chester_v1_Incident, Incident__Output as _chester_v1_Incident__Output } from '../../chester/v1/Incident.ts';
import type { SetAsideMessage as _chester_v1_SetAsideMessage, SetAsideMessage__Output as _chester_v1_SetAsideMessage__Output } from '../../chester/v1/SetAsideMessage.ts';

export interface ListIncidentsResponse {
  'incidents'?: (_chester_v1_Incident)[];
  'setAside'?: (_chester_v1_SetAsideMessage)[];
  'nextPageToken'?: (string);
}

export interface ListIncidentsResponse__Output {
  'incidents': (_chester_v1_Incident__Output)[];
  'setAside': (_chester_v1_SetAsideMessage__Output)[];
  'nextPageToken': (string);
}
