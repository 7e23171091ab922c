// Original file: proto/chester/v1/admin.proto


export interface DeleteSecretRequest {
  'name'?: (string);
  'reason'?: (string);
}

export interface DeleteSecretRequest__Output {
  'name': (string);
  'reason': (string);
}
