/** An epoch further ahead than this is a mistake or an attack, not a lost store. */
const epochAheadMaxMs = 24 * 3_600_000;

/**
 * Whether an agent's claim to have seen `epoch` can be believed. What this term itself reached always can: a clock that
 * was once wrong must not lock a fleet out.
 */
export function isPlausibleEpoch(epoch: number, fencingToken: number, nowMs: number): boolean {
  return epoch <= Math.max(nowMs + epochAheadMaxMs, fencingToken);
}
