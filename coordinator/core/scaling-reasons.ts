/** Every reason of a scaling decision, and what it says. Metrics, events, status and documentation carry these. */
export const scalingReasons = {
  SCALE_OUT: 'an open incident asked for more, and nothing held it',
  SCALE_IN: 'an open incident asked for less, and nothing held it',
  RAISED_TO_MIN: "the count was below the policy's minimum",
  LOWERED_TO_MAX: "the count was above the policy's maximum",
  SCHEDULE: 'the count was outside the bounds of a schedule',
  OVERRIDE: 'a person holds the count for a while',
  MANUAL: 'a person set the count once',
  STEADY: 'nothing asks for a change',
  INCIDENT_EXPIRED: 'the only open incident was not heard of for too long',
  DRY_RUN: 'the policy only shows what would be done',
  AT_MAX: 'the maximum in force is reached',
  AT_MIN: 'the minimum in force is reached',
  PAUSED: 'a person paused this direction',
  SCALE_IN_DISABLED: 'the policy allows no scale-in',
  OUTSIDE_WINDOW: "none of the policy's scale-in windows is open",
  PARTIAL_VIEW: 'Cloud SQL did not list everything, so nothing is taken away',
  LAGGING: 'serving replicas lag: nothing is taken away, nor added where the primary is the cause',
  LAG_UNKNOWN: 'how far replicas lag is not known, so nothing is taken away',
  OPERATION_IN_PROGRESS: 'the last change is not finished',
  WARMING: 'most proxies do not serve the newest replica yet',
  WITHIN_COOLDOWN: 'the last change was finished too short a time ago',
  STABILISING: 'the incident is not open for long enough',
} as const satisfies Readonly<Record<string, string>>;

export type ScalingReason = keyof typeof scalingReasons;
