/** Exponential backoff with full jitter, so that a crowd does not come back at once. */
export type BackoffPolicy = {
  readonly baseMs: number;
  readonly maxMs: number;
};

/**
 * Chooses the delay before retry number `attempt` (0 is the first retry): anywhere in `[0, min(max, base · 2^attempt))`.
 *
 * @param random Returns a number in [0, 1).
 */
export function backoffDelayMs(policy: BackoffPolicy, attempt: number, random: () => number = Math.random): number {
  const ceilingMs = Math.min(policy.maxMs, policy.baseMs * 2 ** Math.min(attempt, 30));
  return Math.floor(random() * ceilingMs);
}
