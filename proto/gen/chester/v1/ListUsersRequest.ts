// Original file: proto/chester/v1/admin.proto


export interface ListUsersRequest {
  'group'?: (string);
  'pageSize'?: (number);
  'pageToken'?: (string);
  'nameContains'?: (string);
}

export interface ListUsersRequest__Output {
  'group': (string);
  'pageSize': (number);
  'pageToken': (string);
  'nameContains': (string);
}
