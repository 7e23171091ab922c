// Original file: proto/chester/v1/admin.proto


export interface ReplaySetAsideResponse {
  'result'?: (string);
}

export interface ReplaySetAsideResponse__Output {
  'result': (string);
}
