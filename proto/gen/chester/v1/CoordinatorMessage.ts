// Original file: proto/chester/v1/agent.proto

import type { Welcome as _chester_v1_Welcome, Welcome__Output as _chester_v1_Welcome__Output } from '../../chester/v1/Welcome.ts';
import type { Update as _chester_v1_Update, Update__Output as _chester_v1_Update__Output } from '../../chester/v1/Update.ts';
import type { SyncDone as _chester_v1_SyncDone, SyncDone__Output as _chester_v1_SyncDone__Output } from '../../chester/v1/SyncDone.ts';
import type { Bookmark as _chester_v1_Bookmark, Bookmark__Output as _chester_v1_Bookmark__Output } from '../../chester/v1/Bookmark.ts';
import type { Reconnect as _chester_v1_Reconnect, Reconnect__Output as _chester_v1_Reconnect__Output } from '../../chester/v1/Reconnect.ts';

export interface CoordinatorMessage {
  'welcome'?: (_chester_v1_Welcome | null);
  'update'?: (_chester_v1_Update | null);
  'syncDone'?: (_chester_v1_SyncDone | null);
  'bookmark'?: (_chester_v1_Bookmark | null);
  'reconnect'?: (_chester_v1_Reconnect | null);
  'message'?: "welcome"|"update"|"syncDone"|"bookmark"|"reconnect";
}

export interface CoordinatorMessage__Output {
  'welcome'?: (_chester_v1_Welcome__Output | null);
  'update'?: (_chester_v1_Update__Output | null);
  'syncDone'?: (_chester_v1_SyncDone__Output | null);
  'bookmark'?: (_chester_v1_Bookmark__Output | null);
  'reconnect'?: (_chester_v1_Reconnect__Output | null);
  'message'?: "welcome"|"update"|"syncDone"|"bookmark"|"reconnect";
}
