import { z } from 'zod';
import { text } from './fields.ts';
import { labelName } from './names.ts';
import { windowAt, windowFields } from './window.ts';

/** Cloud SQL recommends at most ten direct replicas a primary. */
export const replicasCeiling = 10;

export const replicaCount = z.int().min(0).max(replicasCeiling);

/** Other bounds for a while. What a schedule does not say comes from the policy. */
export const scheduleSchema = z
  .strictObject({
    name: text(labelName),
    ...windowFields,
    replicasMin: replicaCount.optional(),
    replicasMax: replicaCount.optional(),
  })
  .refine(({ replicasMin, replicasMax }) => replicasMin !== undefined || replicasMax !== undefined, {
    path: ['replicasMin'],
    message: 'a number, or replicasMax: a schedule without both changes nothing',
  });

export type Schedule = Readonly<z.infer<typeof scheduleSchema>>;

/** How many owned replicas a group may have at a moment. */
export type Limits = {
  readonly replicasMin: number;
  readonly replicasMax: number;
  /** The schedules in force, by name. */
  readonly schedules: readonly string[];
  /** When a schedule may begin or end; null: never. */
  readonly untilMs: number | null;
};

type Bounds = { readonly replicasMin: number; readonly replicasMax: number };

/**
 * The bounds in force. While schedules are, they stand in for the policy's, each as a whole pair; of several, the highest
 * minimum and the highest maximum hold: whoever asks for more replicas gets them.
 */
export function limitsAt(policy: Bounds & { readonly schedules: readonly Schedule[] }, nowMs: number): Limits {
  const states = policy.schedules.map((schedule) => ({ schedule, ...windowAt(schedule, nowMs) }));
  const untils = states.flatMap(({ untilMs }) => (untilMs === null ? [] : [untilMs]));
  const open = states.filter(({ isOpen }) => isOpen).map(({ schedule }) => schedule);
  const pairs = open.length === 0 ? [policy] : open.map((schedule) => boundsOf(schedule, policy));
  return {
    replicasMin: Math.max(...pairs.map(({ replicasMin }) => replicasMin)),
    replicasMax: Math.max(...pairs.map(({ replicasMax }) => replicasMax)),
    schedules: open.map(({ name }) => name),
    untilMs: untils.length === 0 ? null : Math.min(...untils),
  };
}

/** The bounds that one schedule stands for. */
export function boundsOf(schedule: { readonly [Bound in keyof Bounds]?: number | undefined }, policy: Bounds): Bounds {
  return {
    replicasMin: schedule.replicasMin ?? policy.replicasMin,
    replicasMax: schedule.replicasMax ?? policy.replicasMax,
  };
}
