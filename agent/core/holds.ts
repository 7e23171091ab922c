import { findFirstContact } from './adoption.ts';
import type { Warming } from './monitor-gate.ts';
import type { Hold } from './plan.ts';
import { addressOf } from './rows.ts';
import { findController } from './siblings.ts';
import type { GroupTarget } from './snapshot.ts';
import type { ViewIndex } from './view.ts';

/** A hostgroup belongs to the group that named it first; a removed group gives way to a living one. */
export function claimHostgroups(targets: readonly GroupTarget[]): ReadonlyMap<number, string> {
  const owners = new Map<number, string>();
  const living = targets.filter((target) => target.body.kind === 'snapshot');
  const removed = targets.filter((target) => target.body.kind === 'removed');
  for (const { group, body } of [...living, ...removed]) {
    for (const hostgroup of [body.writerHostgroup, body.readerHostgroup]) {
      if (!owners.has(hostgroup)) owners.set(hostgroup, group);
    }
  }
  return owners;
}

/** What is known of all groups of the proxy. */
type Circumstances = {
  readonly index: ViewIndex;
  /** Groups by the hostgroups that are theirs. */
  readonly owners: ReadonlyMap<number, string>;
  readonly known: ReadonlySet<string>;
};

/** Says why the group must not be touched on this proxy at all; `null` when it may be. */
export function findHold(
  target: GroupTarget,
  owned: ReadonlySet<number>,
  { index, owners, known }: Circumstances,
): Hold | null {
  if (target.body.kind === 'removed') return null;
  return (
    findTakenHostgroup(target, owners) ??
    findController(target, index.siblings) ??
    findFirstContact(target, owned, index, known.has(target.group))
  );
}

/** Says what a group waits for that is otherwise as it should be. */
export function describeWarming(warming: readonly Warming[]): Hold | null {
  if (warming.length === 0) return null;
  const named = warming.map((server) => `${addressOf(server)} (${server.detail})`).join(', ');
  return { code: 'WARMING', message: `waiting for this proxy's monitor to reach ${named}` };
}

function findTakenHostgroup(target: GroupTarget, owners: ReadonlyMap<number, string>): Hold | null {
  for (const hostgroup of [target.body.writerHostgroup, target.body.readerHostgroup]) {
    const owner = owners.get(hostgroup);
    if (owner !== undefined && owner !== target.group) {
      return { code: 'HOSTGROUP_TAKEN', message: `hostgroup ${hostgroup} belongs to group ${owner} on this proxy` };
    }
  }
  return null;
}
