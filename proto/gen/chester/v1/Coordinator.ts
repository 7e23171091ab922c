// Original file: proto/chester/v1/admin.proto


export interface Coordinator {
  'id'?: (string);
  'cell'?: (string);
  'agents'?: (number);
  'decides'?: (boolean);
  'mayDecide'?: (boolean);
}

export interface Coordinator__Output {
  'id': (string);
  'cell': (string);
  'agents': (number);
  'decides': (boolean);
  'mayDecide': (boolean);
}
