// Original file: proto/chester/v1/admin.proto

import type { Long } from '@grpc/proto-loader';

export interface WatchEventsRequest {
  'group'?: (string);
  'afterSequence'?: (number | string | Long);
  'newOnly'?: (boolean);
}

export interface WatchEventsRequest__Output {
  'group': (string);
  'afterSequence': (number);
  'newOnly': (boolean);
}
