import type { ScalingPolicy } from './policy.ts';
import { firstHold, type Hold, holdsAnyIn, holdsAnyOut, holdsIn, holdsOut } from './scaling-holds.ts';
import type { ScalingReason } from './scaling-reasons.ts';
import { earliest, inputsOf, type Look, lookAt, type ScalingInputs, type ScalingView } from './scaling-view.ts';
import type { Signal } from './signals.ts';
import { windowAt } from './window.ts';

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
  /** How many creations failed in a row; absent for none. */
  readonly createFailures?: number;
};

/** A count, why, and until when the reason may last. */
type Answer = {
  readonly desired: number;
  readonly reason: ScalingReason;
  /** The incident that asked, if one did. */
  readonly incidentId: string | null;
  /** When the reason may be gone by time alone; null: time alone does not end it. */
  readonly untilMs: number | null;
};

export type ScalingDecision = Answer & {
  /** What a dry run keeps from being done; null when nothing is kept. */
  readonly would: { readonly desired: number; readonly reason: ScalingReason } | null;
  readonly inputs: ScalingInputs;
  /** When to decide again at the latest, because time alone may change the answer; null: no such moment is known. */
  readonly lookAtMs: number | null;
};

/** What a group starts with: nothing where nothing is to be changed. */
export function initialScaling(policy: ScalingPolicy): Scaling {
  const never = { scaledOutAtMs: 0, scaledInAtMs: 0, createFailedAtMs: 0 };
  return { desired: policy.dryRun ? 0 : policy.replicasMin, reason: 'INITIAL', ...never };
}

/** Writes a decision into the record; returns the same object when the count stays. */
export function applyDecision(
  scaling: Scaling,
  decision: Pick<ScalingDecision, 'desired' | 'reason' | 'incidentId'>,
  nowMs: number,
): Scaling {
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
 * per cool-down. In this order: a person's count, the bounds in force, open scale-outs, open scale-ins. So scale-out
 * wins over scale-in, and that an incident closed asks for nothing.
 */
export function decideScaling(view: ScalingView, nowMs: number): ScalingDecision {
  const { policy, scaling } = view;
  const look = lookAt(view, nowMs);
  const answer = answerOf(look);
  const rest = { inputs: inputsOf(look), lookAtMs: nextLookMs(look, answer) };
  // A person's order is no trial: only what the autoscaler wants by itself is kept from being done.
  if (!policy.dryRun || answer.desired === scaling.desired || answer.reason === 'OVERRIDE') {
    return { ...answer, would: null, ...rest };
  }
  const would = { desired: answer.desired, reason: answer.reason };
  return { ...answer, desired: scaling.desired, reason: 'DRY_RUN', would, ...rest };
}

function answerOf(look: Look): Answer {
  const { scaling, limits, signals, orders } = look;
  if (orders.override !== null) {
    const { replicas, untilMs } = orders.override;
    const desired = Math.min(Math.max(replicas, limits.replicasMin), limits.replicasMax);
    return { desired, reason: 'OVERRIDE', incidentId: null, untilMs };
  }
  const { desired } = scaling;
  const step = stepOf(look);
  if (step === null) {
    const [expired] = signals.expired;
    return { desired, reason: expired ? 'INCIDENT_EXPIRED' : 'STEADY', incidentId: expired?.id ?? null, untilMs: null };
  }
  const incidentId = step.signal?.incident.id ?? null;
  const held = firstHold(look, step.signal, step.holds);
  return held === null
    ? { desired: step.desired, reason: step.reason, incidentId, untilMs: null }
    : { desired, incidentId, ...held };
}

/** What would be done if nothing held it. */
type Step = {
  readonly desired: number;
  readonly reason: ScalingReason;
  readonly signal: Signal | null;
  readonly holds: readonly Hold[];
};

function stepOf({ scaling: { desired }, policy, limits, signals }: Look): Step | null {
  const { replicasMin, replicasMax } = limits;
  if (desired < replicasMin) {
    const reason = desired < policy.replicasMin ? 'RAISED_TO_MIN' : 'SCHEDULE';
    return { desired: replicasMin, reason, signal: null, holds: holdsAnyOut };
  }
  if (desired > replicasMax) {
    const reason = desired > policy.replicasMax ? 'LOWERED_TO_MAX' : 'SCHEDULE';
    return { desired: replicasMax, reason, signal: null, holds: holdsAnyIn };
  }
  if (signals.out !== null) {
    const more = Math.min(desired + policy.step, replicasMax);
    return { desired: more, reason: 'SCALE_OUT', signal: signals.out, holds: holdsOut };
  }
  if (signals.in === null) return null;
  const less = Math.max(desired - policy.scaleInStep, replicasMin);
  return { desired: less, reason: 'SCALE_IN', signal: signals.in, holds: holdsIn };
}

/** Whatever of the inputs ends or begins by time. */
function nextLookMs({ policy, limits, signals, orders, nowMs }: Look, { untilMs }: Answer): number | null {
  const { pauses, override } = orders;
  const ends = [pauses.out, pauses.in, override].map((order) => order?.untilMs ?? null);
  const turns = policy.scaleInWindows.map((window) => windowAt(window, nowMs).untilMs);
  return earliest([untilMs, limits.untilMs, signals.expiresAtMs, ...ends, ...turns]);
}
