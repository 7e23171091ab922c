// Original file: proto/chester/v1/admin.proto


export interface ScaleRequest {
  'group'?: (string);
  'replicas'?: (number);
  'reason'?: (string);
  'owner'?: (string);
  'holdSeconds'?: (number);
  '_holdSeconds'?: "holdSeconds";
}

export interface ScaleRequest__Output {
  'group': (string);
  'replicas': (number);
  'reason': (string);
  'owner': (string);
  'holdSeconds'?: (number);
  '_holdSeconds'?: "holdSeconds";
}
