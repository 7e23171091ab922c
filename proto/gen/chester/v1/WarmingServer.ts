// Original file: proto/chester/v1/agent.proto


export interface WarmingServer {
  'hostname'?: (string);
  'port'?: (number);
  'detail'?: (string);
}

export interface WarmingServer__Output {
  'hostname': (string);
  'port': (number);
  'detail': (string);
}
