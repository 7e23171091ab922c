// Original file: proto/chester/v1/admin.proto

import type { Long } from '@grpc/proto-loader';

export interface HistoryEntry {
  'atMs'?: (number | string | Long);
  'kind'?: (string);
  'version'?: (number | string | Long);
  'revision'?: (number | string | Long);
  'change'?: (string);
  'who'?: (string);
  'reason'?: (string);
  'summary'?: (string);
}

export interface HistoryEntry__Output {
  'atMs': (number);
  'kind': (string);
  'version': (number);
  'revision': (number);
  'change': (string);
  'who': (string);
  'reason': (string);
  'summary': (string);
}
