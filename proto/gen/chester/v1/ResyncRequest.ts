// Original file: proto/chester/v1/admin.proto


export interface ResyncRequest {
  'group'?: (string);
  'agentId'?: (string);
  'owner'?: (string);
  'reason'?: (string);
}

export interface ResyncRequest__Output {
  'group': (string);
  'agentId': (string);
  'owner': (string);
  'reason': (string);
}
