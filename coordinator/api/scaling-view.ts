import type { Group } from '../../proto/gen/chester/v1/Group.ts';
import type { ScalingDecision as WireDecision } from '../../proto/gen/chester/v1/ScalingDecision.ts';
import type { ScalingInputs as WireInputs } from '../../proto/gen/chester/v1/ScalingInputs.ts';
import type { ScalingOrder } from '../../proto/gen/chester/v1/ScalingOrder.ts';
import type { Clock } from '../../process/clock.ts';
import { keys, type LastDecision } from '../core/records.ts';
import { noOrders, type Order, ordersAt } from '../core/scaling-orders.ts';
import { scalingReasons } from '../core/scaling-reasons.ts';
import type { ScalingInputs } from '../core/scaling-view.ts';
import type { Store } from '../ports.ts';

/** Reads what administrators see of a group's count: what decides it, and what people ordered. */
export async function readScaling(
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  name: string,
): Promise<Partial<Group>> {
  const [scaling, decision, pauses, override] = await Promise.all([
    store.get(keys.scaling(name)),
    store.get(keys.decision(name)),
    store.get(keys.pauses(name)),
    store.get(keys.override(name)),
  ]);
  const stored = { pauses: pauses?.value ?? noOrders.pauses, override: override?.value ?? null };
  const orders = ordersAt(stored, clock.nowMs());
  return {
    desired: scaling?.value.desired ?? 0,
    desiredReason: scaling?.value.reason ?? '',
    decision: decision === null ? '' : renderSummary(decision.value),
    scalingDecision: decision === null ? null : renderDecision(decision.value),
    scaleOutPause: renderOrder(orders.pauses.out),
    scaleInPause: renderOrder(orders.pauses.in),
    scaleOverride: orders.override && { replicas: orders.override.replicas, order: renderOrder(orders.override) },
  };
}

function renderSummary({ reason, incidentId, untilMs, would }: LastDecision): string {
  const by = incidentId === null ? '' : ` by incident ${incidentId}`;
  const instead = would === null ? '' : `: would be ${would.desired} (${would.reason})`;
  return `${reason}${by}${instead}${untilMs === null ? '' : ` until ${new Date(untilMs).toISOString()}`}`;
}

function renderDecision({ desired, reason, incidentId, untilMs, atMs, would, inputs }: LastDecision): WireDecision {
  return {
    desired,
    reason,
    meaning: scalingReasons[reason],
    incidentId: incidentId ?? '',
    untilMs: untilMs ?? 0,
    atMs,
    would: would && { ...would },
    inputs: renderInputs(inputs),
  };
}

function renderInputs({ incidents, replicas, schedules, lagging, ...inputs }: ScalingInputs): WireInputs {
  return {
    ...inputs,
    ...replicas,
    schedules: [...schedules],
    scaleOutIncidents: incidents.out,
    scaleInIncidents: incidents.in,
    expiredIncidents: incidents.expired,
    ...(lagging === null ? {} : { lagging }),
  };
}

function renderOrder(order: (Order & { readonly untilMs: number | null }) | null): ScalingOrder | null {
  if (order === null) return null;
  const { owner, reason, sinceMs, untilMs } = order;
  return { owner, reason, sinceMs, untilMs: untilMs ?? 0 };
}
