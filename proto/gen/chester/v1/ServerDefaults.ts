// Original file: proto/chester/v1/admin.proto


export interface ServerDefaults {
  'weight'?: (number);
  'maxConnections'?: (number);
  'maxReplicationLagSeconds'?: (number);
  'useSsl'?: (boolean);
  '_weight'?: "weight";
  '_maxConnections'?: "maxConnections";
  '_maxReplicationLagSeconds'?: "maxReplicationLagSeconds";
}

export interface ServerDefaults__Output {
  'weight'?: (number);
  'maxConnections'?: (number);
  'maxReplicationLagSeconds'?: (number);
  'useSsl': (boolean);
  '_weight'?: "weight";
  '_maxConnections'?: "maxConnections";
  '_maxReplicationLagSeconds'?: "maxReplicationLagSeconds";
}
