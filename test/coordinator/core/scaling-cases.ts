import assert from 'node:assert/strict';
import { it } from 'node:test';
import { decideScaling } from '../../../coordinator/core/autoscaler.ts';
import { noOrders, type Override, type Pause, type ScalingOrders } from '../../../coordinator/core/scaling-orders.ts';
import type { ScalingReason } from '../../../coordinator/core/scaling-reasons.ts';
import { type ScalingView, warmingPatienceMs } from '../../../coordinator/core/scaling-view.ts';
import { addressOfName, incident, policy, replica, scalingRecord, startMs } from '../builders.ts';

/** Views of two desired replicas, and what is decided from them. */
export const later = startMs + 3_600_000;
export const open = incident();
export const openIn = incident({ id: '0.in', action: 'scale-in' });
export const two = [replica.serving('r1'), replica.serving('r2')];
export const pause: Pause = { owner: 'ann', reason: 'a sale', sinceMs: startMs, untilMs: null };
export const pausedOut = { ...noOrders, pauses: { out: pause, in: null } };
export const pausedIn = { ...noOrders, pauses: { out: null, in: pause } };
export const brief = { ...pause, untilMs: later };
export const ordered = (replicas: number, untilMs = later + 1): ScalingOrders => {
  const override: Override = { owner: 'ann', reason: 'a sale', sinceMs: startMs, replicas, untilMs };
  return { ...noOrders, override };
};
export const stale = { openedAtMs: startMs - 10_800_000, lastSeenAtMs: later - 10_800_000 };
/** `later` is a Friday, 09:00 in UTC. */
export const openWindow = { cron: '0 9 * * 5', durationSeconds: 3600, timeZone: 'UTC' };
export const shutWindow = { cron: '0 10 * * 5', durationSeconds: 3600, timeZone: 'UTC' };
export const withSchedule = (replicasMin: number, replicasMax: number) =>
  policy({ schedules: [{ name: 'noon', ...openWindow, replicasMin, replicasMax }] });

export const fresh = [replica.serving('r1'), replica.serving('r2', { sinceMs: later - warmingPatienceMs + 1 })];
export const warming = [addressOfName('r2')];
export const quick = policy({ scaleOutCooldownSeconds: 0, scaleInCooldownSeconds: 0 });
export type Case = {
  readonly name: string;
  readonly reason: ScalingReason;
  readonly desired: number;
  readonly nowMs?: number;
} & Partial<ScalingView>;

export function viewOf(change: Partial<ScalingView>): ScalingView {
  return { policy: policy(), scaling: scalingRecord({ desired: 2 }), incidents: [], replicas: [], ...change };
}

/** A test for each: the reason and the count. */
export function itDecides(cases: readonly Case[]): void {
  for (const { name, reason, desired, nowMs, ...change } of cases) {
    it(`${name}: ${reason}`, () => {
      const decision = decideScaling(viewOf(change), nowMs ?? later);
      assert.deepEqual({ reason: decision.reason, desired: decision.desired }, { reason, desired });
    });
  }
}
