import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { needsLoad } from '../../../agent/core/plan.ts';
import { keyOf } from '../../../agent/core/rows.ts';
import { FakeAdmin, row } from '../fakes/fake-admin.ts';
import { noonMs, plan, planOne, planWith, served, shunned, soft, writes } from '../fakes/planning.ts';
import { desired, gone, plainPolicy, removed, target } from '../fakes/targets.ts';

const own = 'chester orders replica';
const hard = { status: 'OFFLINE_HARD' } as const;
const at = (seconds: number): string => new Date(noonMs + seconds * 1000).toISOString();
const cordoned = (seconds: number) => ({ ...soft, comment: `${own} (cordon until ${at(seconds)})` });
const owned = desired(20, 'a', { owned: true });
const both = [desired(20, 'a'), desired(20, 'b')];

describe('planServers, after a crash between a write and its LOAD', () => {
  it('goes on with a reader that the monitor had reached', () => {
    const admin = new FakeAdmin().serve(served(20, 'a', { ...soft, comment: `${own} (warming since ${at(-60)})` }));
    admin.memory.set('20 a:3306', served(20, 'a'));
    const group = planOne(admin, target([owned]));
    assert.deepEqual([writes(group), needsLoad([group]), group.warming], [[], true, []]);
  });

  it('lets one wait that memory has as ONLINE and runtime has not at all', () => {
    const admin = new FakeAdmin();
    admin.memory.set('20 a:3306', served(20, 'a'));
    const group = planOne(admin, target([owned]));
    assert.deepEqual([writes(group), group.hold?.code], [['20 a:3306 OFFLINE_SOFT'], 'WARMING']);
  });

  it('takes a stand-in out of memory that is not needed any more', () => {
    const admin = new FakeAdmin().serve(served(10, 'w'), served(20, 'a'));
    admin.memory.set('20 w:3306', served(20, 'w', { comment: 'chester orders fallback' }));
    const group = planOne(admin, target([desired(10, 'w'), desired(20, 'a')]));
    assert.deepEqual([writes(group), needsLoad([group])], [['20 w:3306 -'], false]);
  });
});

describe('planServers, cordons', () => {
  it('keep the last reader out, report it, and say when it comes back', () => {
    const group = planOne(new FakeAdmin().serve(served(20, 'a', cordoned(60))), target([desired(20, 'a')]));
    assert.deepEqual([group.changes, group.isSettled, group.wakeAtMs], [[], true, noonMs + 60_000]);
    const expiresAtMs = noonMs + 60_000;
    assert.deepEqual(group.cordoned, [
      { hostgroup: 20, hostname: 'a', port: 3306, status: 'OFFLINE_SOFT', expiresAtMs },
    ]);
    assert.deepEqual(group.removing, []);
  });

  it('end by a repair, but an owned reader passes its monitor first', () => {
    const admin = new FakeAdmin().serve(served(20, 'a', cordoned(0)));
    const [change] = planOne(admin, target([desired(20, 'a')])).changes;
    assert.deepEqual([change?.want?.status, change?.cause], ['ONLINE', 'desired']);
    assert.deepEqual(writes(planOne(admin, target([owned]))), ['20 a:3306 OFFLINE_SOFT']);
  });

  it('end without a repair where a person ended them', () => {
    const admin = new FakeAdmin().serve(served(20, 'a', { ...cordoned(60), status: 'ONLINE' }));
    const [change] = planOne(admin, target([owned])).changes;
    assert.deepEqual([change?.want, change?.cause], [served(20, 'a'), 'step']);
  });

  it('are people’s also where they lost our comment, once the group was proven', () => {
    const admin = new FakeAdmin().serve(row(20, 'a', { ...soft, comment: 'broken disk' }), served(20, 'b'));
    assert.equal(planOne(admin, target(both)).cordoned.length, 1);
    assert.deepEqual(writes(planOne(admin, target(both), { known: new Set() })), ['20 a:3306 ONLINE']);
  });

  it('do not keep a server that leaves, and go with a removed group', () => {
    const admin = new FakeAdmin().serve(served(20, 'a', cordoned(60)), served(20, 'b'));
    assert.deepEqual(writes(planOne(admin, target([desired(20, 'b')], [gone('a')]))), ['20 a:3306 -']);
    admin.memory.set('20 b:3306', served(20, 'b', hard));
    admin.runtime.delete('20 b:3306');
    assert.deepEqual(writes(planOne(admin, removed([gone('a'), gone('b')]))), ['20 a:3306 -', '20 b:3306 -']);
  });

  it('that are not loaded hold a LOAD, count as no reader, and outlive the snapshot', () => {
    const admin = new FakeAdmin().serve(served(20, 'a'), served(20, 'b'));
    admin.memory.set('20 b:3306', served(20, 'b', soft));
    const { groups, foreignPending } = planWith(admin, [target([desired(20, 'b')], [gone('a')])]);
    assert.deepEqual(foreignPending, [{ table: 'mysql_servers', row: 'hostgroup 20 b:3306', wouldBe: 'changed' }]);
    assert.deepEqual([groups[0]?.changes, groups[0]?.removing[0]?.reason], [[], 'LAST_READER']);
  });
});

describe('planServers, readers in doubt', () => {
  const leavingA = target([desired(20, 'b')], [gone('a')]);
  const admin = new FakeAdmin().serve(served(20, 'a'), served(20, 'b'));
  const shunnedMs = (ms: number, ...keys: readonly string[]) => ({ shunnedMs: new Map(keys.map((key) => [key, ms])) });

  it('do not let the last good one go for half a minute after a LOAD un-shunned them', () => {
    const early = planOne(admin, leavingA, shunnedMs(29_999, '20 b:3306'));
    assert.deepEqual([early.changes, early.removing[0]?.reason, early.isDraining], [[], 'LAST_READER', true]);
    assert.deepEqual(writes(planOne(admin, leavingA, shunnedMs(30_000, '20 b:3306'))), ['20 a:3306 OFFLINE_SOFT']);
  });

  it('do not let one go that is in doubt itself: nobody knows yet which of them lives', () => {
    const both = planOne(admin, leavingA, shunnedMs(29_999, '20 a:3306', '20 b:3306'));
    assert.deepEqual([both.changes, both.removing[0]?.reason], [[], 'LAST_READER']);
    const later = shunnedMs(30_000, '20 a:3306', '20 b:3306');
    assert.deepEqual(writes(planOne(admin, leavingA, later)), ['20 a:3306 OFFLINE_SOFT']);
  });

  it('make the good one stay, not the one that was withdrawn last', () => {
    const group = planOne(admin, target([], [gone('a', 1), gone('b', 2)]), shunnedMs(0, '20 b:3306'));
    assert.deepEqual(writes(group), ['20 b:3306 OFFLINE_SOFT']);
  });

  it('are those without weight or connections, too', () => {
    const idle = [desired(20, 'b', { weight: 0 }), desired(20, 'c', { maxConnections: 0 })];
    const proxy = new FakeAdmin().serve(
      served(20, 'a'),
      served(20, 'b', { weight: 0 }),
      served(20, 'c', { maxConnections: 0 }),
    );
    assert.deepEqual(planOne(proxy, target(idle, [gone('a')])).changes, []);
  });

  it('keeps the weight of the last one that gets queries', () => {
    const proxy = new FakeAdmin().serve(served(20, 'a'));
    const group = planOne(proxy, target([desired(20, 'a', { weight: 0 })]));
    assert.deepEqual([group.changes, group.removing[0]?.reason], [[], 'LAST_READER']);
  });

  it('come back where somebody loaded them as SHUNNED: ProxySQL would leave them so', () => {
    const proxy = new FakeAdmin().serve(served(20, 'a', shunned), served(20, 'b'));
    assert.deepEqual(planOne(proxy, target(both)).changes, []);
    proxy.memory.set('20 a:3306', served(20, 'a', shunned));
    const group = planOne(proxy, target(both));
    assert.deepEqual([writes(group), needsLoad([group])], [['20 a:3306 ONLINE'], true]);
  });
});

describe('planServers, servers that come back', () => {
  it('serve at once when they are static, after their monitor when they are owned', () => {
    const admin = new FakeAdmin().serve(served(20, 'a', { ...soft, comment: `${own} (leaving)` }), served(20, 'b'));
    assert.deepEqual(writes(planOne(admin, target(both))), ['20 a:3306 ONLINE']);
    const group = planOne(admin, target([owned, desired(20, 'b')]));
    assert.deepEqual([writes(group), group.hold?.code], [['20 a:3306 OFFLINE_SOFT'], 'WARMING']);
  });

  it('from a disk that holds our marks, go on where they were', () => {
    const admin = new FakeAdmin().serve(served(20, 'a', { ...soft, comment: `${own} (warming since ${at(-7200)})` }));
    assert.deepEqual(writes(planOne(admin, target([owned]))), ['20 a:3306 ONLINE']);
    admin.monitor = () => 'timed out';
    assert.deepEqual(planOne(admin, target([owned])).changes, []);
  });
});

describe('planServers, a slow start', () => {
  const slowStart = { durationSeconds: 60, initialPercent: 10, curve: 'LINEAR' } as const;
  const policy = { ...plainPolicy, slowStart };
  const fresh = desired(20, 'b', { owned: true, servingSinceMs: noonMs });
  const one = target([desired(20, 'a'), fresh], [], { hostgroups: { policy } });

  it('steps a server that serves, as its own step', () => {
    const admin = new FakeAdmin().serve(served(20, 'a'), served(20, 'b', { weight: 100 }));
    const group = planOne(admin, one, { nowMs: noonMs + 10_000 });
    assert.deepEqual(
      group.changes.map(({ want, cause }) => [want?.weight, cause]),
      [[250, 'step']],
    );
    assert.equal(group.wakeAtMs, noonMs + 20_000);
  });

  it('costs no LOAD while the server waits for its monitor or is cordoned', () => {
    const warming = { ...soft, comment: `${own} (warming since ${at(0)})` };
    for (const standing of [warming, cordoned(600)]) {
      const admin = new FakeAdmin().serve(served(20, 'a'), served(20, 'b', standing));
      admin.monitor = () => 'timed out';
      assert.deepEqual(planOne(admin, one, { nowMs: noonMs + 10_000 }).changes, []);
    }
  });
});

describe('planServers, two groups', () => {
  const billing = (servers = [desired(21, 'a', { comment: 'chester billing replica' })], leaving = [gone('b')]) =>
    target(servers, leaving, { group: 'billing', hostgroups: { writerHostgroup: 11, readerHostgroup: 21 } });
  const orders = target([desired(20, 'b')], [gone('a')]);

  it('with each other’s addresses drain their own rows and wait for the other’s', () => {
    const theirs = { comment: 'chester billing replica' };
    const admin = new FakeAdmin().serve(
      served(20, 'a'),
      served(20, 'b'),
      served(21, 'a', theirs),
      served(21, 'b', theirs),
    );
    assert.deepEqual(plan(admin, orders, billing()).groups.map(writes), [
      ['20 a:3306 OFFLINE_SOFT'],
      ['21 b:3306 OFFLINE_SOFT'],
    ]);
    admin.serve(served(20, 'a', soft), served(21, 'b', { ...theirs, ...soft }));
    admin.used.set('21 a:3306', 2);
    const [first, second] = plan(admin, orders, billing()).groups;
    assert.deepEqual([first?.changes, first?.removing[0]?.reason], [[], 'HELD_BY_FOREIGN_ROW']);
    assert.deepEqual(second && writes(second), ['21 b:3306 -']);
  });

  it('whose names begin alike see nothing of each other', () => {
    const theirs = served(20, 'x', { comment: 'chester orders-eu replica' });
    const group = planOne(new FakeAdmin().serve(served(20, 'b'), theirs), target([desired(20, 'b'), desired(10, 'x')]));
    assert.deepEqual(writes(group), ['10 x:3306 ONLINE']);
    assert.deepEqual(group.unmanaged.map(keyOf as never), ['20 x:3306']);
  });
});
