// Original file: proto/chester/v1/agent.proto

import type { Long } from '@grpc/proto-loader';

export interface ServerReport {
  'hostgroup'?: (number);
  'hostname'?: (string);
  'port'?: (number);
  'status'?: (string);
  'connUsed'?: (number);
  'connFree'?: (number);
  'connErr'?: (number | string | Long);
  'queries'?: (number | string | Long);
  'latencyMicros'?: (number | string | Long);
  'lagMs'?: (number | string | Long);
  '_lagMs'?: "lagMs";
}

export interface ServerReport__Output {
  'hostgroup': (number);
  'hostname': (string);
  'port': (number);
  'status': (string);
  'connUsed': (number);
  'connFree': (number);
  'connErr': (number);
  'queries': (number);
  'latencyMicros': (number);
  'lagMs'?: (number);
  '_lagMs'?: "lagMs";
}
