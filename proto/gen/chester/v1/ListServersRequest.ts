// Original file: proto/chester/v1/admin.proto


export interface ListServersRequest {
  'group'?: (string);
  'pageSize'?: (number);
  'pageToken'?: (string);
  'role'?: (string);
}

export interface ListServersRequest__Output {
  'group': (string);
  'pageSize': (number);
  'pageToken': (string);
  'role': (string);
}
