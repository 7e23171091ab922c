// Original file: proto/chester/v1/snapshot.proto

import type { ServerStatus as _chester_v1_ServerStatus, ServerStatus__Output as _chester_v1_ServerStatus__Output } from '../../chester/v1/ServerStatus.ts';
import type { Long } from '@grpc/proto-loader';

export interface Server {
  'hostgroup'?: (number);
  'hostname'?: (string);
  'port'?: (number);
  'status'?: (_chester_v1_ServerStatus);
  'weight'?: (number);
  'maxConnections'?: (number);
  'maxReplicationLagSeconds'?: (number);
  'useSsl'?: (boolean);
  'comment'?: (string);
  'instance'?: (string);
  'owned'?: (boolean);
  'servingSinceMs'?: (number | string | Long);
  'caId'?: (string);
}

export interface Server__Output {
  'hostgroup': (number);
  'hostname': (string);
  'port': (number);
  'status': (_chester_v1_ServerStatus__Output);
  'weight': (number);
  'maxConnections': (number);
  'maxReplicationLagSeconds': (number);
  'useSsl': (boolean);
  'comment': (string);
  'instance': (string);
  'owned': (boolean);
  'servingSinceMs': (number);
  'caId': (string);
}
