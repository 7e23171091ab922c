// Original file: proto/chester/v1/admin.proto

import type { Long } from '@grpc/proto-loader';

export interface StoryLine {
  'atMs'?: (number | string | Long);
  'step'?: (string);
  'subject'?: (string);
  'text'?: (string);
}

export interface StoryLine__Output {
  'atMs': (number);
  'step': (string);
  'subject': (string);
  'text': (string);
}
