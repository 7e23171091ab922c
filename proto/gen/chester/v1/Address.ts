// Original file: proto/chester/v1/agent.proto


export interface Address {
  'hostname'?: (string);
  'port'?: (number);
}

export interface Address__Output {
  'hostname': (string);
  'port': (number);
}
