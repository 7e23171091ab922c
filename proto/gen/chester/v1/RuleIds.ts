// Original file: proto/chester/v1/snapshot.proto


export interface RuleIds {
  'first'?: (number);
  'last'?: (number);
}

export interface RuleIds__Output {
  'first': (number);
  'last': (number);
}
