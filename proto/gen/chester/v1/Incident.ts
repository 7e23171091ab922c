// Original file: proto/chester/v1/admin.proto

import type { Long } from '@grpc/proto-loader';

export interface Incident {
  'incidentId'?: (string);
  'group'?: (string);
  'action'?: (string);
  'state'?: (string);
  'openedAtMs'?: (number | string | Long);
  'closedAtMs'?: (number | string | Long);
  'policyName'?: (string);
  'summary'?: (string);
}

export interface Incident__Output {
  'incidentId': (string);
  'group': (string);
  'action': (string);
  'state': (string);
  'openedAtMs': (number);
  'closedAtMs': (number);
  'policyName': (string);
  'summary': (string);
}
