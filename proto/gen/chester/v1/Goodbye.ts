// Original file: proto/chester/v1/agent.proto


export interface Goodbye {
  'clients'?: (number);
  'paused'?: (boolean);
}

export interface Goodbye__Output {
  'clients': (number);
  'paused': (boolean);
}
