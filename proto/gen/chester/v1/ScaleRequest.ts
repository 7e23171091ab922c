// Original file: proto/chester/v1/admin.proto


export interface ScaleRequest {
  'group'?: (string);
  'replicas'?: (number);
  'reason'?: (string);
}

export interface ScaleRequest__Output {
  'group': (string);
  'replicas': (number);
  'reason': (string);
}
