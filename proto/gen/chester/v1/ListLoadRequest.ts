// Original file: proto/chester/v1/admin.proto


export interface ListLoadRequest {
  'group'?: (string);
  'fleet'?: (string);
  'pageSize'?: (number);
  'pageToken'?: (string);
}

export interface ListLoadRequest__Output {
  'group': (string);
  'fleet': (string);
  'pageSize': (number);
  'pageToken': (string);
}
