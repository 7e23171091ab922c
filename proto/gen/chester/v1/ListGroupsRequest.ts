// Original file: proto/chester/v1/admin.proto


export interface ListGroupsRequest {
  'pageSize'?: (number);
  'pageToken'?: (string);
  'fleet'?: (string);
  'project'?: (string);
  'nameContains'?: (string);
  'held'?: (boolean);
}

export interface ListGroupsRequest__Output {
  'pageSize': (number);
  'pageToken': (string);
  'fleet': (string);
  'project': (string);
  'nameContains': (string);
  'held': (boolean);
}
