// Original file: proto/chester/v1/admin.proto


export interface ListFleetsRequest {
  'pageSize'?: (number);
  'pageToken'?: (string);
}

export interface ListFleetsRequest__Output {
  'pageSize': (number);
  'pageToken': (string);
}
