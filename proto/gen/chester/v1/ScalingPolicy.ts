// Original file: proto/chester/v1/admin.proto

import type { TimeWindow as _chester_v1_TimeWindow, TimeWindow__Output as _chester_v1_TimeWindow__Output } from '../../chester/v1/TimeWindow.ts';
import type { Schedule as _chester_v1_Schedule, Schedule__Output as _chester_v1_Schedule__Output } from '../../chester/v1/Schedule.ts';
import type { ConnectionBudget as _chester_v1_ConnectionBudget, ConnectionBudget__Output as _chester_v1_ConnectionBudget__Output } from '../../chester/v1/ConnectionBudget.ts';

export interface ScalingPolicy {
  'replicasMin'?: (number);
  'replicasMax'?: (number);
  'step'?: (number);
  'scaleOutCooldownSeconds'?: (number);
  'scaleInCooldownSeconds'?: (number);
  'scaleInStep'?: (number);
  'scaleOutStabilisationSeconds'?: (number);
  'scaleInStabilisationSeconds'?: (number);
  'disableScaleIn'?: (boolean);
  'dryRun'?: (boolean);
  'scaleInWindows'?: (_chester_v1_TimeWindow)[];
  'schedules'?: (_chester_v1_Schedule)[];
  'incidentMaxAgeSeconds'?: (number);
  'connectionBudget'?: (_chester_v1_ConnectionBudget | null);
  '_replicasMin'?: "replicasMin";
  '_replicasMax'?: "replicasMax";
  '_step'?: "step";
  '_scaleOutCooldownSeconds'?: "scaleOutCooldownSeconds";
  '_scaleInCooldownSeconds'?: "scaleInCooldownSeconds";
  '_scaleInStep'?: "scaleInStep";
  '_scaleOutStabilisationSeconds'?: "scaleOutStabilisationSeconds";
  '_scaleInStabilisationSeconds'?: "scaleInStabilisationSeconds";
  '_incidentMaxAgeSeconds'?: "incidentMaxAgeSeconds";
}

export interface ScalingPolicy__Output {
  'replicasMin'?: (number);
  'replicasMax'?: (number);
  'step'?: (number);
  'scaleOutCooldownSeconds'?: (number);
  'scaleInCooldownSeconds'?: (number);
  'scaleInStep'?: (number);
  'scaleOutStabilisationSeconds'?: (number);
  'scaleInStabilisationSeconds'?: (number);
  'disableScaleIn': (boolean);
  'dryRun': (boolean);
  'scaleInWindows': (_chester_v1_TimeWindow__Output)[];
  'schedules': (_chester_v1_Schedule__Output)[];
  'incidentMaxAgeSeconds'?: (number);
  'connectionBudget': (_chester_v1_ConnectionBudget__Output | null);
  '_replicasMin'?: "replicasMin";
  '_replicasMax'?: "replicasMax";
  '_step'?: "step";
  '_scaleOutCooldownSeconds'?: "scaleOutCooldownSeconds";
  '_scaleInCooldownSeconds'?: "scaleInCooldownSeconds";
  '_scaleInStep'?: "scaleInStep";
  '_scaleOutStabilisationSeconds'?: "scaleOutStabilisationSeconds";
  '_scaleInStabilisationSeconds'?: "scaleInStabilisationSeconds";
  '_incidentMaxAgeSeconds'?: "incidentMaxAgeSeconds";
}
