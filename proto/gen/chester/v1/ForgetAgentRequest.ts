// Original file: proto/chester/v1/admin.proto


export interface ForgetAgentRequest {
  'agentId'?: (string);
  'reason'?: (string);
}

export interface ForgetAgentRequest__Output {
  'agentId': (string);
  'reason': (string);
}
