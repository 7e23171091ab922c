// Original file: proto/chester/v1/admin.proto


export interface ScalingInputs {
  'replicasMin'?: (number);
  'replicasMax'?: (number);
  'schedules'?: (string)[];
  'scaleOutIncidents'?: (number);
  'scaleInIncidents'?: (number);
  'expiredIncidents'?: (number);
  'serving'?: (number);
  'coming'?: (number);
  'leaving'?: (number);
  'warming'?: (number);
  'lagging'?: (number);
  '_lagging'?: "lagging";
}

export interface ScalingInputs__Output {
  'replicasMin': (number);
  'replicasMax': (number);
  'schedules': (string)[];
  'scaleOutIncidents': (number);
  'scaleInIncidents': (number);
  'expiredIncidents': (number);
  'serving': (number);
  'coming': (number);
  'leaving': (number);
  'warming': (number);
  'lagging'?: (number);
  '_lagging'?: "lagging";
}
