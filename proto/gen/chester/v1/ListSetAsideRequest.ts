// Original file: proto/chester/v1/admin.proto


export interface ListSetAsideRequest {
  'pageSize'?: (number);
  'pageToken'?: (string);
}

export interface ListSetAsideRequest__Output {
  'pageSize': (number);
  'pageToken': (string);
}
