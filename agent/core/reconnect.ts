/**
 * When the next stream begins. Everybody loses a coordinator at the same moment, so every wait has full jitter. An agent
 * that was in sync comes back within the window that its coordinator named, which grows with the number of agents; one
 * that reaches nobody waits longer and longer, but in a small installation not long: nobody is hurt by a few that knock.
 */
export type Reconnecting = {
  /** Streams in a row that never came into sync. */
  readonly failures: number;
  /** Streams in a row that broke soon after they had come into sync. */
  readonly flaps: number;
  /** As the last Welcome said; null: none did. */
  readonly windowMs: number | null;
};

/** How a stream ended. */
export type StreamEnd = {
  /** How long it lived in sync; null: it never was. */
  readonly syncedForMs: number | null;
  /** What the coordinator asked for, if it did. */
  readonly asked: { readonly minMs: number; readonly maxMs: number } | null;
};

export const notReconnecting: Reconnecting = { failures: 0, flaps: 0, windowMs: null };

const baseMs = 500;
const failuresMaxMs = 30_000;
/** An installation of any size bears that its agents come back within this time. */
const briefMs = 5_000;
/** A stream that lived this long in sync was a good one. */
const healthyMs = 60_000;
/** No coordinator sends an agent away for longer. */
const askedMaxMs = 300_000;

/** Notes what a Welcome says; 0: nothing. */
export function noteWindow(reconnecting: Reconnecting, windowMs: number): Reconnecting {
  return windowMs === 0 ? reconnecting : { ...reconnecting, windowMs: Math.min(windowMs, askedMaxMs) };
}

/**
 * Chooses the wait before the next stream.
 *
 * @param random Returns a number in [0, 1).
 */
export function planReconnect(
  { failures, flaps, windowMs }: Reconnecting,
  { syncedForMs, asked }: StreamEnd,
  random: () => number,
): { readonly reconnecting: Reconnecting; readonly waitMs: number } {
  const within = (ceilingMs: number): number => Math.floor(random() * ceilingMs);
  if (asked !== null) {
    const minMs = Math.min(asked.minMs, askedMaxMs);
    const maxMs = Math.min(Math.max(asked.maxMs, minMs), askedMaxMs);
    return { reconnecting: { failures, flaps, windowMs }, waitMs: minMs + random() * (maxMs - minMs) };
  }
  if (syncedForMs !== null) {
    const nextFlaps = syncedForMs >= healthyMs ? 0 : flaps + 1;
    const flapMs = Math.min(briefMs, baseMs * 2 ** Math.min(Math.max(0, nextFlaps - 1), 30));
    const reconnecting = { failures: 0, flaps: nextFlaps, windowMs };
    return { reconnecting, waitMs: within(Math.max(windowMs ?? baseMs, flapMs)) };
  }
  const ceilingMs = windowMs === null ? failuresMaxMs : Math.min(failuresMaxMs, Math.max(briefMs, 3 * windowMs));
  const reconnecting = { failures: failures + 1, flaps, windowMs };
  return { reconnecting, waitMs: within(Math.min(ceilingMs, baseMs * 2 ** Math.min(failures, 30))) };
}
