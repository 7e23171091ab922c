// Original file: proto/chester/v1/agent.proto


export interface Reconnect {
  'minMs'?: (number);
  'maxMs'?: (number);
  'reason'?: (string);
}

export interface Reconnect__Output {
  'minMs': (number);
  'maxMs': (number);
  'reason': (string);
}
