// Original file: proto/chester/v1/snapshot.proto


// Original file: proto/chester/v1/snapshot.proto

export const _chester_v1_SlowStart_Curve = {
  CURVE_UNSPECIFIED: 'CURVE_UNSPECIFIED',
  CURVE_LINEAR: 'CURVE_LINEAR',
  CURVE_EXPONENTIAL: 'CURVE_EXPONENTIAL',
} as const;

export type _chester_v1_SlowStart_Curve =
  | 'CURVE_UNSPECIFIED'
  | 0
  | 'CURVE_LINEAR'
  | 1
  | 'CURVE_EXPONENTIAL'
  | 2

export type _chester_v1_SlowStart_Curve__Output = typeof _chester_v1_SlowStart_Curve[keyof typeof _chester_v1_SlowStart_Curve]

export interface SlowStart {
  'durationSeconds'?: (number);
  'initialPercent'?: (number);
  'curve'?: (_chester_v1_SlowStart_Curve);
}

export interface SlowStart__Output {
  'durationSeconds': (number);
  'initialPercent': (number);
  'curve': (_chester_v1_SlowStart_Curve__Output);
}
