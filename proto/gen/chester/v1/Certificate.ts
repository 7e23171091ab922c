// Original file: proto/chester/v1/snapshot.proto


export interface Certificate {
  'id'?: (string);
  'pem'?: (string);
}

export interface Certificate__Output {
  'id': (string);
  'pem': (string);
}
