import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { keyOf, type ServerRow } from '../../../agent/core/rows.ts';
import type { Server } from '../../../agent/core/snapshot.ts';
import { FakeAdmin, row } from '../fakes/fake-admin.ts';
import { planOne, planWith, served, shunned, soft, writes } from '../fakes/planning.ts';
import { desired, gone, plainPolicy, removed, target } from '../fakes/targets.ts';

const unknown = { known: new Set<string>() };
const wanted = [desired(10, 'w'), desired(20, 'a')];
const adopting = (servers: readonly Server[], leaving = [] as ReturnType<typeof gone>[]) =>
  target(servers, leaving, { hostgroups: { policy: { ...plainPolicy, adoptExisting: true } } });

describe('planServers, first contact', () => {
  it('shows what it would do, reports what is there, and touches nothing', () => {
    const admin = new FakeAdmin().serve(row(10, 'w'), row(20, 'x', { weight: 7 }), row(30, 'y'));
    const group = planOne(admin, target(wanted), unknown);
    assert.equal(group.hold?.code, 'ADOPTION_REQUIRED');
    assert.equal(
      group.hold.message,
      "this proxy serves the group's hostgroups already: 10 w:3306 (ONLINE, weight 1) would become ONLINE weight 1000, " +
        '20 x:3306 (ONLINE, weight 7) would be drained; to be added: 20 a:3306; nothing is changed until the group says ' +
        'adoptExisting',
    );
    assert.deepEqual(group.changes, []);
    assert.equal(group.isSettled, false);
    assert.deepEqual(group.unmanaged.map(keyOf as never), ['10 w:3306', '20 x:3306']);
  });

  const contacts: readonly { readonly name: string; readonly rows: readonly ServerRow[]; readonly isHeld: boolean }[] =
    [
      { name: 'nothing is there', rows: [], isHeld: false },
      { name: 'only other hostgroups serve', rows: [row(30, 'y')], isHeld: false },
      { name: 'a row of ours is there', rows: [row(20, 'x'), served(20, 'a')], isHeld: false },
      {
        name: 'a row of a group with a longer name is there',
        rows: [row(20, 'x', { comment: 'chester orders-eu x' })],
        isHeld: true,
      },
      { name: 'what is there is as wanted, but not ours', rows: [served(20, 'a', { comment: '' })], isHeld: true },
      { name: 'what is there is OFFLINE', rows: [row(20, 'x', soft)], isHeld: true },
    ];
  for (const { name, rows, isHeld } of contacts) {
    it(`${isHeld ? 'holds' : 'goes on'} where ${name}`, () => {
      const group = planOne(new FakeAdmin().serve(...rows), target(wanted), unknown);
      assert.equal(group.hold?.code === 'ADOPTION_REQUIRED', isHeld);
      assert.equal(group.changes.length > 0, !isHeld);
    });
  }

  it('is not the first one for whom ours only runtime shows: somebody put other rows into memory', () => {
    const admin = new FakeAdmin().serve(served(20, 'a'));
    admin.memory.clear();
    admin.memory.set('20 x:3306', row(20, 'x'));
    const { groups, foreignPending } = planWith(admin, [target(wanted)], unknown);
    assert.equal(groups[0]?.hold, null);
    assert.equal(foreignPending[0]?.row, 'hostgroup 20 x:3306');
  });

  it('is not the first one where the group was proven before: what is there drifted', () => {
    const group = planOne(new FakeAdmin().serve(row(20, 'a'), row(20, 'x')), target(wanted));
    assert.deepEqual(writes(group), ['10 w:3306 ONLINE', '20 a:3306 ONLINE']);
    assert.deepEqual(group.unmanaged.map(keyOf as never), ['20 x:3306']);
  });

  it('does not matter to a removed group', () => {
    assert.deepEqual(writes(planOne(new FakeAdmin().serve(row(20, 'a')), removed([gone('a')]), unknown)), [
      '20 a:3306 OFFLINE_SOFT',
    ]);
  });

  it('names five rows and counts the others', () => {
    const rows = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => row(20, name));
    const group = planOne(new FakeAdmin().serve(...rows), target([]), unknown);
    assert.match(group.hold?.message ?? '', /20 e:3306 .* would be drained, and 2 more; to be added: none;/);
  });
});

describe('planServers, adopting', () => {
  it('makes what is named as it should be and drains the others', () => {
    const admin = new FakeAdmin().serve(row(10, 'w'), row(20, 'a'), row(20, 'x'));
    const group = planOne(admin, adopting(wanted), unknown);
    assert.deepEqual(writes(group), ['10 w:3306 ONLINE', '20 a:3306 ONLINE', '20 x:3306 OFFLINE_SOFT']);
    assert.deepEqual(
      group.changes.map(({ want }) => want?.comment),
      ['chester orders replica', 'chester orders replica', ' (leaving)'],
    );
    assert.deepEqual(
      group.removing.map(({ hostname, reason }) => [hostname, reason]),
      [['x', 'DRAINING']],
    );
  });

  it('deletes no stranger before its connections are gone', () => {
    const admin = new FakeAdmin().serve(...wanted.map((server) => served(server.hostgroup, server.hostname)));
    admin.serve(row(20, 'x', { ...soft, comment: ' (leaving)' }));
    admin.used.set('20 x:3306', 1);
    assert.deepEqual(planOne(admin, adopting(wanted)).changes, []);
    admin.used.clear();
    assert.deepEqual(writes(planOne(admin, adopting(wanted))), ['20 x:3306 -']);
  });

  it('waits with the last reader until one that is named is ONLINE', () => {
    const admin = new FakeAdmin().serve(row(20, 'x'));
    const first = planOne(admin, adopting(wanted), unknown);
    assert.deepEqual(writes(first), ['20 a:3306 ONLINE', '10 w:3306 ONLINE'].sort());
    assert.equal(first.removing[0]?.reason, 'LAST_READER');
  });

  it('takes a foreign writer out, and brings its own in one step later', () => {
    const admin = new FakeAdmin().serve(row(10, 'x'), served(20, 'a'));
    const first = planOne(admin, adopting(wanted), unknown);
    assert.deepEqual(writes(first), ['10 x:3306 OFFLINE_SOFT']);
    assert.deepEqual([first.hold, first.isSettled], [null, false]);
    admin.serve(row(10, 'x', { ...soft, comment: ' (leaving)' }));
    assert.deepEqual(writes(planOne(admin, adopting(wanted))), ['10 w:3306 ONLINE', '10 x:3306 -']);
  });

  it('leaves a foreign writer where the snapshot names none', () => {
    const group = planOne(new FakeAdmin().serve(row(10, 'x'), served(20, 'a')), adopting([desired(20, 'a')]));
    assert.deepEqual(group.changes, []);
    assert.deepEqual(group.unmanaged.map(keyOf as never), ['10 x:3306']);
  });

  it('says which writer it waits for where that one is not taken out', () => {
    const ours = planOne(new FakeAdmin().serve(served(10, 'x'), served(20, 'a')), adopting(wanted));
    assert.equal(ours.hold?.code, 'WRITER_TAKEN');
    const admin = new FakeAdmin().serve(served(20, 'a'));
    admin.memory.set('10 x:3306', row(10, 'x'));
    assert.match(planOne(admin, adopting(wanted)).hold?.message ?? '', /hostgroup 10 x:3306 serves as writer/);
  });

  it('leaves what somebody is only about to add', () => {
    const admin = new FakeAdmin().serve(served(10, 'w'), served(20, 'a'));
    admin.memory.set('20 x:3306', row(20, 'x'));
    const { groups, foreignPending } = planWith(admin, [adopting(wanted)]);
    assert.deepEqual(groups[0]?.changes, []);
    assert.equal(foreignPending.length, 1);
  });

  it('drains what somebody is about to delete', () => {
    const admin = new FakeAdmin().serve(served(10, 'w'), served(20, 'a'), row(20, 'x'));
    admin.memory.delete('20 x:3306');
    assert.deepEqual(writes(planOne(admin, adopting(wanted))), ['20 x:3306 OFFLINE_SOFT']);
  });

  it('leaves rows that it wrote itself and that no snapshot withdrew', () => {
    const group = planOne(new FakeAdmin().serve(served(10, 'w'), served(20, 'a'), served(20, 'b')), adopting(wanted));
    assert.deepEqual([group.changes, group.unmanaged.map(keyOf as never)], [[], ['20 b:3306']]);
  });

  it('brings an adopted owned server in only as it was', () => {
    const owned = [desired(20, 'a', { owned: true }), desired(20, 'b', { owned: true })];
    const group = planOne(new FakeAdmin().serve(row(20, 'a', shunned), row(20, 'b', soft)), adopting(owned), unknown);
    assert.deepEqual(writes(group), ['20 a:3306 ONLINE', '20 b:3306 OFFLINE_SOFT']);
    assert.deepEqual(
      group.warming.map(({ hostname }) => hostname),
      ['b'],
    );
  });

  it('lets a stranger that is named again while it drains come back', () => {
    const admin = new FakeAdmin().serve(served(10, 'w'), served(20, 'a'));
    admin.serve(row(20, 'x', { ...soft, comment: 'legacy (leaving)' }));
    const group = planOne(admin, adopting([...wanted, desired(20, 'x')]));
    assert.deepEqual([writes(group), group.cordoned], [['20 x:3306 ONLINE'], []]);
  });
});
