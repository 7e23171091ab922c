// Original file: proto/chester/v1/admin.proto


export interface DeleteGroupRequest {
  'name'?: (string);
}

export interface DeleteGroupRequest__Output {
  'name': (string);
}
