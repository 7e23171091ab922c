// Original file: proto/chester/v1/admin.proto


export interface LiveInstance {
  'name'?: (string);
  'state'?: (string);
  'role'?: (string);
  'tier'?: (string);
  'zone'?: (string);
  'address'?: (string);
  'owned'?: (boolean);
  'databaseVersion'?: (string);
}

export interface LiveInstance__Output {
  'name': (string);
  'state': (string);
  'role': (string);
  'tier': (string);
  'zone': (string);
  'address': (string);
  'owned': (boolean);
  'databaseVersion': (string);
}
