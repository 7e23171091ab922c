// Original file: proto/chester/v1/admin.proto


export interface AgentNotice {
  'state'?: (string);
  'subject'?: (string);
  'agents'?: (number);
  'agentIds'?: (string)[];
  'detail'?: (string);
}

export interface AgentNotice__Output {
  'state': (string);
  'subject': (string);
  'agents': (number);
  'agentIds': (string)[];
  'detail': (string);
}
