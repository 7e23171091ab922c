import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { describeChange, needsLoad } from '../../../agent/core/plan.ts';
import { keyOf, type ServerRow } from '../../../agent/core/rows.ts';
import type { GroupTarget } from '../../../agent/core/snapshot.ts';
import { FakeAdmin, row } from '../fakes/fake-admin.ts';
import { plan, planOne, served, shunned, soft, writes } from '../fakes/planning.ts';
import { desired, gone, removed, target } from '../fakes/targets.ts';

describe('planServers, rows to have', () => {
  const cases: readonly {
    readonly name: string;
    readonly served: readonly ServerRow[];
    readonly target: GroupTarget;
    readonly writes: readonly string[];
    readonly isLoad: boolean;
    readonly isSettled: boolean;
  }[] = [
    {
      name: 'a missing row is written and loaded',
      served: [],
      target: target([desired(20, 'a')]),
      writes: ['20 a:3306 ONLINE'],
      isLoad: true,
      isSettled: false,
    },
    {
      name: 'an equal row is left',
      served: [served(20, 'a')],
      target: target([desired(20, 'a')]),
      writes: [],
      isLoad: false,
      isSettled: true,
    },
    {
      name: 'a changed weight is written',
      served: [served(20, 'a', { weight: 7 })],
      target: target([desired(20, 'a')]),
      writes: ['20 a:3306 ONLINE'],
      isLoad: true,
      isSettled: false,
    },
    {
      name: 'a changed comment is written',
      served: [served(20, 'a', { comment: 'x' })],
      target: target([desired(20, 'a')]),
      writes: ['20 a:3306 ONLINE'],
      isLoad: true,
      isSettled: false,
    },
    {
      name: "SHUNNED in runtime is ProxySQL's doing",
      served: [served(20, 'a', shunned)],
      target: target([desired(20, 'a')]),
      writes: [],
      isLoad: false,
      isSettled: true,
    },
    {
      name: 'our own OFFLINE_SOFT is taken back',
      served: [served(20, 'a', { ...soft, comment: 'chester orders replica (leaving)' })],
      target: target([desired(20, 'a')]),
      writes: ['20 a:3306 ONLINE'],
      isLoad: true,
      isSettled: false,
    },
    {
      name: 'a snapshot that names nothing takes nothing out',
      served: [served(20, 'a')],
      target: target([]),
      writes: [],
      isLoad: false,
      isSettled: true,
    },
    {
      name: 'a hostname is compared letter by letter',
      served: [served(20, 'A')],
      target: target([desired(20, 'a')]),
      writes: ['20 a:3306 ONLINE'],
      isLoad: true,
      isSettled: false,
    },
  ];
  for (const one of cases) {
    it(one.name, () => {
      const group = planOne(new FakeAdmin().serve(...one.served), one.target);
      assert.deepEqual(writes(group), one.writes);
      assert.equal(needsLoad([group]), one.isLoad);
      assert.equal(group.isSettled, one.isSettled);
    });
  }

  it('loads what is right in memory and wrong in runtime', () => {
    const admin = new FakeAdmin().serve(served(20, 'a'));
    admin.runtime.set('20 a:3306', served(20, 'a', { weight: 7 }));
    const group = planOne(admin, target([desired(20, 'a')]));
    assert.deepEqual(writes(group), []);
    assert.equal(needsLoad([group]), true);
    assert.match(describeChange(group.changes[0]!), /^runtime has .* weight 7 .*, wanted .* weight 1000 /);
  });

  it('puts memory right without a LOAD when runtime is right', () => {
    const admin = new FakeAdmin().serve(served(20, 'a'));
    admin.memory.delete('20 a:3306');
    const group = planOne(admin, target([desired(20, 'a')]));
    assert.deepEqual(writes(group), ['20 a:3306 ONLINE']);
    assert.equal(needsLoad([group]), false);
  });

  it('carries over what no snapshot names', () => {
    const admin = new FakeAdmin().serve(
      served(20, 'a', { weight: 7, gtidPort: 3310, compression: 1, maxLatencyMs: 9 }),
    );
    const want = planOne(admin, target([desired(20, 'a')])).changes[0]?.want;
    assert.deepEqual([want?.gtidPort, want?.compression, want?.maxLatencyMs], [3310, 1, 9]);
  });

  it('names rows in its hostgroups that it was not told of', () => {
    const group = planOne(
      new FakeAdmin().serve(served(20, 'a'), row(20, 'old'), row(30, 'other')),
      target([desired(20, 'a')]),
    );
    assert.deepEqual(group.unmanaged.map(keyOf as never), ['20 old:3306']);
    assert.deepEqual(group.runtimeRows.map(keyOf), ['20 a:3306', '20 old:3306']);
  });

  it('gives a hostgroup to the group that came first', () => {
    const other = target([desired(20, 'b')], [], { group: 'billing', hostgroups: { writerHostgroup: 11 } });
    const [first, second] = plan(new FakeAdmin(), target([desired(20, 'a')]), other).groups;
    assert.equal(first?.hold, null);
    assert.equal(second?.hold?.code, 'HOSTGROUP_TAKEN');
    assert.deepEqual(second.changes, []);
  });

  it('lets a removed group stand back behind a living one', () => {
    const living = target([desired(20, 'a')], [], { group: 'billing', hostgroups: { writerHostgroup: 11 } });
    const admin = new FakeAdmin().serve(served(20, 'a'));
    const [dead, alive] = plan(admin, removed([gone('a')]), living).groups;
    assert.deepEqual(dead?.changes, []);
    assert.equal(dead.removing[0]?.reason, 'HELD_BY_FOREIGN_ROW');
    assert.equal(alive?.isSettled, true);
  });
});

describe('planServers, foreign rows', () => {
  it('names what a LOAD would publish besides our own', () => {
    const admin = new FakeAdmin().serve(
      row(30, 'kept'),
      row(30, 'changed'),
      row(30, 'dropped'),
      row(30, 'shunned', shunned),
    );
    admin.memory.set('30 added:3306', row(30, 'added'));
    admin.memory.set('30 changed:3306', row(30, 'changed', { gtidPort: 1 }));
    admin.memory.delete('30 dropped:3306');
    const { foreignPending } = plan(admin, target([desired(20, 'a')]));
    assert.deepEqual(
      foreignPending.map((pending) => `${/\d+ (\w+):/.exec(pending.row)?.[1]} ${pending.wouldBe}`).sort(),
      ['added added', 'changed changed', 'dropped removed'],
    );
  });

  it('counts an unmanaged row of our own hostgroup as foreign', () => {
    const admin = new FakeAdmin();
    admin.memory.set('20 x:3306', row(20, 'x'));
    assert.equal(plan(admin, target([desired(20, 'a')])).foreignPending.length, 1);
  });

  it('does not count what a half-done step of our own left', () => {
    const admin = new FakeAdmin().serve(served(20, 'b'), served(20, 'c'));
    admin.memory.set('20 a:3306', served(20, 'a'));
    admin.memory.set('20 b:3306', served(20, 'b', { weight: 7 }));
    admin.memory.delete('20 c:3306');
    const one = target([desired(20, 'a'), desired(20, 'b')], [gone('c')]);
    assert.deepEqual(plan(admin, one).foreignPending, []);
  });

  it('does not wait for connections of a row that somebody removed', () => {
    const admin = new FakeAdmin();
    admin.runtime.set('30 x:3306', row(30, 'x', { status: 'OFFLINE_HARD' }));
    assert.deepEqual(plan(admin, target([desired(20, 'a')])).foreignPending, []);
  });
});
