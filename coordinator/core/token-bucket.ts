/**
 * How many new streams are let in: a rate, and as many at once as come within a second of it. Whoever is sent away gets
 * a moment of its own to come again, and these moments follow each other at the same rate.
 */
export type TokenBucket = {
  readonly tokens: number;
  readonly filledAtMs: number;
  /** The last moment that was given away. */
  readonly lastSlotMs: number;
};

export type AdmissionPolicy = {
  readonly perSecond: number;
  readonly burst: number;
  /** Nobody is told to wait longer. */
  readonly waitMaxMs: number;
};

/** A bucket that is full. */
export function newBucket({ burst }: Pick<AdmissionPolicy, 'burst'>, nowMs: number): TokenBucket {
  return { tokens: burst, filledAtMs: nowMs, lastSlotMs: nowMs };
}

/** Takes a token; without one says after how long to come again. Both clocks are the one that never goes back. */
export function takeToken(
  bucket: TokenBucket,
  { perSecond, burst, waitMaxMs }: AdmissionPolicy,
  nowMs: number,
): { readonly bucket: TokenBucket; readonly retryAfterMs: number | null } {
  const everyMs = 1000 / perSecond;
  const filled = Math.min(burst, bucket.tokens + (nowMs - bucket.filledAtMs) / everyMs);
  if (filled >= 1) return { bucket: { ...bucket, tokens: filled - 1, filledAtMs: nowMs }, retryAfterMs: null };
  const lastSlotMs = Math.min(Math.max(bucket.lastSlotMs, nowMs) + everyMs, nowMs + waitMaxMs);
  return { bucket: { tokens: filled, filledAtMs: nowMs, lastSlotMs }, retryAfterMs: Math.ceil(lastSlotMs - nowMs) };
}

/**
 * The time within which agents that lost their stream come back, each at a moment of its own: half as long again as it
 * takes to let so many in.
 */
export function reconnectWindowMs(agents: number, { perSecond }: Pick<AdmissionPolicy, 'perSecond'>): number {
  return Math.min(windowMaxMs, Math.max(windowMinMs, Math.ceil((agents * 1500) / perSecond)));
}

const windowMinMs = 500;
const windowMaxMs = 120_000;
