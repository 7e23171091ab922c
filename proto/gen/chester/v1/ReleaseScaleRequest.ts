// Original file: proto/chester/v1/admin.proto


export interface ReleaseScaleRequest {
  'group'?: (string);
  'owner'?: (string);
  'reason'?: (string);
}

export interface ReleaseScaleRequest__Output {
  'group': (string);
  'owner': (string);
  'reason': (string);
}
