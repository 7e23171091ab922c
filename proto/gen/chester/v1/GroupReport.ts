// Original file: proto/chester/v1/agent.proto

import type { RemovingServer as _chester_v1_RemovingServer, RemovingServer__Output as _chester_v1_RemovingServer__Output } from '../../chester/v1/RemovingServer.ts';
import type { AbsentServer as _chester_v1_AbsentServer, AbsentServer__Output as _chester_v1_AbsentServer__Output } from '../../chester/v1/AbsentServer.ts';
import type { Address as _chester_v1_Address, Address__Output as _chester_v1_Address__Output } from '../../chester/v1/Address.ts';
import type { WarmingServer as _chester_v1_WarmingServer, WarmingServer__Output as _chester_v1_WarmingServer__Output } from '../../chester/v1/WarmingServer.ts';
import type { CordonedServer as _chester_v1_CordonedServer, CordonedServer__Output as _chester_v1_CordonedServer__Output } from '../../chester/v1/CordonedServer.ts';
import type { Long } from '@grpc/proto-loader';

export interface GroupReport {
  'group'?: (string);
  'revision'?: (number | string | Long);
  'removing'?: (_chester_v1_RemovingServer)[];
  'absent'?: (_chester_v1_AbsentServer)[];
  'unmanaged'?: (_chester_v1_Address)[];
  'warming'?: (_chester_v1_WarmingServer)[];
  'cordoned'?: (_chester_v1_CordonedServer)[];
  'writerFallback'?: (boolean);
}

export interface GroupReport__Output {
  'group': (string);
  'revision': (number);
  'removing': (_chester_v1_RemovingServer__Output)[];
  'absent': (_chester_v1_AbsentServer__Output)[];
  'unmanaged': (_chester_v1_Address__Output)[];
  'warming': (_chester_v1_WarmingServer__Output)[];
  'cordoned': (_chester_v1_CordonedServer__Output)[];
  'writerFallback': (boolean);
}
