import type { Server, SlowStart, SnapshotBody } from './snapshot.ts';
import { addressOf, keyOf } from './rows.ts';

/**
 * How a new reader's weight grows. Computed from the snapshot and the wall clock alone, so that all proxies step
 * alike and a restarted agent goes on where it was; steps of all groups fall on one grid, to share their LOADs.
 */
const slowStartGridMs = 10_000;

/** A reader's last step may be late: until then it is no drift. */
const lateMs = 60_000;

export type Ramp = {
  readonly weight: number;
  /** Its weight changes by itself, or did until just now. */
  readonly isRamping: boolean;
  /** Wall clock of the next step; `null` at the end. */
  readonly nextAtMs: number | null;
};

/**
 * Computes a server's weight now.
 *
 * @param seenMs For how long this agent has known the server: a clock that is behind the coordinator's by hours must
 *   not keep a reader at its first step.
 */
export function rampWeight(server: Server, body: SnapshotBody, nowMs: number, seenMs: number): Ramp {
  const { slowStart } = body.policy;
  const whole = { weight: server.weight, isRamping: false, nextAtMs: null };
  if (slowStart === null || slowStart.durationSeconds === 0 || server.servingSinceMs === 0) return whole;
  const gridMs = Math.floor(nowMs / slowStartGridMs) * slowStartGridMs;
  const seenGridMs = Math.floor(seenMs / slowStartGridMs) * slowStartGridMs;
  const elapsedMs = Math.max(gridMs - server.servingSinceMs, seenGridMs, 0);
  const durationMs = slowStart.durationSeconds * 1000;
  if (elapsedMs >= durationMs + lateMs || !isNew(server, body)) return whole;
  const part = elapsedMs / durationMs;
  if (part >= 1) return { ...whole, isRamping: true };
  const weight = Math.round((server.weight * percentAt(slowStart, part)) / 100);
  return { weight: Math.min(server.weight, Math.max(1, weight)), isRamping: true, nextAtMs: gridMs + slowStartGridMs };
}

/** Identifies one ramp of one server: it begins anew when the server does. */
export function rampKey(server: Server): string {
  return `${keyOf(server)} ${server.servingSinceMs}`;
}

/** Percent of the weight after `part` (0 to 1) of the ramp. */
function percentAt({ initialPercent, curve }: SlowStart, part: number): number {
  // Nothing at all has no exponential growth.
  if (curve === 'EXPONENTIAL' && initialPercent > 0) return initialPercent * (100 / initialPercent) ** part;
  return initialPercent + (100 - initialPercent) * part;
}

/** A reader is new as long as another one began before it: the first or only one takes all there is anyway. */
function isNew(server: Server, body: SnapshotBody): boolean {
  if (server.hostgroup !== body.readerHostgroup) return false;
  return body.servers.some(
    (other) =>
      other.hostgroup === body.readerHostgroup &&
      other.status === 'ONLINE' &&
      other.weight > 0 &&
      (other.servingSinceMs < server.servingSinceMs ||
        (other.servingSinceMs === server.servingSinceMs && addressOf(other) < addressOf(server))),
  );
}
