// Original file: proto/chester/v1/admin.proto

import type { Long } from '@grpc/proto-loader';

export interface Cell {
  'name'?: (string);
  'silent'?: (boolean);
  'signAgeMs'?: (number | string | Long);
  'retiredBy'?: (string);
  'retiredReason'?: (string);
  'retiredAtMs'?: (number | string | Long);
  '_signAgeMs'?: "signAgeMs";
}

export interface Cell__Output {
  'name': (string);
  'silent': (boolean);
  'signAgeMs'?: (number);
  'retiredBy': (string);
  'retiredReason': (string);
  'retiredAtMs': (number);
  '_signAgeMs'?: "signAgeMs";
}
