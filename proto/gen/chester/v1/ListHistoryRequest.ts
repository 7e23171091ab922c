// Original file: proto/chester/v1/admin.proto


export interface ListHistoryRequest {
  'group'?: (string);
  'pageSize'?: (number);
  'pageToken'?: (string);
}

export interface ListHistoryRequest__Output {
  'group': (string);
  'pageSize': (number);
  'pageToken': (string);
}
