// Original file: proto/chester/v1/admin.proto

import type { Agent as _chester_v1_Agent, Agent__Output as _chester_v1_Agent__Output } from '../../chester/v1/Agent.ts';

export interface ListAgentsResponse {
  'agents'?: (_chester_v1_Agent)[];
  'nextPageToken'?: (string);
}

export interface ListAgentsResponse__Output {
  'agents': (_chester_v1_Agent__Output)[];
  'nextPageToken': (string);
}
