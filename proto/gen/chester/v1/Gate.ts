// Original file: proto/chester/v1/admin.proto


export interface Gate {
  'username'?: (string);
  'passwordSecret'?: (string);
  'lagSecondsMax'?: (number);
  'samples'?: (number);
  '_lagSecondsMax'?: "lagSecondsMax";
  '_samples'?: "samples";
}

export interface Gate__Output {
  'username': (string);
  'passwordSecret': (string);
  'lagSecondsMax'?: (number);
  'samples'?: (number);
  '_lagSecondsMax'?: "lagSecondsMax";
  '_samples'?: "samples";
}
