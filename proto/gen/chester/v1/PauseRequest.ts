// Original file: proto/chester/v1/admin.proto


export interface PauseRequest {
  'group'?: (string);
  'direction'?: (string);
  'owner'?: (string);
  'reason'?: (string);
  'durationSeconds'?: (number);
  '_durationSeconds'?: "durationSeconds";
}

export interface PauseRequest__Output {
  'group': (string);
  'direction': (string);
  'owner': (string);
  'reason': (string);
  'durationSeconds'?: (number);
  '_durationSeconds'?: "durationSeconds";
}
