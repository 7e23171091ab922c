import assert from 'node:assert/strict';
import { neededReads } from '../../../agent/core/leaving.ts';
import { type GroupPlan, planServers, type ServersPlan } from '../../../agent/core/plan.ts';
import { keyOf, type ServerRow } from '../../../agent/core/rows.ts';
import type { GroupTarget } from '../../../agent/core/snapshot.ts';
import { type FakeAdmin, row } from './fake-admin.ts';

/** Plans against what the fake shows, reading what the plan needs. */
export function plan(admin: FakeAdmin, ...targets: readonly GroupTarget[]): ServersPlan {
  const view = { memory: [...admin.memory.values()], runtime: [...admin.runtime.values()] };
  const needed = neededReads(targets, view);
  const [pool, disk] = [needed.pool ? admin.pool() : null, needed.disk ? admin.disk : null];
  return planServers(targets, { ...view, pool, disk });
}

/** Plans for one group. */
export function planOne(admin: FakeAdmin, one: GroupTarget): GroupPlan {
  const group = plan(admin, one).groups[0];
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
