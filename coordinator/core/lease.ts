/** An epoch further ahead than this is a mistake or an attack, not a lost store. */
const epochAheadMaxMs = 24 * 3_600_000;

/** Whether an agent's claim to have seen `epoch` can be believed. */
export function isPlausibleEpoch(epoch: number, nowMs: number): boolean {
  return epoch <= nowMs + epochAheadMaxMs;
}
