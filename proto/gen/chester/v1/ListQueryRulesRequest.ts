// Original file: proto/chester/v1/admin.proto


export interface ListQueryRulesRequest {
  'group'?: (string);
  'pageSize'?: (number);
  'pageToken'?: (string);
}

export interface ListQueryRulesRequest__Output {
  'group': (string);
  'pageSize': (number);
  'pageToken': (string);
}
