import type { Scaling } from './autoscaler.ts';
import type { Incident } from './incident.ts';
import type { ScalingPolicy } from './policy.ts';
import type { Replica } from './replica.ts';
import { type Limits, limitsAt } from './schedule.ts';
import { noOrders, ordersAt, type ScalingOrders } from './scaling-orders.ts';
import { type Signals, signalsOf } from './signals.ts';

/** How far serving replicas are behind. */
export type Lag = {
  /** Serving replicas that lag more than they may. */
  readonly lagging: number;
  /** Whether the primary writes more than its replicas can follow: more of them would only add to its load. */
  readonly primaryIsCause: boolean;
};

export type ScalingView = {
  readonly policy: ScalingPolicy;
  readonly scaling: Scaling;
  readonly incidents: readonly Incident[];
  readonly replicas: readonly Replica[];
  readonly orders?: ScalingOrders;
  /** Null: it is measured, and not known now, which holds every scale-in. Absent: nobody measures it, no brake. */
  readonly lag?: Lag | null;
  /** Addresses of serving replicas that most proxies do not serve yet. Absent: nobody tells. */
  readonly warming?: readonly string[];
  /** Whether Cloud SQL's last listing was incomplete. */
  readonly isPartial?: boolean;
};

/** A proxy that never reaches a new replica holds the next step for so long at most. */
export const warmingPatienceMs = 300_000;

/** The view with all that the moment says of it. */
export type Look = ScalingView & {
  readonly nowMs: number;
  readonly limits: Limits;
  readonly signals: Signals;
  readonly orders: ScalingOrders;
};

/** Looks at a view from a moment: what is in force, what is open, what has expired. */
export function lookAt(view: ScalingView, nowMs: number): Look {
  const { policy, incidents } = view;
  return {
    ...view,
    nowMs,
    limits: limitsAt(policy, nowMs),
    signals: signalsOf(incidents, policy.incidentMaxAgeSeconds * 1000, nowMs),
    orders: ordersAt(view.orders ?? noOrders, nowMs),
  };
}

/** What a decision was made from. */
export type ScalingInputs = {
  readonly replicasMin: number;
  readonly replicasMax: number;
  readonly schedules: readonly string[];
  /** Open incidents that count, and those that are too old to. */
  readonly incidents: { readonly out: number; readonly in: number; readonly expired: number };
  readonly replicas: { readonly serving: number; readonly coming: number; readonly leaving: number };
  /** Serving replicas that most proxies do not serve yet. */
  readonly warming: number;
  readonly lagging: number | null;
};

/** Sums up what a decision is made from, for people. */
export function inputsOf(look: Look): ScalingInputs {
  const { limits, signals, replicas, lag } = look;
  const coming = replicas.filter(isComing).length;
  const serving = replicas.filter(({ state }) => state === 'serving').length;
  return {
    replicasMin: limits.replicasMin,
    replicasMax: limits.replicasMax,
    schedules: limits.schedules,
    incidents: { out: signals.out?.count ?? 0, in: signals.in?.count ?? 0, expired: signals.expired.length },
    replicas: { serving, coming, leaving: replicas.length - serving - coming },
    warming: warmingReplicas(look).length,
    lagging: lag?.lagging ?? null,
  };
}

/** Serving replicas that most proxies do not serve yet, as long as that is waited for. */
export function warmingReplicas({ replicas, warming, nowMs }: Look): readonly Replica[] {
  return replicas.filter(
    (replica) =>
      replica.state === 'serving' &&
      nowMs < replica.sinceMs + warmingPatienceMs &&
      warming?.includes(replica.address) === true,
  );
}

/** Whether it will serve. */
export function isComing({ state }: Replica): boolean {
  return state === 'creating' || state === 'gating';
}

/** The first of the moments that are known. */
export function earliest(moments: readonly (number | null)[]): number | null {
  const known = moments.filter((moment) => moment !== null);
  return known.length === 0 ? null : Math.min(...known);
}
