// Original file: proto/chester/v1/admin.proto


export interface GetIncidentRequest {
  'incidentId'?: (string);
}

export interface GetIncidentRequest__Output {
  'incidentId': (string);
}
