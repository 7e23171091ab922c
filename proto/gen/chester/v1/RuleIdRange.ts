// Original file: proto/chester/v1/admin.proto


export interface RuleIdRange {
  'first'?: (number);
  'last'?: (number);
}

export interface RuleIdRange__Output {
  'first': (number);
  'last': (number);
}
