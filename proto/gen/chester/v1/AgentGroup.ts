// Original file: proto/chester/v1/admin.proto

import type { RemovingServer as _chester_v1_RemovingServer, RemovingServer__Output as _chester_v1_RemovingServer__Output } from '../../chester/v1/RemovingServer.ts';
import type { WarmingServer as _chester_v1_WarmingServer, WarmingServer__Output as _chester_v1_WarmingServer__Output } from '../../chester/v1/WarmingServer.ts';
import type { CordonedServer as _chester_v1_CordonedServer, CordonedServer__Output as _chester_v1_CordonedServer__Output } from '../../chester/v1/CordonedServer.ts';
import type { Address as _chester_v1_Address, Address__Output as _chester_v1_Address__Output } from '../../chester/v1/Address.ts';
import type { Nack as _chester_v1_Nack, Nack__Output as _chester_v1_Nack__Output } from '../../chester/v1/Nack.ts';
import type { Long } from '@grpc/proto-loader';

export interface AgentGroup {
  'group'?: (string);
  'revision'?: (number | string | Long);
  'state'?: (string);
  'errorCode'?: (string);
  'errorMessage'?: (string);
  'removing'?: (_chester_v1_RemovingServer)[];
  'warming'?: (_chester_v1_WarmingServer)[];
  'cordoned'?: (_chester_v1_CordonedServer)[];
  'writerFallback'?: (boolean);
  'unmanaged'?: (_chester_v1_Address)[];
  'lastNack'?: (_chester_v1_Nack | null);
}

export interface AgentGroup__Output {
  'group': (string);
  'revision': (number);
  'state': (string);
  'errorCode': (string);
  'errorMessage': (string);
  'removing': (_chester_v1_RemovingServer__Output)[];
  'warming': (_chester_v1_WarmingServer__Output)[];
  'cordoned': (_chester_v1_CordonedServer__Output)[];
  'writerFallback': (boolean);
  'unmanaged': (_chester_v1_Address__Output)[];
  'lastNack': (_chester_v1_Nack__Output | null);
}
