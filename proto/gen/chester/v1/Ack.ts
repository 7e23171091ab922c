// Original file: proto/chester/v1/agent.proto

import type { AckStatus as _chester_v1_AckStatus, AckStatus__Output as _chester_v1_AckStatus__Output } from '../../chester/v1/AckStatus.ts';
import type { RemovingServer as _chester_v1_RemovingServer, RemovingServer__Output as _chester_v1_RemovingServer__Output } from '../../chester/v1/RemovingServer.ts';
import type { AbsentServer as _chester_v1_AbsentServer, AbsentServer__Output as _chester_v1_AbsentServer__Output } from '../../chester/v1/AbsentServer.ts';
import type { AckError as _chester_v1_AckError, AckError__Output as _chester_v1_AckError__Output } from '../../chester/v1/AckError.ts';
import type { Long } from '@grpc/proto-loader';

export interface Ack {
  'nonce'?: (string);
  'group'?: (string);
  'revision'?: (number | string | Long);
  'status'?: (_chester_v1_AckStatus);
  'runtimeHash'?: (string);
  'applyMicros'?: (number | string | Long);
  'removing'?: (_chester_v1_RemovingServer)[];
  'absent'?: (_chester_v1_AbsentServer)[];
  'error'?: (_chester_v1_AckError | null);
}

export interface Ack__Output {
  'nonce': (string);
  'group': (string);
  'revision': (number);
  'status': (_chester_v1_AckStatus__Output);
  'runtimeHash': (string);
  'applyMicros': (number);
  'removing': (_chester_v1_RemovingServer__Output)[];
  'absent': (_chester_v1_AbsentServer__Output)[];
  'error': (_chester_v1_AckError__Output | null);
}
