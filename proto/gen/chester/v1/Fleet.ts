// Original file: proto/chester/v1/admin.proto


export interface Fleet {
  'name'?: (string);
  'cell'?: (string);
  'variables'?: ({[key: string]: string});
}

export interface Fleet__Output {
  'name': (string);
  'cell': (string);
  'variables': ({[key: string]: string});
}
