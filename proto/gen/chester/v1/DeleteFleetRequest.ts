// Original file: proto/chester/v1/admin.proto


export interface DeleteFleetRequest {
  'name'?: (string);
}

export interface DeleteFleetRequest__Output {
  'name': (string);
}
