// Original file: proto/chester/v1/agent.proto

import type { Snapshot as _chester_v1_Snapshot, Snapshot__Output as _chester_v1_Snapshot__Output } from '../../chester/v1/Snapshot.ts';
import type { RemovedGroup as _chester_v1_RemovedGroup, RemovedGroup__Output as _chester_v1_RemovedGroup__Output } from '../../chester/v1/RemovedGroup.ts';
import type { UnknownGroup as _chester_v1_UnknownGroup, UnknownGroup__Output as _chester_v1_UnknownGroup__Output } from '../../chester/v1/UnknownGroup.ts';
import type { FleetSettings as _chester_v1_FleetSettings, FleetSettings__Output as _chester_v1_FleetSettings__Output } from '../../chester/v1/FleetSettings.ts';
import type { Long } from '@grpc/proto-loader';

export interface Update {
  'nonce'?: (string);
  'group'?: (string);
  'revision'?: (number | string | Long);
  'hash'?: (string);
  'snapshot'?: (_chester_v1_Snapshot | null);
  'removed'?: (_chester_v1_RemovedGroup | null);
  'unknown'?: (_chester_v1_UnknownGroup | null);
  'fleet'?: (_chester_v1_FleetSettings | null);
  'body'?: "snapshot"|"removed"|"unknown"|"fleet";
}

export interface Update__Output {
  'nonce': (string);
  'group': (string);
  'revision': (number);
  'hash': (string);
  'snapshot'?: (_chester_v1_Snapshot__Output | null);
  'removed'?: (_chester_v1_RemovedGroup__Output | null);
  'unknown'?: (_chester_v1_UnknownGroup__Output | null);
  'fleet'?: (_chester_v1_FleetSettings__Output | null);
  'body'?: "snapshot"|"removed"|"unknown"|"fleet";
}
