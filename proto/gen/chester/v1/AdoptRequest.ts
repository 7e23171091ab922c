// Original file: proto/chester/v1/admin.proto


export interface AdoptRequest {
  'group'?: (string);
  'instance'?: (string);
  'owner'?: (string);
  'reason'?: (string);
}

export interface AdoptRequest__Output {
  'group': (string);
  'instance': (string);
  'owner': (string);
  'reason': (string);
}
