// Original file: proto/chester/v1/admin.proto


export interface GetAgentRequest {
  'agentId'?: (string);
}

export interface GetAgentRequest__Output {
  'agentId': (string);
}
