// Original file: proto/chester/v1/admin.proto

import type { Long } from '@grpc/proto-loader';

export interface ServerLoad {
  'hostgroup'?: (number);
  'hostname'?: (string);
  'port'?: (number);
  'status'?: (string);
  'connUsed'?: (number);
  'connFree'?: (number);
  'lagMs'?: (number | string | Long);
  'queriesPerSecond'?: (number | string);
  'latencyMicros'?: (number | string | Long);
  'queries'?: (number | string | Long);
  'connErr'?: (number | string | Long);
  '_lagMs'?: "lagMs";
}

export interface ServerLoad__Output {
  'hostgroup': (number);
  'hostname': (string);
  'port': (number);
  'status': (string);
  'connUsed': (number);
  'connFree': (number);
  'lagMs'?: (number);
  'queriesPerSecond': (number);
  'latencyMicros': (number);
  'queries': (number);
  'connErr': (number);
  '_lagMs'?: "lagMs";
}
