// Original file: proto/chester/v1/admin.proto


export interface Deadlines {
  'createSeconds'?: (number);
  'gateSeconds'?: (number);
  'drainSeconds'?: (number);
  'deleteSeconds'?: (number);
  '_createSeconds'?: "createSeconds";
  '_gateSeconds'?: "gateSeconds";
  '_drainSeconds'?: "drainSeconds";
  '_deleteSeconds'?: "deleteSeconds";
}

export interface Deadlines__Output {
  'createSeconds'?: (number);
  'gateSeconds'?: (number);
  'drainSeconds'?: (number);
  'deleteSeconds'?: (number);
  '_createSeconds'?: "createSeconds";
  '_gateSeconds'?: "gateSeconds";
  '_drainSeconds'?: "drainSeconds";
  '_deleteSeconds'?: "deleteSeconds";
}
