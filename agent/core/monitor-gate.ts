import { type Mark, withMark } from './marks.ts';
import { type Address, addressOf, isServing, type ServerRow } from './rows.ts';

/** What the proxy's monitor noted of one server, once. */
export type MonitorCheck = Address & {
  /** Wall clock of the proxy. */
  readonly atMs: number;
  /** `null`: it answered. */
  readonly error: string | null;
};

/** What the proxy's monitor found. */
export type MonitorLog = { readonly isEnabled: boolean; readonly checks: readonly MonitorCheck[] };

/** A server that has to wait, and what its monitor says. */
export type Warming = Address & { readonly sinceMs: number; readonly detail: string };

/**
 * Decides whether an owned server may serve on this proxy. It is added OFFLINE_SOFT, where the monitor looks at it
 * already, and turns ONLINE only after a check that began later than that and was answered, if none failed since. One
 * that serves already has passed.
 *
 * @param runtimeMark What runtime says of the row: from that moment on the monitor looked at it.
 * @param log Without what stood in it before the row did: a clock that was put back makes that look newer.
 */
export function passMonitorGate(
  want: ServerRow,
  { inRuntime, runtimeMark: mark }: { readonly inRuntime: ServerRow | undefined; readonly runtimeMark: Mark | null },
  log: MonitorLog | null,
  nowMs: number,
): { readonly want: ServerRow; readonly warming: Warming | null } {
  if (isServing(inRuntime)) return { want, warming: null };
  const sinceMs = readSince(inRuntime, mark, nowMs);
  const last = sinceMs === null ? null : findLast(log, want, { sinceMs, nowMs });
  if (last?.error === null) return { want, warming: null };
  const { hostname, port } = want;
  const warming = { kind: 'warming', sinceMs: sinceMs ?? nowMs } as const;
  return {
    want: { ...want, status: 'OFFLINE_SOFT', comment: withMark(want.comment, warming) },
    warming: { hostname, port, sinceMs: warming.sinceMs, detail: describe(log, last) },
  };
}

/** Whether a row stands where the monitor looks at it, and says since when. */
export function isWaitingIn(inRuntime: ServerRow | undefined, mark: Mark | null, nowMs: number): boolean {
  return readSince(inRuntime, mark, nowMs) !== null;
}

/** Since when the monitor can have looked; a mark from the future is of a clock that was put back. */
function readSince(inRuntime: ServerRow | undefined, mark: Mark | null, nowMs: number): number | null {
  if (inRuntime?.status !== 'OFFLINE_SOFT' || mark?.kind !== 'warming') return null;
  return mark.sinceMs <= nowMs ? mark.sinceMs : null;
}

/** What lies in the future was noted before the clock was put back. */
function findLast(
  log: MonitorLog | null,
  address: Address,
  { sinceMs, nowMs }: { readonly sinceMs: number; readonly nowMs: number },
): MonitorCheck | null {
  const checks = log?.checks.filter(({ atMs }) => atMs >= sinceMs && atMs <= nowMs) ?? [];
  const own = checks.filter((check) => addressOf(check) === addressOf(address));
  return own.reduce<MonitorCheck | null>((one, other) => (one === null || other.atMs > one.atMs ? other : one), null);
}

function describe(log: MonitorLog | null, last: MonitorCheck | null): string {
  if (log?.isEnabled === false) return 'ProxySQL does not monitor at all: mysql-monitor_enabled is false';
  return last?.error ?? "ProxySQL's monitor has not looked at it yet";
}
