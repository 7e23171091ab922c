import type { PauseMark } from './sentinel.ts';

/** What readiness depends on. */
export type Readiness = {
  readonly isDraining: boolean;
  /** Whether every group was brought to an end at the proxy's present boot. */
  readonly isCaughtUp: boolean;
  /** What the applier waits for, in words. */
  readonly waitingFor: string | null;
  readonly pause: PauseMark;
  readonly hasSnapshots: boolean;
};

/** Says why the proxy should not get clients; `null` when it should. */
export function findUnready(now: Readiness): string | null {
  if (now.isDraining) return 'draining: this proxy takes leave of its clients';
  if (!now.isCaughtUp) {
    const reason = now.waitingFor === null ? '' : `: ${now.waitingFor}`;
    return `the proxy was not brought to a known state yet${reason}`;
  }
  if (now.pause !== 'none') return 'an earlier drain paused this proxy, it was not resumed yet';
  return now.hasSnapshots ? null : 'neither a coordinator nor the last known good said yet what to serve';
}
