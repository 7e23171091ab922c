// Original file: proto/chester/v1/admin.proto


export interface GetPolicyRequest {
  'group'?: (string);
}

export interface GetPolicyRequest__Output {
  'group': (string);
}
