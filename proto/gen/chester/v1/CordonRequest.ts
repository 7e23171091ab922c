// Original file: proto/chester/v1/admin.proto


export interface CordonRequest {
  'group'?: (string);
  'server'?: (string);
  'owner'?: (string);
  'reason'?: (string);
  'durationSeconds'?: (number);
  '_durationSeconds'?: "durationSeconds";
}

export interface CordonRequest__Output {
  'group': (string);
  'server': (string);
  'owner': (string);
  'reason': (string);
  'durationSeconds'?: (number);
  '_durationSeconds'?: "durationSeconds";
}
