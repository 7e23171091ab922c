// Original file: proto/chester/v1/admin.proto

import type { LiveInstance as _chester_v1_LiveInstance, LiveInstance__Output as _chester_v1_LiveInstance__Output } from '../../chester/v1/LiveInstance.ts';

export interface GroupServer {
  'instance'?: (string);
  'hostname'?: (string);
  'port'?: (number);
  'role'?: (string);
  'kind'?: (string);
  'state'?: (string);
  'reason'?: (string);
  'live'?: (_chester_v1_LiveInstance | null);
}

export interface GroupServer__Output {
  'instance': (string);
  'hostname': (string);
  'port': (number);
  'role': (string);
  'kind': (string);
  'state': (string);
  'reason': (string);
  'live': (_chester_v1_LiveInstance__Output | null);
}
