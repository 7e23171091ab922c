// Original file: proto/chester/v1/admin.proto


export interface StaticServer {
  'hostname'?: (string);
  'port'?: (number);
  'weight'?: (number);
  'maxConnections'?: (number);
  'name'?: (string);
  '_weight'?: "weight";
  '_maxConnections'?: "maxConnections";
}

export interface StaticServer__Output {
  'hostname': (string);
  'port': (number);
  'weight'?: (number);
  'maxConnections'?: (number);
  'name': (string);
  '_weight'?: "weight";
  '_maxConnections'?: "maxConnections";
}
