// Original file: proto/chester/v1/admin.proto


export interface TimeWindow {
  'cron'?: (string);
  'durationSeconds'?: (number);
  'timeZone'?: (string);
  '_durationSeconds'?: "durationSeconds";
}

export interface TimeWindow__Output {
  'cron': (string);
  'durationSeconds'?: (number);
  'timeZone': (string);
  '_durationSeconds'?: "durationSeconds";
}
