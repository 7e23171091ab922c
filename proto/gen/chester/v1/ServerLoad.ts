// Original file: proto/chester/v1/admin.proto


export interface ServerLoad {
  'hostgroup'?: (number);
  'hostname'?: (string);
  'port'?: (number);
  'status'?: (string);
  'connUsed'?: (number);
  'connFree'?: (number);
}

export interface ServerLoad__Output {
  'hostgroup': (number);
  'hostname': (string);
  'port': (number);
  'status': (string);
  'connUsed': (number);
  'connFree': (number);
}
