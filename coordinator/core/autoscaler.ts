import type { ScalingPolicy } from './group-spec.ts';
import type { Incident } from './incident.ts';
import { countsAsWanted, type Replica } from './replica.ts';

/** How many owned replicas a group should have now: the autoscaler's only output, kept in the store. */
export type Scaling = {
  readonly desired: number;
  readonly reason: string;
  /** When the count last went up, or a person set it; 0 for never. */
  readonly scaledOutAtMs: number;
  /** When the count last went down, or a replica's deletion was completed; 0 for never. */
  readonly scaledInAtMs: number;
  /** When Cloud SQL last failed to create a replica; 0 for never. */
  readonly createFailedAtMs: number;
};

/** Why the count is what it is. A fixed list: metrics and events carry it. */
export type ScalingReason =
  | 'SCALE_OUT'
  | 'SCALE_IN'
  | 'RAISED_TO_MIN'
  | 'LOWERED_TO_MAX'
  | 'STEADY'
  | 'AT_MAX'
  | 'AT_MIN'
  | 'WITHIN_COOLDOWN'
  | 'OPERATION_IN_PROGRESS';

export type ScalingDecision = {
  readonly desired: number;
  readonly reason: ScalingReason;
  /** The incident that asked, if one did. */
  readonly incidentId: string | null;
  /** When the answer may change by time alone. */
  readonly untilMs: number | null;
};

export type ScalingView = {
  readonly policy: ScalingPolicy;
  readonly scaling: Scaling;
  readonly incidents: readonly Incident[];
  readonly replicas: readonly Replica[];
};

/** What a group starts with. */
export function initialScaling(policy: ScalingPolicy): Scaling {
  const never = { scaledOutAtMs: 0, scaledInAtMs: 0, createFailedAtMs: 0 };
  return { desired: policy.replicasMin, reason: 'INITIAL', ...never };
}

/** Writes a decision into the record; returns the same object when the count stays. */
export function applyDecision(scaling: Scaling, decision: ScalingDecision, nowMs: number): Scaling {
  if (decision.desired === scaling.desired) return scaling;
  const isOut = decision.desired > scaling.desired;
  return {
    ...scaling,
    desired: decision.desired,
    reason: decision.incidentId === null ? decision.reason : `${decision.reason} ${decision.incidentId}`,
    ...(isOut ? { scaledOutAtMs: nowMs } : { scaledInAtMs: nowMs }),
  };
}

/**
 * Turns what is known now into the desired count. Pure, level-based: while an incident stays open it takes one step
 * per cool-down. Scale-out wins over scale-in; that an incident closed asks for nothing.
 */
export function decideScaling(view: ScalingView, nowMs: number): ScalingDecision {
  const { policy, scaling } = view;
  if (scaling.desired < policy.replicasMin) return decided(policy.replicasMin, 'RAISED_TO_MIN');
  if (scaling.desired > policy.replicasMax) return decided(policy.replicasMax, 'LOWERED_TO_MAX');
  const scaleOut = oldestOpen(view.incidents, 'scale-out');
  if (scaleOut !== null) return decideScaleOut(view, scaleOut, nowMs);
  const scaleIn = oldestOpen(view.incidents, 'scale-in');
  if (scaleIn !== null) return decideScaleIn(view, scaleIn, nowMs);
  return decided(scaling.desired, 'STEADY');
}

/**
 * A drain never holds a scale-out: the draining replica is the first to come back. A step that is still to be made is
 * not followed by another: creations that fail would else add up and all come at once.
 */
function decideScaleOut(view: ScalingView, incident: Incident, nowMs: number): ScalingDecision {
  const { policy, scaling, replicas } = view;
  if (scaling.desired >= policy.replicasMax) return decided(scaling.desired, 'AT_MAX', incident);
  const isShort = replicas.filter(countsAsWanted).length < scaling.desired;
  const isBusy = isShort || replicas.some(({ state }) => state === 'creating' || state === 'gating');
  if (isBusy) return decided(scaling.desired, 'OPERATION_IN_PROGRESS', incident);
  const untilMs = Math.max(scaling.scaledOutAtMs, lastServingMs(view)) + policy.scaleOutCooldownSeconds * 1000;
  if (nowMs < untilMs) return { ...decided(scaling.desired, 'WITHIN_COOLDOWN', incident), untilMs };
  return decided(Math.min(scaling.desired + policy.step, policy.replicasMax), 'SCALE_OUT', incident);
}

/** One replica at a time, whatever the step: what leaves is harder to bring back. */
function decideScaleIn(view: ScalingView, incident: Incident, nowMs: number): ScalingDecision {
  const { policy, scaling, replicas } = view;
  if (scaling.desired <= policy.replicasMin) return decided(scaling.desired, 'AT_MIN', incident);
  const isOver = replicas.filter(countsAsWanted).length > scaling.desired;
  const isBusy = isOver || replicas.some(({ state }) => state !== 'serving');
  if (isBusy) return decided(scaling.desired, 'OPERATION_IN_PROGRESS', incident);
  const lastChangeMs = Math.max(scaling.scaledOutAtMs, scaling.scaledInAtMs, lastServingMs(view));
  const untilMs = lastChangeMs + policy.scaleInCooldownSeconds * 1000;
  if (nowMs < untilMs) return { ...decided(scaling.desired, 'WITHIN_COOLDOWN', incident), untilMs };
  return decided(scaling.desired - 1, 'SCALE_IN', incident);
}

/** The cool-down runs from the last change's completion, so that a slow creation is not answered twice. */
function lastServingMs(view: ScalingView): number {
  return Math.max(0, ...view.replicas.filter(({ state }) => state === 'serving').map(({ sinceMs }) => sinceMs));
}

function oldestOpen(incidents: readonly Incident[], action: Incident['action']): Incident | null {
  const open = incidents.filter((incident) => incident.state === 'open' && incident.action === action);
  return open.reduce<Incident | null>(
    (oldest, incident) => (oldest === null || incident.openedAtMs < oldest.openedAtMs ? incident : oldest),
    null,
  );
}

function decided(desired: number, reason: ScalingReason, incident: Incident | null = null): ScalingDecision {
  return { desired, reason, incidentId: incident?.id ?? null, untilMs: null };
}
