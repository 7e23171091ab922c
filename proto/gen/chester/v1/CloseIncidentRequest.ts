// Original file: proto/chester/v1/admin.proto


export interface CloseIncidentRequest {
  'incidentId'?: (string);
  'reason'?: (string);
}

export interface CloseIncidentRequest__Output {
  'incidentId': (string);
  'reason': (string);
}
