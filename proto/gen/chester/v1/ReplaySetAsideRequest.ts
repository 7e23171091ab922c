// Original file: proto/chester/v1/admin.proto


export interface ReplaySetAsideRequest {
  'id'?: (string);
}

export interface ReplaySetAsideRequest__Output {
  'id': (string);
}
