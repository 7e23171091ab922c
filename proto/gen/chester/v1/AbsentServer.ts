// Original file: proto/chester/v1/agent.proto

import type { Long } from '@grpc/proto-loader';

export interface AbsentServer {
  'hostname'?: (string);
  'port'?: (number);
  'revision'?: (number | string | Long);
}

export interface AbsentServer__Output {
  'hostname': (string);
  'port': (number);
  'revision': (number);
}
