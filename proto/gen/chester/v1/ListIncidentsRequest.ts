// Original file: proto/chester/v1/admin.proto


export interface ListIncidentsRequest {
  'pageSize'?: (number);
  'pageToken'?: (string);
  'group'?: (string);
  'state'?: (string);
  'action'?: (string);
}

export interface ListIncidentsRequest__Output {
  'pageSize': (number);
  'pageToken': (string);
  'group': (string);
  'state': (string);
  'action': (string);
}
