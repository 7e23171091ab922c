/** An epoch further ahead than this is a mistake or an attack, not a lost store. */
const epochAheadMaxMs = 24 * 3_600_000;

/**
 * Whether an agent's claim to have seen `epoch` can be believed. What this term itself reached always can: a clock that
 * was once wrong must not lock a fleet out.
 */
export function isPlausibleEpoch(epoch: number, fencingToken: number, nowMs: number): boolean {
  return epoch <= Math.max(nowMs + epochAheadMaxMs, fencingToken);
}

/** How a lease is kept: renewed about three times in its life, and given up by its holder before it can be taken. */
export type LeaseTimes = {
  readonly renewMs: number;
  /** The holder decides for so long after it sent what the store then granted. */
  readonly decideMs: number;
  /** Pause after a renewal that failed, and while it is not known for how long somebody else's lease runs. */
  readonly retryMs: number;
};

/** The part of a lease that its holder leaves unused: for clocks that run unlike, and for a call that is on its way. */
const marginShare = 0.2;
const retryMsMin = 50;
const retryMsMax = 1000;

/** The times that follow from a lease's length. */
export function leaseTimes(ttlMs: number): LeaseTimes {
  return {
    renewMs: ttlMs / 3,
    decideMs: ttlMs * (1 - marginShare),
    retryMs: Math.min(retryMsMax, Math.max(retryMsMin, ttlMs / 10)),
  };
}

/**
 * How long to wait before the lease is asked for again. Whoever has it says when it begins and gives it back; only one
 * that died does not, and then it is free when its time is over, and not before.
 */
export function waitMs({ retryMs, renewMs }: LeaseTimes, othersMs: number | null): number {
  return othersMs === null ? retryMs : Math.max(retryMsMin, Math.min(renewMs, othersMs + 1));
}
