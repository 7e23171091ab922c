/** How often somebody failed in a row, and until when no more is tried. */
export type Failures = { readonly count: number; readonly lastAtMs: number; readonly lockedUntilMs: number };

const freeFailures = 5;
const firstLockMs = 1000;
const lockMsMax = 300_000;
const forgottenAfterMs = 900_000;

/** Whether nothing may be tried now, not even what is right: an answer would tell. */
export function isLocked(failures: Failures | undefined, nowMs: number): boolean {
  return failures !== undefined && nowMs < failures.lockedUntilMs;
}

/** Counts one more failure: each beyond the fifth locks twice as long, up to five minutes. */
export function noteFailure(failures: Failures | undefined, nowMs: number): Failures {
  const isOld = failures === undefined || nowMs - failures.lastAtMs > forgottenAfterMs;
  const count = (isOld ? 0 : failures.count) + 1;
  const over = count - freeFailures;
  const lockMs = over <= 0 ? 0 : Math.min(lockMsMax, firstLockMs * 2 ** Math.min(over - 1, 20));
  return { count, lastAtMs: nowMs, lockedUntilMs: nowMs + lockMs };
}
