// Original file: proto/chester/v1/admin.proto


export interface ForgetAgentResponse {
  'groups'?: (string)[];
}

export interface ForgetAgentResponse__Output {
  'groups': (string)[];
}
