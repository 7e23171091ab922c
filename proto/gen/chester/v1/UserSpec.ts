// Original file: proto/chester/v1/admin.proto


export interface UserSpec {
  'username'?: (string);
  'passwordSecret'?: (string);
  'defaultHostgroup'?: (string);
  'maxConnections'?: (number);
  'active'?: (boolean);
  'useSsl'?: (boolean);
  'defaultSchema'?: (string);
  'schemaLocked'?: (boolean);
  'transactionPersistent'?: (boolean);
  'fastForward'?: (boolean);
  '_maxConnections'?: "maxConnections";
  '_active'?: "active";
  '_transactionPersistent'?: "transactionPersistent";
}

export interface UserSpec__Output {
  'username': (string);
  'passwordSecret': (string);
  'defaultHostgroup': (string);
  'maxConnections'?: (number);
  'active'?: (boolean);
  'useSsl': (boolean);
  'defaultSchema': (string);
  'schemaLocked': (boolean);
  'transactionPersistent'?: (boolean);
  'fastForward': (boolean);
  '_maxConnections'?: "maxConnections";
  '_active'?: "active";
  '_transactionPersistent'?: "transactionPersistent";
}
