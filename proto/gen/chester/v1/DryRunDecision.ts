// Original file: proto/chester/v1/admin.proto


export interface DryRunDecision {
  'desired'?: (number);
  'reason'?: (string);
}

export interface DryRunDecision__Output {
  'desired': (number);
  'reason': (string);
}
