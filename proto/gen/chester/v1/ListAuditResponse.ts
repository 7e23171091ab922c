// Original file: proto/chester/v1/admin.proto

import type { AuditEntry as _chester_v1_AuditEntry, AuditEntry__Output as _chester_v1_AuditEntry__Output } from '../../chester/v1/AuditEntry.ts';

export interface ListAuditResponse {
  'entries'?: (_chester_v1_AuditEntry)[];
  'nextPageToken'?: (string);
}

export interface ListAuditResponse__Output {
  'entries': (_chester_v1_AuditEntry__Output)[];
  'nextPageToken': (string);
}
