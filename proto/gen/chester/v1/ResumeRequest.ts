// Original file: proto/chester/v1/admin.proto


export interface ResumeRequest {
  'group'?: (string);
  'direction'?: (string);
  'owner'?: (string);
  'reason'?: (string);
}

export interface ResumeRequest__Output {
  'group': (string);
  'direction': (string);
  'owner': (string);
  'reason': (string);
}
