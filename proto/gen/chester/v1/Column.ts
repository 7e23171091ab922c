// Original file: proto/chester/v1/snapshot.proto


export interface Column {
  'name'?: (string);
  'value'?: (string);
  '_value'?: "value";
}

export interface Column__Output {
  'name': (string);
  'value'?: (string);
  '_value'?: "value";
}
