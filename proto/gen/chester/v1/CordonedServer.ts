// Original file: proto/chester/v1/agent.proto

import type { Long } from '@grpc/proto-loader';

export interface CordonedServer {
  'hostgroup'?: (number);
  'hostname'?: (string);
  'port'?: (number);
  'status'?: (string);
  'expiresAtMs'?: (number | string | Long);
}

export interface CordonedServer__Output {
  'hostgroup': (number);
  'hostname': (string);
  'port': (number);
  'status': (string);
  'expiresAtMs': (number);
}
