import type { Lag } from './scaling-view.ts';

/** What a serving replica said when it was asked how far it is behind. */
export type LagReading = { readonly replica: string } & (
  | { readonly outcome: 'answered'; /** Null when replication is stopped. */ readonly lagSeconds: number | null }
  | { readonly outcome: 'failed'; readonly reason: string }
);

/** What people are told of one replica. */
export type LagNote = {
  readonly replica: string;
  readonly reason: 'LAGGING' | 'LAG_UNKNOWN';
  readonly message: string;
};

/** What is known of a group's lag; null: not known, which holds every scale-in. */
export type LagPicture = { readonly lag: Lag | null; readonly notes: readonly LagNote[] };

/** One lagging replica alone may be a slow or overloaded one: it says nothing of the primary. */
const witnessesMin = 2;

/**
 * Judges what the serving replicas of a group said. A stopped replication lags; who did not answer is not known to keep
 * up. The primary is taken for the cause when all of several replicas lag: it writes more than they can follow, or
 * sends them nothing.
 */
export function judgeLag(readings: readonly LagReading[], lagSecondsMax: number): LagPicture {
  const notes = readings.flatMap((reading) => noteOf(reading, lagSecondsMax) ?? []);
  const lagging = notes.filter(({ reason }) => reason === 'LAGGING').length;
  const primaryIsCause = lagging >= witnessesMin && lagging === readings.length;
  const isUnknown = lagging === 0 && notes.length > 0;
  return { lag: isUnknown ? null : { lagging, primaryIsCause }, notes };
}

/** How far the replica that is behind most is; infinite where replication is stopped, null when none answered. */
export function worstLagSeconds(readings: readonly LagReading[]): number | null {
  const seconds = readings.flatMap((reading) =>
    reading.outcome === 'answered' ? [reading.lagSeconds ?? Number.POSITIVE_INFINITY] : [],
  );
  return seconds.length === 0 ? null : Math.max(...seconds);
}

function noteOf(reading: LagReading, lagSecondsMax: number): LagNote | null {
  const { replica } = reading;
  if (reading.outcome === 'failed') return { replica, reason: 'LAG_UNKNOWN', message: reading.reason };
  const { lagSeconds } = reading;
  if (lagSeconds === null) return { replica, reason: 'LAGGING', message: 'replication is not running' };
  if (lagSeconds <= lagSecondsMax) return null;
  return { replica, reason: 'LAGGING', message: `lags ${lagSeconds} s, allowed ${lagSecondsMax} s` };
}
