// Original file: proto/chester/v1/admin.proto


export interface Schedule {
  'name'?: (string);
  'cron'?: (string);
  'durationSeconds'?: (number);
  'timeZone'?: (string);
  'replicasMin'?: (number);
  'replicasMax'?: (number);
  '_durationSeconds'?: "durationSeconds";
  '_replicasMin'?: "replicasMin";
  '_replicasMax'?: "replicasMax";
}

export interface Schedule__Output {
  'name': (string);
  'cron': (string);
  'durationSeconds'?: (number);
  'timeZone': (string);
  'replicasMin'?: (number);
  'replicasMax'?: (number);
  '_durationSeconds'?: "durationSeconds";
  '_replicasMin'?: "replicasMin";
  '_replicasMax'?: "replicasMax";
}
