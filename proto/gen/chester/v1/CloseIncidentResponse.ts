// Original file: proto/chester/v1/admin.proto


export interface CloseIncidentResponse {
  'groups'?: (string)[];
}

export interface CloseIncidentResponse__Output {
  'groups': (string)[];
}
