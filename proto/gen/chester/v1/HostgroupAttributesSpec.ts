// Original file: proto/chester/v1/admin.proto


export interface HostgroupAttributesSpec {
  'maxNumOnlineServers'?: (number);
  'autocommit'?: (boolean);
  'freeConnectionsPct'?: (number);
  'initConnect'?: (string);
  'multiplex'?: (boolean);
  'connectionWarming'?: (boolean);
  'throttleConnectionsPerSec'?: (number);
  'ignoreSessionVariables'?: (string)[];
  'hostgroupSettings'?: (string);
  'serversDefaults'?: (string);
  '_maxNumOnlineServers'?: "maxNumOnlineServers";
  '_autocommit'?: "autocommit";
  '_freeConnectionsPct'?: "freeConnectionsPct";
  '_multiplex'?: "multiplex";
  '_throttleConnectionsPerSec'?: "throttleConnectionsPerSec";
}

export interface HostgroupAttributesSpec__Output {
  'maxNumOnlineServers'?: (number);
  'autocommit'?: (boolean);
  'freeConnectionsPct'?: (number);
  'initConnect': (string);
  'multiplex'?: (boolean);
  'connectionWarming': (boolean);
  'throttleConnectionsPerSec'?: (number);
  'ignoreSessionVariables': (string)[];
  'hostgroupSettings': (string);
  'serversDefaults': (string);
  '_maxNumOnlineServers'?: "maxNumOnlineServers";
  '_autocommit'?: "autocommit";
  '_freeConnectionsPct'?: "freeConnectionsPct";
  '_multiplex'?: "multiplex";
  '_throttleConnectionsPerSec'?: "throttleConnectionsPerSec";
}
