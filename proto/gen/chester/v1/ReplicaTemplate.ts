// Original file: proto/chester/v1/admin.proto


export interface ReplicaTemplate {
  'namePrefix'?: (string);
  'tier'?: (string);
  'zone'?: (string);
  'edition'?: (string);
  'zones'?: (string)[];
  'flags'?: ({[key: string]: string});
  'labels'?: ({[key: string]: string});
  'allocatedIpRange'?: (string);
}

export interface ReplicaTemplate__Output {
  'namePrefix': (string);
  'tier': (string);
  'zone': (string);
  'edition': (string);
  'zones': (string)[];
  'flags': ({[key: string]: string});
  'labels': ({[key: string]: string});
  'allocatedIpRange': (string);
}
