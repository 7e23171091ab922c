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
 * already, and turns ONLINE only after a check that began later than that and was answered. One that serves already
 * has passed.
 */
export function passMonitorGate(
  want: ServerRow,
  found: {
    readonly inMemory: ServerRow | undefined;
    readonly inRuntime: ServerRow | undefined;
    readonly mark: Mark | null;
  },
  log: MonitorLog | null,
  nowMs: number,
): { readonly want: ServerRow; readonly warming: Warming | null } {
  const { inMemory, inRuntime, mark } = found;
  // Written ONLINE was only what had passed; a crash may lie between that and its LOAD.
  const hasPassed = isServing(inRuntime) || (inMemory?.status === 'ONLINE' && inMemory.comment === want.comment);
  if (hasPassed) return { want, warming: null };
  // A mark from the future is of a clock that was put back.
  const sinceMs = mark?.kind === 'warming' && mark.sinceMs <= nowMs ? mark.sinceMs : nowMs;
  const checks = (log?.checks ?? []).filter((check) => addressOf(check) === addressOf(want) && check.atMs >= sinceMs);
  if (checks.some((check) => check.error === null)) return { want, warming: null };
  const { hostname, port } = want;
  const detail = describe(log, checks);
  return {
    want: { ...want, status: 'OFFLINE_SOFT', comment: withMark(want.comment, { kind: 'warming', sinceMs }) },
    warming: { hostname, port, sinceMs, detail },
  };
}

function describe(log: MonitorLog | null, checks: readonly MonitorCheck[]): string {
  if (log?.isEnabled === false) return 'ProxySQL does not monitor at all: mysql-monitor_enabled is false';
  const last = checks.reduce<MonitorCheck | null>(
    (one, other) => (one === null || other.atMs > one.atMs ? other : one),
    null,
  );
  return last?.error ?? "ProxySQL's monitor has not looked at it yet";
}
