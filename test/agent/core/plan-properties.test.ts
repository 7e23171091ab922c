import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type GroupPlan, hasWork, needsLoad } from '../../../agent/core/plan.ts';
import { addressOf, isServing, keyOf, type ServerRow } from '../../../agent/core/rows.ts';
import type { GroupTarget, Server } from '../../../agent/core/snapshot.ts';
import { FakeAdmin, row } from '../fakes/fake-admin.ts';
import { plan } from '../fakes/planning.ts';
import { desired, gone, removed, target } from '../fakes/targets.ts';

const stepsMax = 12;
const names = ['a', 'b', 'c', 'd', 'e'] as const;

const rows = fc.array(
  fc.record({
    hostgroup: fc.constantFrom(10, 20, 20, 30),
    hostname: fc.constantFrom(...names),
    memory: fc.constantFrom('same', 'missing', 'ONLINE', 'OFFLINE_SOFT'),
    runtime: fc.constantFrom('ONLINE', 'ONLINE', 'SHUNNED', 'OFFLINE_SOFT', 'OFFLINE_HARD', 'missing'),
    weight: fc.constantFrom(1, 1000),
    used: fc.constantFrom(0, 0, 2),
    mark: fc.constantFrom('', 'chester orders replica'),
  }),
  { maxLength: 9 },
);

/** A proxy in any state that crashes, people and monitors can leave it in; foreign rows have no pending edits. */
const proxies = rows.map((specs) => {
  const admin = new FakeAdmin();
  for (const spec of specs) {
    const one = row(spec.hostgroup, spec.hostname, { weight: spec.weight, comment: spec.mark, maxConnections: 100 });
    if (spec.hostgroup === 30) {
      admin.serve({ ...one, status: spec.runtime === 'SHUNNED' ? 'SHUNNED' : 'ONLINE' });
    } else {
      if (spec.runtime !== 'missing') admin.runtime.set(keyOf(one), { ...one, status: spec.runtime });
      const status = spec.memory === 'same' ? (spec.runtime === 'SHUNNED' ? 'ONLINE' : spec.runtime) : spec.memory;
      if (status !== 'missing') admin.memory.set(keyOf(one), { ...one, status });
    }
    admin.used.set(keyOf(one), spec.used);
    if (spec.used === 2) admin.disk.push(one);
  }
  return admin;
});

const snapshots = fc
  .record({
    writer: fc.constantFrom(null, ...names),
    readers: fc.uniqueArray(fc.constantFrom(...names), { maxLength: 3 }),
    leaving: fc.uniqueArray(fc.constantFrom(...names), { maxLength: 4 }),
    softReader: fc.boolean(),
    isRemoved: fc.boolean(),
  })
  .map(({ writer, readers, leaving, softReader, isRemoved }): GroupTarget => {
    const servers = readers.map((name, index) =>
      desired(20, name, { status: softReader && index === 0 ? 'OFFLINE_SOFT' : 'ONLINE' }),
    );
    if (writer !== null) servers.push(desired(10, writer));
    const named = new Set<string>(servers.map(({ hostname }) => hostname));
    const away = leaving.filter((name) => !named.has(name)).map((name, index) => gone(name, index));
    return isRemoved ? removed(away) : target(servers, away);
  });

function execute(admin: FakeAdmin, groups: readonly GroupPlan[]): void {
  const changes = groups.flatMap((group) => group.changes.filter((change) => change.isWrite));
  const writes = changes.flatMap((change) => (change.want === null ? [] : [change.want]));
  if (writes.length > 0) admin.replace(writes);
  const deletes = changes.filter((change) => change.want === null).map((change) => change.key);
  if (deletes.length > 0) admin.delete(deletes);
  if (needsLoad(groups)) admin.load();
  void admin.deleteDiskServers(groups.flatMap((group) => group.diskDeletes));
}

/** Steps until nothing is left, with `between` after each; whoever waits for connections gets them ended. */
function converge(
  admin: FakeAdmin,
  one: GroupTarget,
  check: (before: FakeAdmin, groups: readonly GroupPlan[]) => void,
) {
  for (let step = 0; step < stepsMax; step += 1) {
    const next = plan(admin, one);
    if (next.foreignPending.length > 0) return null;
    if (!hasWork(next)) {
      const isDraining =
        next.groups.some((group) => group.isDraining) && [...admin.used.values()].some((used) => used > 0);
      if (!isDraining) return next;
      admin.used.clear();
      for (const [key, hard] of admin.runtime) if (hard.status === 'OFFLINE_HARD') admin.runtime.delete(key);
      continue;
    }
    const before = copy(admin);
    execute(admin, next.groups);
    check(before, next.groups);
  }
  throw new assert.AssertionError({ message: 'it never comes to an end' });
}

function copy(admin: FakeAdmin): FakeAdmin {
  const one = new FakeAdmin();
  for (const [key, value] of admin.memory) one.memory.set(key, value);
  for (const [key, value] of admin.runtime) one.runtime.set(key, value);
  for (const [key, value] of admin.used) one.used.set(key, value);
  return one;
}

function assertServed(admin: FakeAdmin, server: Server): void {
  for (const table of [admin.memory, admin.runtime]) {
    const found = table.get(keyOf(server));
    assert.equal(found?.status === 'SHUNNED' ? 'ONLINE' : found?.status, server.status);
    assert.equal(found?.weight, server.weight);
  }
}

const onlineReaders = (admin: FakeAdmin): string[] =>
  [...admin.runtime.values()].filter((one) => one.hostgroup === 20 && one.status === 'ONLINE').map(keyOf);

const foreign = (table: ReadonlyMap<string, ServerRow>): ServerRow[] =>
  [...table.values()].filter((one) => one.hostgroup === 30).map((one) => ({ ...one, status: '' }));

/** Runs a property over proxies and snapshots. */
function check(holds: (admin: FakeAdmin, one: GroupTarget) => void): void {
  fc.assert(fc.property(proxies, snapshots, holds), { numRuns: 1000 });
}

describe('any plan, stepped to its end', () => {
  it('comes to an end where the rows are as desired, and then plans nothing', () => {
    check((admin, one) => {
      const last = converge(admin, one, () => undefined);
      if (last === null || one.body.kind === 'removed') return;
      const group = last.groups[0]!;
      assert.equal(group.isSettled || group.hold !== null, true);
      const kept = new Set(group.removing.filter(({ reason }) => reason === 'LAST_READER').map(addressOf));
      const cordoned = new Set(group.cordoned.map(keyOf));
      for (const server of one.body.servers) {
        if ((server.hostgroup === 10 && group.hold !== null) || cordoned.has(keyOf(server))) continue;
        const isKept = kept.has(addressOf(server)) && server.hostgroup === 20;
        assertServed(admin, { ...server, status: isKept ? 'ONLINE' : server.status });
      }
    });
  });

  it('gets every leaving address out of our hostgroups, or says why not', () => {
    check((admin, one) => {
      const last = converge(admin, one, () => undefined);
      if (last === null) return;
      const { absent, removing } = last.groups[0]!;
      for (const address of one.body.leaving) {
        const isSomewhere = [...admin.memory.values(), ...admin.runtime.values(), ...admin.disk].some(
          (found) => addressOf(found) === addressOf(address),
        );
        assert.equal(
          absent.some((gone) => addressOf(gone) === addressOf(address)),
          !isSomewhere,
        );
        assert.equal(
          removing.some((stays) => addressOf(stays) === addressOf(address)),
          isSomewhere,
        );
      }
    });
  });

  it('never changes a foreign row', () => {
    check((admin, one) => {
      const before = foreign(admin.memory);
      converge(admin, one, () => {
        assert.deepEqual(foreign(admin.memory), before);
        assert.deepEqual(foreign(admin.runtime), before);
      });
    });
  });

  it('never takes the last reader that is online in runtime', () => {
    check((admin, one) => {
      if (one.body.kind === 'removed') return;
      converge(admin, one, (before) => {
        const had = onlineReaders(before);
        const has = new Set(onlineReaders(admin));
        if (had.length > 0)
          assert.ok(
            had.some((key) => has.has(key)),
            `${had.join(' ')} all went in one step`,
          );
      });
    });
  });

  it('is safe to be loaded by somebody else after any of its statements', () => {
    check((admin, one) => {
      converge(admin, one, (before, groups) => {
        const after = new Set(onlineReaders(admin));
        const stay = onlineReaders(before).filter((key) => after.has(key));
        const changes = groups.flatMap((group) => group.changes.filter((change) => change.isWrite));
        const writes = changes.flatMap((change) => (change.want === null ? [] : [change.want]));
        before.replace(writes);
        before.load();
        const has = new Set(onlineReaders(before));
        for (const key of stay) assert.ok(has.has(key), `${key} would be lost in between`);
      });
    });
  });

  it('deletes only what gets no traffic and has no connection', () => {
    check((admin, one) => {
      converge(admin, one, (before, groups) => {
        for (const change of groups.flatMap((group) => group.changes)) {
          if (change.want !== null) continue;
          assert.equal(isServing(before.runtime.get(keyOf(change.key))), false);
          if (before.runtime.has(keyOf(change.key)) && before.memory.has(keyOf(change.key))) {
            assert.equal(before.used.get(keyOf(change.key)) ?? 0, 0);
          }
        }
      });
    });
  });

  it('never brings a writer in beside another one', () => {
    check((admin, one) => {
      converge(admin, one, (before) => {
        const writers = (proxy: FakeAdmin): string[] =>
          [...proxy.runtime.values()].filter((found) => found.hostgroup === 10 && isServing(found)).map(keyOf);
        const had = writers(before);
        const added = writers(admin).filter((key) => !had.includes(key));
        if (added.length > 0) assert.deepEqual(had, [], 'the old one has to be out before');
      });
    });
  });
});
