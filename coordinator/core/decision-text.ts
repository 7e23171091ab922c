import type { ScalingDecision } from './autoscaler.ts';
import type { ScalingPolicy } from './policy.ts';
import type { Order, ScalingOrders } from './scaling-orders.ts';

/** Tells a decision with all that it was made from, on one line. */
export function describeDecision(
  before: number,
  decision: Pick<ScalingDecision, 'desired' | 'would' | 'inputs'>,
  { policy, orders }: { readonly policy: ScalingPolicy; readonly orders: ScalingOrders },
): string {
  const { desired, would, inputs } = decision;
  const { replicasMin, replicasMax, incidents, replicas, schedules, warming, lagging } = inputs;
  const parts = [
    `min ${replicasMin}, max ${replicasMax}${schedules.length === 0 ? '' : ` by ${schedules.join(', ')}`}`,
    `incidents ${incidents.out} out, ${incidents.in} in, ${incidents.expired} expired`,
    `replicas ${replicas.serving} serving, ${replicas.coming} coming, ${replicas.leaving} leaving`,
    ...(warming > 0 ? [`${warming} warming`] : []),
    ...(lagging !== null ? [`${lagging} lagging`] : []),
    `steps +${policy.step} −${policy.scaleInStep}`,
    `cool-downs ${policy.scaleOutCooldownSeconds} s out, ${policy.scaleInCooldownSeconds} s in`,
    ...ordersOf(orders),
  ];
  const instead = would === null ? '' : `, would be ${would.desired} by ${would.reason}`;
  return `${before} → ${desired}${instead} (${parts.join('; ')})`;
}

function ordersOf({ override, pauses }: ScalingOrders): string[] {
  return [
    ...(override === null ? [] : [`held at ${override.replicas} ${by(override)}`]),
    ...(pauses.out === null ? [] : [`out paused ${by(pauses.out)}`]),
    ...(pauses.in === null ? [] : [`in paused ${by(pauses.in)}`]),
  ];
}

function by({ owner, untilMs }: Order & { readonly untilMs: number | null }): string {
  return `by ${owner}${untilMs === null ? '' : ` until ${new Date(untilMs).toISOString()}`}`;
}
