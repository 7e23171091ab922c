// Original file: proto/chester/v1/admin.proto


export interface DrainRequest {
  'group'?: (string);
  'server'?: (string);
  'owner'?: (string);
  'reason'?: (string);
  'withoutReplacement'?: (boolean);
  'force'?: (boolean);
}

export interface DrainRequest__Output {
  'group': (string);
  'server': (string);
  'owner': (string);
  'reason': (string);
  'withoutReplacement': (boolean);
  'force': (boolean);
}
