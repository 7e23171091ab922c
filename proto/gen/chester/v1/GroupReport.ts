// Original file: proto/chester/v1/agent.proto

import type { RemovingServer as _chester_v1_RemovingServer, RemovingServer__Output as _chester_v1_RemovingServer__Output } from '../../chester/v1/RemovingServer.ts';
import type { AbsentServer as _chester_v1_AbsentServer, AbsentServer__Output as _chester_v1_AbsentServer__Output } from '../../chester/v1/AbsentServer.ts';
import type { Address as _chester_v1_Address, Address__Output as _chester_v1_Address__Output } from '../../chester/v1/Address.ts';
import type { Long } from '@grpc/proto-loader';

export interface GroupReport {
  'group'?: (string);
  'revision'?: (number | string | Long);
  'removing'?: (_chester_v1_RemovingServer)[];
  'absent'?: (_chester_v1_AbsentServer)[];
  'unmanaged'?: (_chester_v1_Address)[];
}

export interface GroupReport__Output {
  'group': (string);
  'revision': (number);
  'removing': (_chester_v1_RemovingServer__Output)[];
  'absent': (_chester_v1_AbsentServer__Output)[];
  'unmanaged': (_chester_v1_Address__Output)[];
}
