// Original file: proto/chester/v1/admin.proto


export interface AcceptPrimaryRequest {
  'group'?: (string);
  'instance'?: (string);
  'owner'?: (string);
  'reason'?: (string);
  'oldIsGone'?: (boolean);
}

export interface AcceptPrimaryRequest__Output {
  'group': (string);
  'instance': (string);
  'owner': (string);
  'reason': (string);
  'oldIsGone': (boolean);
}
