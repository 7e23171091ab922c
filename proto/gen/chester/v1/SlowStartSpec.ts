// Original file: proto/chester/v1/admin.proto


export interface SlowStartSpec {
  'durationSeconds'?: (number);
  'initialPercent'?: (number);
  'curve'?: (string);
  '_durationSeconds'?: "durationSeconds";
  '_initialPercent'?: "initialPercent";
}

export interface SlowStartSpec__Output {
  'durationSeconds'?: (number);
  'initialPercent'?: (number);
  'curve': (string);
  '_durationSeconds'?: "durationSeconds";
  '_initialPercent'?: "initialPercent";
}
