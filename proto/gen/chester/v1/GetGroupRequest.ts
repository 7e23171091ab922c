// Original file: proto/chester/v1/admin.proto


export interface GetGroupRequest {
  'name'?: (string);
}

export interface GetGroupRequest__Output {
  'name': (string);
}
