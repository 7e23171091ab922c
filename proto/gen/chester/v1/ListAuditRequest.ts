// Original file: proto/chester/v1/admin.proto


export interface ListAuditRequest {
  'pageSize'?: (number);
  'pageToken'?: (string);
  'group'?: (string);
  'who'?: (string);
  'refused'?: (boolean);
}

export interface ListAuditRequest__Output {
  'pageSize': (number);
  'pageToken': (string);
  'group': (string);
  'who': (string);
  'refused': (boolean);
}
