/**
 * Chooses the fencing token of a new term: above every earlier one, and at least the wall clock, so that a store that
 * lost its memory does not hand out a token twice.
 */
export function nextFencingToken(highestKnown: number, nowMs: number): number {
  return Math.max(highestKnown + 1, nowMs);
}

/** An epoch further ahead than this is a mistake or an attack, not a lost store. */
const epochAheadMaxMs = 24 * 3_600_000;

/** Whether an agent's claim to have seen `epoch` can be believed. */
export function isPlausibleEpoch(epoch: number, nowMs: number): boolean {
  return epoch <= nowMs + epochAheadMaxMs;
}
