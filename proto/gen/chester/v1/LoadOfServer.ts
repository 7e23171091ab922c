// Original file: proto/chester/v1/admin.proto

import type { Long } from '@grpc/proto-loader';

export interface LoadOfServer {
  'fleet'?: (string);
  'group'?: (string);
  'role'?: (string);
  'hostgroup'?: (number);
  'hostname'?: (string);
  'port'?: (number);
  'instance'?: (string);
  'proxies'?: (number);
  'online'?: (number);
  'offline'?: (number);
  'connUsed'?: (number);
  'connFree'?: (number);
  'queriesPerSecond'?: (number | string);
  'latencyMicros'?: (number | string | Long);
  'latencyMicrosMax'?: (number | string | Long);
  'lagMsMax'?: (number | string | Long);
  'connErr'?: (number | string | Long);
  '_lagMsMax'?: "lagMsMax";
}

export interface LoadOfServer__Output {
  'fleet': (string);
  'group': (string);
  'role': (string);
  'hostgroup': (number);
  'hostname': (string);
  'port': (number);
  'instance': (string);
  'proxies': (number);
  'online': (number);
  'offline': (number);
  'connUsed': (number);
  'connFree': (number);
  'queriesPerSecond': (number);
  'latencyMicros': (number);
  'latencyMicrosMax': (number);
  'lagMsMax'?: (number);
  'connErr': (number);
  '_lagMsMax'?: "lagMsMax";
}
