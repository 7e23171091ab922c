// Original file: proto/chester/v1/agent.proto

import type { Long } from '@grpc/proto-loader';

export interface Bookmark {
  'epoch'?: (number | string | Long);
  'revision'?: (number | string | Long);
}

export interface Bookmark__Output {
  'epoch': (number);
  'revision': (number);
}
