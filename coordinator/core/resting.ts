import type { ScalingDecision } from './autoscaler.ts';
import { noOrders } from './scaling-orders.ts';
import { type ScalingView, warmingPatienceMs } from './scaling-view.ts';

/**
 * Whether only what it was made of can change a decision, or time from `decision.lookAtMs` on. That is so where nobody
 * asks for anything, and all replicas have served for long.
 */
export function isAtRest(view: ScalingView, decision: ScalingDecision, nowMs: number): boolean {
  const { incidents, replicas, orders = noOrders, isPartial } = view;
  return (
    decision.reason === 'STEADY' &&
    isPartial !== true &&
    orders.override === null &&
    orders.pauses.out === null &&
    orders.pauses.in === null &&
    incidents.every(({ state }) => state !== 'open') &&
    replicas.every(({ state, sinceMs }) => state === 'serving' && sinceMs + warmingPatienceMs <= nowMs)
  );
}
