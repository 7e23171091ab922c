// Original file: proto/chester/v1/admin.proto


export interface DiagnoseRequest {
  'group'?: (string);
}

export interface DiagnoseRequest__Output {
  'group': (string);
}
