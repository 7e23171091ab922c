import assert from 'node:assert/strict';
import { neededReads } from '../../../agent/core/leaving.ts';
import { type GroupPlan, type PlanContext, planServers, type ServersPlan } from '../../../agent/core/plan.ts';
import { keyOf, type ServerRow } from '../../../agent/core/rows.ts';
import { indexRows, type OtherReads } from '../../../agent/core/view.ts';
import type { GroupTarget } from '../../../agent/core/snapshot.ts';
import { type FakeAdmin, row } from './fake-admin.ts';

/** A moment on the grid of slow starts. */
export const noonMs = Date.UTC(2026, 0, 1, 12);

/** Plans against what the fake shows, reading what the plan needs. The proxy is one that the groups were proven on. */
export function plan(admin: FakeAdmin, ...targets: readonly GroupTarget[]): ServersPlan {
  return planWith(admin, targets);
}

/** Plans with more known than the tables say, or with less `read` of them. */
export function planWith(
  admin: FakeAdmin,
  targets: readonly GroupTarget[],
  context: Partial<PlanContext> = {},
  read: Partial<OtherReads> = {},
): ServersPlan {
  const rows = indexRows({ memory: [...admin.memory.values()], runtime: [...admin.runtime.values()] });
  const needed = neededReads(targets, rows);
  const monitor = needed.warming.length > 0 ? admin.monitorLog(needed.warming, needed.warming[0]!.sinceMs) : null;
  const [pool, disk] = [needed.pool ? admin.pool() : null, needed.disk ? admin.disk : null];
  const known = new Set(targets.map(({ group }) => group));
  const ages = { readerOnlineMs: new Map(), shunnedMs: new Map(), rampSeenMs: new Map() };
  const nothing = { nowMs: noonMs, known, unconfirmed: new Set<string>(), ...ages };
  const view = { ...rows, siblings: admin.siblings, pool, disk, monitor, ...read };
  return planServers(targets, view, { ...nothing, ...context });
}

/** Plans for one group. */
export function planOne(
  admin: FakeAdmin,
  one: GroupTarget,
  context: Partial<PlanContext> = {},
  read: Partial<OtherReads> = {},
): GroupPlan {
  const group = planWith(admin, [one], context, read).groups[0];
  assert.ok(group !== undefined);
  return group;
}

/** What a plan writes, as `hostgroup address status` or `hostgroup address -`. */
export function writes(group: GroupPlan): string[] {
  return group.changes
    .filter((change) => change.isWrite)
    .map((change) => `${keyOf(change.key)} ${change.want?.status ?? '-'}`);
}

/** A row as a snapshot of the group `orders` would write it. */
export const served = (hostgroup: number, hostname: string, more: Partial<ServerRow> = {}): ServerRow =>
  row(hostgroup, hostname, { weight: 1000, maxConnections: 100, comment: 'chester orders replica', ...more });

export const soft = { status: 'OFFLINE_SOFT' } as const;
export const shunned = { status: 'SHUNNED' } as const;
