// Original file: proto/chester/v1/admin.proto


export interface ReplicaTemplate {
  'namePrefix'?: (string);
  'tier'?: (string);
  'zone'?: (string);
}

export interface ReplicaTemplate__Output {
  'namePrefix': (string);
  'tier': (string);
  'zone': (string);
}
