import type { ServerReport } from './messages.ts';
import { addressOf, keyOf, type PoolRow } from './rows.ts';

/**
 * Picks the servers of these hostgroups whose report differs from what was sent last, and what to remember as sent.
 * `lagMs` is what the proxy's monitor measured, by address. A server that is not there any more is
 * reported once more, as ABSENT.
 */
export function pickChanged(
  pool: readonly PoolRow[],
  lagMs: ReadonlyMap<string, number>,
  hostgroups: ReadonlySet<number>,
  sent: ReadonlyMap<string, ServerReport>,
): { readonly changed: readonly ServerReport[]; readonly sent: ReadonlyMap<string, ServerReport> } {
  const now = new Map<string, ServerReport>();
  const changed: ServerReport[] = [];
  for (const row of pool) {
    if (!hostgroups.has(row.hostgroup)) continue;
    const report = { ...row, lagMs: lagMs.get(addressOf(row)) ?? null };
    now.set(keyOf(row), report);
    const before = sent.get(keyOf(row));
    if (before === undefined || !isSameReport(before, report)) changed.push(report);
  }
  for (const [key, before] of sent) {
    if (!now.has(key)) changed.push({ ...before, status: 'ABSENT', connUsed: 0, connFree: 0 });
  }
  return { changed, sent: now };
}

function isSameReport(one: ServerReport, other: ServerReport): boolean {
  return (
    one.status === other.status &&
    one.connUsed === other.connUsed &&
    one.connFree === other.connFree &&
    one.connErr === other.connErr &&
    one.queries === other.queries &&
    one.latencyMicros === other.latencyMicros &&
    one.lagMs === other.lagMs
  );
}
