// Original file: proto/chester/v1/admin.proto


export interface RetireCellRequest {
  'cell'?: (string);
  'owner'?: (string);
  'reason'?: (string);
}

export interface RetireCellRequest__Output {
  'cell': (string);
  'owner': (string);
  'reason': (string);
}
