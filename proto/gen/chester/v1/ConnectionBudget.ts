// Original file: proto/chester/v1/admin.proto


export interface ConnectionBudget {
  'proxies'?: (number);
  'replicaMaxConnections'?: (number);
  'reserve'?: (number);
  '_proxies'?: "proxies";
  '_replicaMaxConnections'?: "replicaMaxConnections";
  '_reserve'?: "reserve";
}

export interface ConnectionBudget__Output {
  'proxies'?: (number);
  'replicaMaxConnections'?: (number);
  'reserve'?: (number);
  '_proxies'?: "proxies";
  '_replicaMaxConnections'?: "replicaMaxConnections";
  '_reserve'?: "reserve";
}
