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
 * @param mark What memory or runtime says of the row.
 */
export function passMonitorGate(
  want: ServerRow,
  { inRuntime, mark }: { readonly inRuntime: ServerRow | undefined; readonly mark: Mark | null },
  log: MonitorLog | null,
  nowMs: number,
): { readonly want: ServerRow; readonly warming: Warming | null } {
  if (isServing(inRuntime)) return { want, warming: null };
  // A mark from the future is of a clock that was put back.
  const sinceMs = mark?.kind === 'warming' && mark.sinceMs <= nowMs ? mark.sinceMs : nowMs;
  const last = findLast(log, want, sinceMs);
  if (last?.error === null) return { want, warming: null };
  const { hostname, port } = want;
  return {
    want: { ...want, status: 'OFFLINE_SOFT', comment: withMark(want.comment, { kind: 'warming', sinceMs }) },
    warming: { hostname, port, sinceMs, detail: describe(log, last) },
  };
}

function findLast(log: MonitorLog | null, address: Address, sinceMs: number): MonitorCheck | null {
  const checks = log?.checks.filter((check) => addressOf(check) === addressOf(address) && check.atMs >= sinceMs) ?? [];
  return checks.reduce<MonitorCheck | null>(
    (one, other) => (one === null || other.atMs > one.atMs ? other : one),
    null,
  );
}

function describe(log: MonitorLog | null, last: MonitorCheck | null): string {
  if (log?.isEnabled === false) return 'ProxySQL does not monitor at all: mysql-monitor_enabled is false';
  return last?.error ?? "ProxySQL's monitor has not looked at it yet";
}
