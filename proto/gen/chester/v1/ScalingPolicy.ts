// Original file: proto/chester/v1/admin.proto


export interface ScalingPolicy {
  'replicasMin'?: (number);
  'replicasMax'?: (number);
  'step'?: (number);
  'scaleOutCooldownSeconds'?: (number);
  'scaleInCooldownSeconds'?: (number);
  '_replicasMin'?: "replicasMin";
  '_replicasMax'?: "replicasMax";
  '_step'?: "step";
  '_scaleOutCooldownSeconds'?: "scaleOutCooldownSeconds";
  '_scaleInCooldownSeconds'?: "scaleInCooldownSeconds";
}

export interface ScalingPolicy__Output {
  'replicasMin'?: (number);
  'replicasMax'?: (number);
  'step'?: (number);
  'scaleOutCooldownSeconds'?: (number);
  'scaleInCooldownSeconds'?: (number);
  '_replicasMin'?: "replicasMin";
  '_replicasMax'?: "replicasMax";
  '_step'?: "step";
  '_scaleOutCooldownSeconds'?: "scaleOutCooldownSeconds";
  '_scaleInCooldownSeconds'?: "scaleInCooldownSeconds";
}
