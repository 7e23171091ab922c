// Original file: proto/chester/v1/admin.proto

import type { Long } from '@grpc/proto-loader';

export interface SetAsideMessage {
  'id'?: (string);
  'source'?: (string);
  'reason'?: (string);
  'receivedAtMs'?: (number | string | Long);
  'excerpt'?: (string);
  'times'?: (number);
  'bytes'?: (number | string | Long);
  'text'?: (string);
}

export interface SetAsideMessage__Output {
  'id': (string);
  'source': (string);
  'reason': (string);
  'receivedAtMs': (number);
  'excerpt': (string);
  'times': (number);
  'bytes': (number);
  'text': (string);
}
