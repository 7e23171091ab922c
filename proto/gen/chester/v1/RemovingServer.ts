// Original file: proto/chester/v1/agent.proto


export interface RemovingServer {
  'hostname'?: (string);
  'port'?: (number);
  'connUsed'?: (number);
  'reason'?: (string);
  'detail'?: (string);
}

export interface RemovingServer__Output {
  'hostname': (string);
  'port': (number);
  'connUsed': (number);
  'reason': (string);
  'detail': (string);
}
