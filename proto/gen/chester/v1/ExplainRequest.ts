// Original file: proto/chester/v1/admin.proto


export interface ExplainRequest {
  'subject'?: (string);
}

export interface ExplainRequest__Output {
  'subject': (string);
}
