// Original file: proto/chester/v1/admin.proto


export interface UncordonRequest {
  'group'?: (string);
  'server'?: (string);
  'owner'?: (string);
  'reason'?: (string);
}

export interface UncordonRequest__Output {
  'group': (string);
  'server': (string);
  'owner': (string);
  'reason': (string);
}
