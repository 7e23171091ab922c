// Original file: proto/chester/v1/agent.proto

import type { Long } from '@grpc/proto-loader';

export interface Welcome {
  'coordinatorId'?: (string);
  'epoch'?: (number | string | Long);
  'reportIntervalMs'?: (number);
  'applyDeadlineMs'?: (number);
  'reconnectWindowMs'?: (number);
}

export interface Welcome__Output {
  'coordinatorId': (string);
  'epoch': (number);
  'reportIntervalMs': (number);
  'applyDeadlineMs': (number);
  'reconnectWindowMs': (number);
}
