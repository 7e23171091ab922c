// Original file: proto/chester/v1/admin.proto


export interface ListAgentsRequest {
  'pageSize'?: (number);
  'pageToken'?: (string);
  'fleet'?: (string);
  'cell'?: (string);
  'connected'?: (boolean);
  'state'?: (string);
  '_connected'?: "connected";
}

export interface ListAgentsRequest__Output {
  'pageSize': (number);
  'pageToken': (string);
  'fleet': (string);
  'cell': (string);
  'connected'?: (boolean);
  'state': (string);
  '_connected'?: "connected";
}
