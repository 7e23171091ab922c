// Original file: proto/chester/v1/admin.proto


export interface GetFleetRequest {
  'name'?: (string);
}

export interface GetFleetRequest__Output {
  'name': (string);
}
