// Original file: proto/chester/v1/admin.proto

import type { HistoryEntry as _chester_v1_HistoryEntry, HistoryEntry__Output as _chester_v1_HistoryEntry__Output } from '../../chester/v1/HistoryEntry.ts';

export interface ListHistoryResponse {
  'entries'?: (_chester_v1_HistoryEntry)[];
  'nextPageToken'?: (string);
}

export interface ListHistoryResponse__Output {
  'entries': (_chester_v1_HistoryEntry__Output)[];
  'nextPageToken': (string);
}
