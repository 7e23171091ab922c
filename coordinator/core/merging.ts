/** A group's changes on their way out: the first goes at once, those that follow closely go together. */
export type Merging = {
  /** When the newest change came; null before the first. */
  readonly changedAtMs: number | null;
  /** Since when a change waits for others; null: none does. */
  readonly waitingSinceMs: number | null;
};

export type MergePolicy = {
  /** A change that comes so long after the one before goes at once. */
  readonly quietMs: number;
  /** No change waits longer. */
  readonly maxMs: number;
};

export const notMerging: Merging = { changedAtMs: null, waitingSinceMs: null };

/** Takes a change and says after how many milliseconds the newest one goes out; 0: now. */
export function mergeChange(
  { changedAtMs, waitingSinceMs }: Merging,
  { quietMs, maxMs }: MergePolicy,
  nowMs: number,
): { readonly merging: Merging; readonly delayMs: number } {
  const isAlone = changedAtMs === null || nowMs - changedAtMs >= quietMs;
  if (waitingSinceMs === null && isAlone) {
    return { merging: { changedAtMs: nowMs, waitingSinceMs: null }, delayMs: 0 };
  }
  const sinceMs = waitingSinceMs ?? nowMs;
  const delayMs = Math.max(0, Math.min(quietMs, sinceMs + maxMs - nowMs));
  return { merging: { changedAtMs: nowMs, waitingSinceMs: sinceMs }, delayMs };
}

/** Notes that the newest change went out. */
export function endMerging({ changedAtMs }: Merging): Merging {
  return { changedAtMs, waitingSinceMs: null };
}
