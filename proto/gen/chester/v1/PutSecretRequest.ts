// Original file: proto/chester/v1/admin.proto


export interface PutSecretRequest {
  'name'?: (string);
  'value'?: (string);
  'resource'?: (string);
  'reason'?: (string);
}

export interface PutSecretRequest__Output {
  'name': (string);
  'value': (string);
  'resource': (string);
  'reason': (string);
}
