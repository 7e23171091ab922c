// Original file: proto/chester/v1/admin.proto


export interface Check {
  'name'?: (string);
  'status'?: (string);
  'found'?: (string);
  'advice'?: (string);
}

export interface Check__Output {
  'name': (string);
  'status': (string);
  'found': (string);
  'advice': (string);
}
