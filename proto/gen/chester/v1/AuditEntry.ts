// Original file: proto/chester/v1/admin.proto

import type { FieldChange as _chester_v1_FieldChange, FieldChange__Output as _chester_v1_FieldChange__Output } from '../../chester/v1/FieldChange.ts';
import type { Long } from '@grpc/proto-loader';

export interface AuditEntry {
  'id'?: (string);
  'atMs'?: (number | string | Long);
  'who'?: (string);
  'proof'?: (string);
  'source'?: (string);
  'what'?: (string);
  'groups'?: (string)[];
  'reason'?: (string);
  'request'?: (string);
  'outcome'?: (string);
  'changes'?: (_chester_v1_FieldChange)[];
  'leftOut'?: (number);
}

export interface AuditEntry__Output {
  'id': (string);
  'atMs': (number);
  'who': (string);
  'proof': (string);
  'source': (string);
  'what': (string);
  'groups': (string)[];
  'reason': (string);
  'request': (string);
  'outcome': (string);
  'changes': (_chester_v1_FieldChange__Output)[];
  'leftOut': (number);
}
