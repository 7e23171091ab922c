import type { Incident } from './incident.ts';

/** What the open incidents of one direction ask for. */
export type Signal = {
  /** The oldest of them. */
  readonly incident: Incident;
  readonly count: number;
  /** Since when it is asked for without a break, as far as the incidents that are still open tell. */
  readonly sinceMs: number;
};

export type Signals = {
  readonly out: Signal | null;
  readonly in: Signal | null;
  /** Open, but not heard of for too long: they count for nothing. */
  readonly expired: readonly Incident[];
  /** When the next one that is open expires; null when none is. */
  readonly expiresAtMs: number | null;
};

/**
 * Sorts a group's incidents. What asks for less is only asked for while nothing asks for more: its time begins again
 * with the end of every incident that did.
 */
export function signalsOf(incidents: readonly Incident[], maxAgeMs: number, nowMs: number): Signals {
  const open = incidents.filter(({ state }) => state === 'open');
  const [live, expired] = [open.filter((one) => nowMs < expiry(one)), open.filter((one) => nowMs >= expiry(one))];
  function expiry({ lastSeenAtMs }: Incident): number {
    return lastSeenAtMs + maxAgeMs;
  }
  const out = signalOf(live, 'scale-out');
  const endsOfOut = incidents
    .filter(({ action }) => action === 'scale-out')
    .map((one) => (one.state === 'closed' ? endedAtMs(one) : expiry(one)))
    .filter((endMs) => endMs <= nowMs);
  const asksForLess = signalOf(live, 'scale-in');
  return {
    out,
    in: asksForLess && { ...asksForLess, sinceMs: Math.max(asksForLess.sinceMs, ...endsOfOut) },
    expired,
    expiresAtMs: live.length === 0 ? null : Math.min(...live.map(expiry)),
  };
}

function signalOf(live: readonly Incident[], action: Incident['action']): Signal | null {
  const asking = live.filter((incident) => incident.action === action);
  const [first, ...others] = asking;
  if (first === undefined) return null;
  const incident = others.reduce((oldest, one) => (openedAtMs(one) < openedAtMs(oldest) ? one : oldest), first);
  return { incident, count: asking.length, sinceMs: openedAtMs(incident) };
}

/** Monitoring's clock is not ours: nothing opened or closed after we last heard of it. */
function openedAtMs(incident: Incident): number {
  return Math.min(incident.openedAtMs, incident.lastSeenAtMs);
}

function endedAtMs({ closedAtMs, lastSeenAtMs }: Incident): number {
  return Math.min(closedAtMs ?? lastSeenAtMs, lastSeenAtMs);
}
