// Original file: proto/chester/v1/admin.proto


export interface RotateSecretKeyRequest {
  'reason'?: (string);
}

export interface RotateSecretKeyRequest__Output {
  'reason': (string);
}
