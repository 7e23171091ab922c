import { countsAsWanted } from './replica.ts';
import type { Direction } from './scaling-orders.ts';
import type { ScalingReason } from './scaling-reasons.ts';
import {
  earliest,
  isComing,
  type Lag,
  type Look,
  type ScalingView,
  warmingPatienceMs,
  warmingReplicas,
} from './scaling-view.ts';
import type { Signal } from './signals.ts';
import { windowAt } from './window.ts';

/** Why a step is not made now, and when that may be over. */
type Held = { readonly reason: ScalingReason; readonly untilMs: number | null };
/** Says why a step is not made now; null when nothing is against it. */
export type Hold = (look: Look, signal: Signal | null) => Held | null;

/** A bound is a step as well: only a pause holds what raises the count to the minimum. */
export const holdsAnyOut: readonly Hold[] = [(look) => pausedIn('out', look)];

/** What a scale-out has to get past, the most telling first. */
export const holdsOut: readonly Hold[] = [
  ({ scaling, limits }) => holdIf(scaling.desired >= limits.replicasMax, 'AT_MAX', limits.untilMs),
  ...holdsAnyOut,
  ({ lag }) => holdIf(isLagging(lag) && lag.primaryIsCause, 'LAGGING'),
  busyOut,
  warmingHold,
  cooldownOut,
  ({ policy, nowMs }, signal) => stabilising(signal, policy.scaleOutStabilisationSeconds, nowMs),
];

/** Whatever takes replicas away, a lowered maximum too, has to get past these. */
export const holdsAnyIn: readonly Hold[] = [
  (look) => pausedIn('in', look),
  ({ policy }) => holdIf(policy.disableScaleIn, 'SCALE_IN_DISABLED'),
  outsideWindows,
  ({ isPartial }) => holdIf(isPartial === true, 'PARTIAL_VIEW'),
  ({ lag }) => holdIf(lag === null, 'LAG_UNKNOWN') ?? holdIf(isLagging(lag), 'LAGGING'),
];

/** What a scale-in has to get past. */
export const holdsIn: readonly Hold[] = [
  ({ scaling, limits }) => holdIf(scaling.desired <= limits.replicasMin, 'AT_MIN', limits.untilMs),
  ...holdsAnyIn,
  busyIn,
  cooldownIn,
  ({ policy, nowMs }, signal) => stabilising(signal, policy.scaleInStabilisationSeconds, nowMs),
];

/** The first of the holds that is there. */
export function firstHold(look: Look, signal: Signal | null, holds: readonly Hold[]): Held | null {
  for (const hold of holds) {
    const held = hold(look, signal);
    if (held !== null) return held;
  }
  return null;
}

function holdIf(isHeld: boolean, reason: ScalingReason, untilMs: number | null = null): Held | null {
  return isHeld ? { reason, untilMs } : null;
}

function holdUntil(untilMs: number, nowMs: number, reason: ScalingReason): Held | null {
  return nowMs < untilMs ? { reason, untilMs } : null;
}

function pausedIn(direction: Direction, { orders }: Look): Held | null {
  const pause = orders.pauses[direction];
  return pause && { reason: 'PAUSED', untilMs: pause.untilMs };
}

function outsideWindows({ policy, nowMs }: Look): Held | null {
  if (policy.scaleInWindows.length === 0) return null;
  const states = policy.scaleInWindows.map((window) => windowAt(window, nowMs));
  if (states.some(({ isOpen }) => isOpen)) return null;
  return { reason: 'OUTSIDE_WINDOW', untilMs: earliest(states.map(({ untilMs }) => untilMs)) };
}

/**
 * A drain never holds a scale-out: the draining replica is the first to come back. A step that is still to be made is
 * not followed by another: creations that fail would else add up and all come at once.
 */
function busyOut({ replicas, scaling }: Look): Held | null {
  const isShort = replicas.filter(countsAsWanted).length < scaling.desired;
  return holdIf(isShort || replicas.some(isComing), 'OPERATION_IN_PROGRESS');
}

function busyIn({ replicas, scaling }: Look): Held | null {
  const isOver = replicas.filter(countsAsWanted).length > scaling.desired;
  return holdIf(isOver || replicas.some(({ state }) => state !== 'serving'), 'OPERATION_IN_PROGRESS');
}

/** The load does not know a replica that proxies do not serve yet: it would be answered twice. */
function warmingHold(look: Look): Held | null {
  const sinces = warmingReplicas(look).map(({ sinceMs }) => sinceMs);
  return sinces.length === 0 ? null : { reason: 'WARMING', untilMs: Math.max(...sinces) + warmingPatienceMs };
}

function cooldownOut(look: Look): Held | null {
  const { scaling, policy, nowMs } = look;
  const lastChangeMs = Math.max(scaling.scaledOutAtMs, lastServingMs(look));
  return holdUntil(lastChangeMs + policy.scaleOutCooldownSeconds * 1000, nowMs, 'WITHIN_COOLDOWN');
}

function cooldownIn(look: Look): Held | null {
  const { scaling, policy, nowMs } = look;
  const lastChangeMs = Math.max(scaling.scaledOutAtMs, scaling.scaledInAtMs, lastServingMs(look));
  return holdUntil(lastChangeMs + policy.scaleInCooldownSeconds * 1000, nowMs, 'WITHIN_COOLDOWN');
}

/** The cool-down runs from the last change's completion, so that a slow creation is not answered twice. */
function lastServingMs({ replicas }: ScalingView): number {
  return Math.max(0, ...replicas.filter(({ state }) => state === 'serving').map(({ sinceMs }) => sinceMs));
}

function stabilising(signal: Signal | null, seconds: number, nowMs: number): Held | null {
  return signal && holdUntil(signal.sinceMs + seconds * 1000, nowMs, 'STABILISING');
}

function isLagging(lag: Lag | null | undefined): lag is Lag {
  return lag !== null && lag !== undefined && lag.lagging > 0;
}
