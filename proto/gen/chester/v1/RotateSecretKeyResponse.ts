// Original file: proto/chester/v1/admin.proto


export interface RotateSecretKeyResponse {
  'keyId'?: (string);
  'names'?: (string)[];
}

export interface RotateSecretKeyResponse__Output {
  'keyId': (string);
  'names': (string)[];
}
