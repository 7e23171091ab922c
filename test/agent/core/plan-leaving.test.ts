import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { needsLoad } from '../../../agent/core/plan.ts';
import { keyOf } from '../../../agent/core/rows.ts';
import { FakeAdmin, row } from '../fakes/fake-admin.ts';
import { planOne, served, shunned, soft, writes } from '../fakes/planning.ts';
import { desired, gone, removed, target } from '../fakes/targets.ts';

describe('planServers, addresses that leave', () => {
  it('takes a reader out of service first', () => {
    const admin = new FakeAdmin().serve(served(20, 'a'), served(20, 'b'));
    const group = planOne(admin, target([desired(20, 'b')], [gone('a')]));
    assert.deepEqual(writes(group), ['20 a:3306 OFFLINE_SOFT']);
  });

  it('begins no drain on the word of an old last known good, and goes on with one that had begun', () => {
    const admin = new FakeAdmin().serve(served(20, 'a'), served(20, 'b'), served(20, 'c', soft));
    const old = target([desired(20, 'b')], [gone('a'), gone('c')]);
    const group = planOne(admin, old, { unconfirmed: new Set(['orders']) });
    assert.deepEqual(writes(group), ['20 c:3306 -']);
    assert.deepEqual(group.absent, []);
  });

  it('takes away what bears its mark and is named no more, as after a statement that ran late', () => {
    const admin = new FakeAdmin().serve(served(20, 'b'));
    admin.memory.set('20 a:3306', served(20, 'a', { ...soft, comment: 'chester orders replica (leaving)' }));
    const late = planOne(admin, target([desired(20, 'b')]));
    assert.deepEqual([writes(late), needsLoad([late])], [['20 a:3306 -'], false]);
    admin.memory.set('20 a:3306', served(20, 'a', { ...soft, comment: 'legacy (leaving)' }));
    assert.deepEqual(planOne(admin, target([desired(20, 'b')])).changes, []);
  });

  it('waits while connections are used, in any hostgroup', () => {
    const admin = new FakeAdmin().serve(served(20, 'a', soft), served(20, 'b'), row(30, 'a'));
    admin.used.set('30 a:3306', 1);
    const group = planOne(admin, target([desired(20, 'b')], [gone('a')]));
    assert.deepEqual(group.changes, []);
    assert.equal(group.isSettled, true);
    assert.deepEqual(group.removing, [
      { hostname: 'a', port: 3306, connUsed: 1, reason: 'HELD_BY_FOREIGN_ROW', detail: '' },
    ]);
  });

  it('deletes when no connection is left, and is settled meanwhile', () => {
    const admin = new FakeAdmin().serve(served(20, 'a', soft), served(20, 'b'));
    const group = planOne(admin, target([desired(20, 'b')], [gone('a')]));
    assert.deepEqual(writes(group), ['20 a:3306 -']);
    assert.equal(needsLoad([group]), true);
    assert.equal(group.isSettled, true);
  });

  it('counts connections that were not read as some', () => {
    const admin = new FakeAdmin().serve(served(20, 'a', soft), served(20, 'b'));
    const group = planOne(admin, target([desired(20, 'b')], [gone('a')]), {}, { pool: null });
    assert.deepEqual(group.changes, []);
  });

  it('puts a row back that somebody deleted from memory while it still serves', () => {
    const admin = new FakeAdmin().serve(served(20, 'a'), served(20, 'b'));
    admin.memory.delete('20 a:3306');
    const group = planOne(admin, target([desired(20, 'b')], [gone('a')]));
    assert.deepEqual(writes(group), ['20 a:3306 OFFLINE_SOFT']);
  });

  it('claims absence only with the disk read', () => {
    const admin = new FakeAdmin().serve(served(20, 'b'));
    const one = target([desired(20, 'b')], [gone('a')]);
    assert.deepEqual(planOne(admin, one).absent, [{ hostname: 'a', port: 3306 }]);
    assert.deepEqual(planOne(admin, one, {}, { disk: null }).absent, []);
  });

  it("takes its own rows off the disk, nobody else's", () => {
    const admin = new FakeAdmin().serve(served(20, 'b'));
    admin.disk = [row(20, 'a'), row(30, 'a'), row(20, 'b')];
    const group = planOne(admin, target([desired(20, 'b')], [gone('a')]));
    assert.deepEqual(group.diskDeletes.map(keyOf), ['20 a:3306']);
    assert.equal(group.removing[0]?.reason, 'ON_DISK');
    admin.disk = [row(30, 'a')];
    assert.equal(planOne(admin, target([desired(20, 'b')], [gone('a')])).removing[0]?.reason, 'HELD_BY_FOREIGN_ROW');
  });

  it('is not absent while runtime shows its last connections', () => {
    const admin = new FakeAdmin().serve(served(20, 'b'));
    admin.runtime.set('20 a:3306', served(20, 'a', { status: 'OFFLINE_HARD' }));
    admin.used.set('20 a:3306', 2);
    const group = planOne(admin, target([desired(20, 'b')], [gone('a')]));
    assert.deepEqual(group.changes, []);
    assert.deepEqual(group.removing, [{ hostname: 'a', port: 3306, connUsed: 2, reason: 'DRAINING', detail: '' }]);
  });
});

describe('planServers, the last reader', () => {
  it('stays when the other one is shunned', () => {
    const admin = new FakeAdmin().serve(served(20, 'a'), served(20, 'b', shunned));
    const group = planOne(admin, target([desired(20, 'b')], [gone('a')]));
    assert.deepEqual(group.changes, []);
    assert.equal(group.isSettled, true);
    assert.equal(group.removing[0]?.reason, 'LAST_READER');
  });

  it('stays while its successor is only being added, and goes after', () => {
    const admin = new FakeAdmin().serve(served(20, 'a'));
    const one = target([desired(20, 'b')], [gone('a')]);
    assert.deepEqual(writes(planOne(admin, one)), ['20 b:3306 ONLINE']);
    admin.serve(served(20, 'b'));
    assert.deepEqual(writes(planOne(admin, one)), ['20 a:3306 OFFLINE_SOFT']);
  });

  it('is the one that was withdrawn last, when all have to go', () => {
    const admin = new FakeAdmin().serve(served(20, 'a'), served(20, 'b'), served(20, 'c'));
    const group = planOne(admin, target([], [gone('a', 3), gone('b', 4), gone('c', 2)]));
    assert.deepEqual(writes(group), ['20 a:3306 OFFLINE_SOFT', '20 c:3306 OFFLINE_SOFT']);
  });

  it('is put back online in memory after a step that did not reach runtime', () => {
    const admin = new FakeAdmin().serve(served(20, 'a'));
    admin.memory.set('20 a:3306', served(20, 'a', soft));
    assert.deepEqual(writes(planOne(admin, target([], [gone('a')]))), ['20 a:3306 ONLINE']);
  });

  it('stays also when the snapshot itself wants it offline', () => {
    const admin = new FakeAdmin().serve(served(20, 'a'));
    const group = planOne(admin, target([desired(20, 'a', soft)]));
    assert.deepEqual(group.changes, []);
    assert.equal(group.removing[0]?.reason, 'LAST_READER');
  });

  it('goes with a group that its operator removed', () => {
    const admin = new FakeAdmin().serve(served(20, 'a'));
    assert.deepEqual(writes(planOne(admin, removed([gone('a')]))), ['20 a:3306 OFFLINE_SOFT']);
  });

  it('may be a reader that no snapshot names', () => {
    const admin = new FakeAdmin().serve(served(20, 'a'), row(20, 'legacy'));
    assert.deepEqual(writes(planOne(admin, target([], [gone('a')]))), ['20 a:3306 OFFLINE_SOFT']);
  });
});

describe('planServers, a primary that stood in for readers', () => {
  const standIn = served(20, 'w', { comment: 'chester orders fallback' });

  it('leaves the readers and stays the writer', () => {
    const admin = new FakeAdmin().serve(served(10, 'w'), standIn, served(20, 'a'));
    admin.used.set('10 w:3306', 5);
    const one = target([desired(10, 'w'), desired(20, 'a')]);
    assert.deepEqual(writes(planOne(admin, one)), ['20 w:3306 OFFLINE_SOFT']);
    admin.serve({ ...standIn, ...soft });
    assert.deepEqual(writes(planOne(admin, one)), ['20 w:3306 -']);
  });

  it('stays while it is the last reader', () => {
    const admin = new FakeAdmin().serve(served(10, 'w'), standIn);
    assert.deepEqual(planOne(admin, target([desired(10, 'w')])).changes, []);
  });

  it('is left alone when no snapshot of the group wrote it', () => {
    const admin = new FakeAdmin().serve(served(10, 'w'), row(20, 'w'), served(20, 'a'));
    const group = planOne(admin, target([desired(10, 'w'), desired(20, 'a')]));
    assert.deepEqual(group.changes, []);
    assert.equal(group.unmanaged.length, 1);
  });
});

describe('planServers, the writer', () => {
  it('comes in only after a LOAD took the old one out', () => {
    const admin = new FakeAdmin().serve(served(10, 'old'));
    admin.used.set('10 old:3306', 1);
    const one = target([desired(10, 'new')], [gone('old')]);
    const first = planOne(admin, one);
    assert.deepEqual(writes(first), ['10 old:3306 OFFLINE_SOFT']);
    assert.equal(first.isSettled, false);
    assert.equal(first.hold, null);
    admin.serve(served(10, 'old', soft));
    assert.deepEqual(writes(planOne(admin, one)), ['10 new:3306 ONLINE']);
  });

  it('is taken back from memory when a half-done step left it there', () => {
    const admin = new FakeAdmin().serve(served(10, 'old'));
    admin.memory.set('10 new:3306', served(10, 'new'));
    const group = planOne(admin, target([desired(10, 'new')], [gone('old')]));
    assert.deepEqual(writes(group).sort(), ['10 new:3306 OFFLINE_SOFT', '10 old:3306 OFFLINE_SOFT']);
  });

  it('waits for a writer that no snapshot names, and says which', () => {
    const group = planOne(new FakeAdmin().serve(row(10, 'legacy')), target([desired(10, 'new')]));
    assert.equal(group.hold?.code, 'WRITER_TAKEN');
    assert.match(group.hold.message, /hostgroup 10 legacy:3306/);
    assert.equal(group.isSettled, false);
    assert.deepEqual(group.changes, []);
  });

  it('that serves already is changed in place', () => {
    const admin = new FakeAdmin().serve(served(10, 'w', { weight: 1 }), row(10, 'legacy'));
    assert.deepEqual(writes(planOne(admin, target([desired(10, 'w')]))), ['10 w:3306 ONLINE']);
  });
});
