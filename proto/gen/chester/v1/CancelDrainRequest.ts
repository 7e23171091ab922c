// Original file: proto/chester/v1/admin.proto


export interface CancelDrainRequest {
  'group'?: (string);
  'server'?: (string);
  'owner'?: (string);
  'reason'?: (string);
}

export interface CancelDrainRequest__Output {
  'group': (string);
  'server': (string);
  'owner': (string);
  'reason': (string);
}
