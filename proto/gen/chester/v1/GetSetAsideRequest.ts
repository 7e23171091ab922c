// Original file: proto/chester/v1/admin.proto


export interface GetSetAsideRequest {
  'id'?: (string);
}

export interface GetSetAsideRequest__Output {
  'id': (string);
}
