import { parseMark } from './marks.ts';
import { isWaitingIn, type MonitorLog } from './monitor-gate.ts';
import { type Address, addressOf, isServing } from './rows.ts';
import { byKey, type GroupTarget } from './snapshot.ts';
import type { RowIndex } from './view.ts';

/**
 * Checks that the monitor noted before a server began to wait for it, and that count for nothing whatever time they bear:
 * the clock may have been put back since. Wall-clock times by address.
 */
export type MonitorPast = ReadonlyMap<string, ReadonlySet<number>>;

/** Whom the monitor's log is read for, and from when on (wall clock). */
export type MonitorQuestion = {
  /** Servers that wait for the monitor already. */
  readonly waiting: readonly Address[];
  /** Owned readers that begin to wait with the next LOAD. */
  readonly coming: readonly Address[];
  readonly sinceMs: number;
};

/** Says for whom the monitor's log has to be read; null: for nobody. */
export function askMonitor(
  targets: readonly GroupTarget[],
  waiting: readonly (Address & { readonly sinceMs: number })[],
  index: RowIndex,
  nowMs: number,
): MonitorQuestion | null {
  const coming = targets.flatMap((target) => findComing(target, index, nowMs));
  if (waiting.length + coming.length === 0) return null;
  return { waiting, coming, sinceMs: Math.min(nowMs, ...waiting.map(({ sinceMs }) => sinceMs)) };
}

function findComing({ body }: GroupTarget, index: RowIndex, nowMs: number): readonly Address[] {
  if (body.kind === 'removed') return [];
  const coming: Address[] = [];
  for (const [id, server] of byKey(body.servers)) {
    if (!server.owned || server.hostgroup !== body.readerHostgroup) continue;
    const inRuntime = index.runtime.get(id);
    if (isServing(inRuntime)) continue;
    const mark = inRuntime === undefined ? null : parseMark(inRuntime.comment).mark;
    if (!isWaitingIn(inRuntime, mark, nowMs)) coming.push(server);
  }
  return coming;
}

/**
 * Notes what the log holds before a server begins to wait: all that bears a later time than now. Of one that waits
 * already when it is first seen, as by an agent that was started anew, nobody knows what was there before: all that is
 * there now, and the monitor's next check tells.
 */
export function notePast(
  before: MonitorPast,
  { waiting, coming }: MonitorQuestion,
  log: MonitorLog,
  nowMs: number,
): MonitorPast {
  const begins = new Set(coming.map(addressOf));
  const addresses = new Set([...begins, ...waiting.map(addressOf)]);
  const isPast = (address: string, atMs: number): boolean => {
    const known = before.get(address);
    if (known?.has(atMs) === true) return true;
    return begins.has(address) ? atMs > nowMs : known === undefined;
  };
  const past = new Map([...addresses].map((address) => [address, new Set<number>()]));
  for (const check of log.checks) {
    const address = addressOf(check);
    if (isPast(address, check.atMs)) past.get(address)?.add(check.atMs);
  }
  return past;
}

/** Leaves out of the log what is past. */
export function withoutPast(log: MonitorLog, past: MonitorPast): MonitorLog {
  const checks = log.checks.filter((check) => past.get(addressOf(check))?.has(check.atMs) !== true);
  return { ...log, checks };
}
