// Original file: proto/chester/v1/admin.proto


export interface ReleaseRequest {
  'group'?: (string);
  'instance'?: (string);
  'owner'?: (string);
  'reason'?: (string);
}

export interface ReleaseRequest__Output {
  'group': (string);
  'instance': (string);
  'owner': (string);
  'reason': (string);
}
