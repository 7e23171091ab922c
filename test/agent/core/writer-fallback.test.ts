import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { GroupPlan, PlanContext } from '../../../agent/core/plan.ts';
import type { ServerRow } from '../../../agent/core/rows.ts';
import type { LeavingServer, Server } from '../../../agent/core/snapshot.ts';
import { FakeAdmin, row } from '../fakes/fake-admin.ts';
import { noonMs, planOne, served, shunned, soft, writes } from '../fakes/planning.ts';
import { desired, gone, plainPolicy, removed, target } from '../fakes/targets.ts';

const policy = { ...plainPolicy, writerFallbackConnections: 5 };
const writer = served(10, 'w');
const standIn = served(20, 'w', { weight: 1, maxConnections: 5, comment: 'chester orders fallback' });
const wanted = [desired(10, 'w'), desired(20, 'a')];
const isIn = ['20 w:3306 ONLINE'];

function plan(
  admin: FakeAdmin,
  servers: readonly Server[] = wanted,
  leaving: readonly LeavingServer[] = [],
  context: Partial<PlanContext> = {},
): GroupPlan {
  return planOne(admin, target(servers, leaving, { hostgroups: { policy } }), context);
}

describe('planServers, the writer in place of readers', () => {
  const comes: readonly { readonly name: string; readonly admin: FakeAdmin; readonly servers?: readonly Server[] }[] = [
    { name: 'no reader is named', admin: new FakeAdmin().serve(writer), servers: [desired(10, 'w')] },
    { name: 'the only one is shunned', admin: new FakeAdmin().serve(writer, served(20, 'a', shunned)) },
    {
      name: 'all are shunned',
      admin: new FakeAdmin().serve(writer, served(20, 'a', shunned), served(20, 'b', shunned)),
      servers: [...wanted, desired(20, 'b')],
    },
    {
      name: 'the only one has no weight',
      admin: new FakeAdmin().serve(writer, served(20, 'a', { weight: 0 })),
      servers: [desired(10, 'w'), desired(20, 'a', { weight: 0 })],
    },
    {
      name: 'the only one is unmanaged and shunned',
      admin: new FakeAdmin().serve(writer, row(20, 'x', shunned)),
      servers: [desired(10, 'w')],
    },
  ];
  for (const { name, admin, servers } of comes) {
    it(`comes when ${name}`, () => {
      const group = plan(admin, servers);
      assert.deepEqual(writes(group), isIn);
      assert.deepEqual(group.changes[0]?.want, standIn);
      assert.deepEqual([group.hasReader, group.isWriterFallback, group.isSettled], [false, true, false]);
    });
  }

  it('comes when the only reader warms up, and along with it', () => {
    const group = plan(new FakeAdmin().serve(writer), [desired(10, 'w'), desired(20, 'a', { owned: true })]);
    assert.deepEqual(writes(group), ['20 a:3306 OFFLINE_SOFT', '20 w:3306 ONLINE']);
  });

  it('comes when a person took the only reader out', () => {
    const group = plan(new FakeAdmin().serve(writer, served(20, 'a', soft)));
    assert.deepEqual(writes(group), ['20 a:3306 OFFLINE_SOFT', '20 w:3306 ONLINE']);
    assert.equal(group.cordoned.length, 1);
  });

  it('comes when a person is about to take the only reader out', () => {
    const admin = new FakeAdmin().serve(writer, served(20, 'a'));
    admin.memory.set('20 a:3306', served(20, 'a', soft));
    assert.deepEqual(writes(plan(admin)), isIn);
  });

  const stays: readonly { readonly name: string; readonly admin: FakeAdmin; readonly servers?: readonly Server[] }[] = [
    { name: 'a reader is ONLINE', admin: new FakeAdmin().serve(writer, served(20, 'a')) },
    { name: 'an unmanaged one is', admin: new FakeAdmin().serve(writer, row(20, 'x')), servers: [desired(10, 'w')] },
    { name: 'there is no writer', admin: new FakeAdmin(), servers: [] },
    {
      name: 'the snapshot names the writer among the readers',
      admin: new FakeAdmin().serve(writer, served(20, 'w', shunned)),
      servers: [desired(10, 'w'), desired(20, 'w')],
    },
    {
      name: 'somebody else has it there already',
      admin: new FakeAdmin().serve(writer, row(20, 'w')),
      servers: [desired(10, 'w')],
    },
    {
      name: 'somebody else keeps it OFFLINE there',
      admin: new FakeAdmin().serve(writer, row(20, 'w', soft)),
      servers: [desired(10, 'w')],
    },
  ];
  for (const { name, admin, servers } of stays) {
    it(`stays away when ${name}`, () => {
      const group = plan(admin, servers);
      assert.deepEqual(group.changes, []);
    });
  }

  it('stays away when a reader comes with this very step, and where it is switched off', () => {
    assert.deepEqual(writes(plan(new FakeAdmin().serve(writer))), ['20 a:3306 ONLINE']);
    const group = planOne(new FakeAdmin().serve(writer), target([desired(10, 'w')]));
    assert.deepEqual(group.changes, []);
  });

  it('has no place in a removed group', () => {
    assert.deepEqual(planOne(new FakeAdmin(), removed([gone('w')])).changes, []);
  });
});

describe('planServers, the writer that stands in', () => {
  const admin = (...rows: readonly ServerRow[]) => new FakeAdmin().serve(writer, standIn, ...rows);

  it('goes half a minute after a reader is ONLINE, and says when', () => {
    const waiting = plan(admin(served(20, 'a')), wanted, [], { readerOnlineMs: new Map([['orders', 10_000]]) });
    assert.deepEqual(waiting.changes, []);
    assert.deepEqual([waiting.hasReader, waiting.isWriterFallback, waiting.isSettled], [true, true, true]);
    assert.equal(waiting.wakeAtMs, noonMs + 20_000);
    const over = plan(admin(served(20, 'a')), wanted, [], { readerOnlineMs: new Map([['orders', 30_000]]) });
    assert.deepEqual(writes(over), ['20 w:3306 OFFLINE_SOFT']);
    assert.equal(over.isWriterFallback, false);
  });

  it('stays as it is when a LOAD un-shuns dead readers, and they are shunned again', () => {
    assert.deepEqual(plan(admin(served(20, 'a'))).changes, []);
    assert.deepEqual(plan(admin(served(20, 'a', shunned))).changes, []);
  });

  it('goes on leaving once it began, and comes back when it is needed', () => {
    const leaving = { ...standIn, ...soft, comment: 'chester orders fallback (leaving)' };
    const drained = plan(new FakeAdmin().serve(writer, leaving, served(20, 'a')));
    assert.deepEqual(writes(drained), ['20 w:3306 -']);
    const needed = plan(new FakeAdmin().serve(writer, leaving, served(20, 'a', shunned)));
    assert.deepEqual(writes(needed), isIn);
  });

  it('is kept out of service where a person took it out, also while it is not needed', () => {
    const cordoned = plan(new FakeAdmin().serve(writer, { ...standIn, ...soft }, served(20, 'a', shunned)));
    assert.deepEqual(writes(cordoned), ['20 w:3306 OFFLINE_SOFT']);
    assert.deepEqual([cordoned.cordoned.length, cordoned.isWriterFallback], [1, false]);
    const marked = cordoned.changes[0]?.want;
    assert.ok(marked != null);
    assert.deepEqual(plan(new FakeAdmin().serve(writer, marked, served(20, 'a'))).changes, []);
  });

  it('goes where it is switched off, but not as the last reader', () => {
    const group = planOne(admin(served(20, 'a')), target(wanted));
    assert.deepEqual(writes(group), ['20 w:3306 OFFLINE_SOFT']);
    const last = planOne(admin(), target([desired(10, 'w')]));
    assert.deepEqual(last.changes, []);
    assert.equal(last.isWriterFallback, true);
  });

  it('lets the last reader go, one step later', () => {
    const group = plan(new FakeAdmin().serve(writer, served(20, 'a')), [desired(10, 'w')], [gone('a')]);
    assert.deepEqual(writes(group), isIn);
    assert.equal(group.removing[0]?.reason, 'LAST_READER');
    assert.deepEqual(writes(plan(admin(served(20, 'a')), [desired(10, 'w')], [gone('a')])), ['20 a:3306 OFFLINE_SOFT']);
  });

  it('does not come for a reader that goes while its successor warms up, for half a minute', () => {
    const successor = (seconds: number) => {
      const comment = `chester orders replica (warming since ${new Date(noonMs - seconds * 1000).toISOString()})`;
      const proxy = new FakeAdmin().serve(writer, served(20, 'a'), served(20, 'b', { ...soft, comment }));
      proxy.monitor = () => 'timed out';
      return plan(proxy, [desired(10, 'w'), desired(20, 'b', { owned: true })], [gone('a')]);
    };
    assert.deepEqual([successor(29).changes, successor(29).wakeAtMs], [[], noonMs + 1000]);
    assert.equal(successor(29).removing[0]?.reason, 'LAST_READER');
    assert.deepEqual(writes(successor(30)), isIn);
  });
});

describe('planServers, the writer that stands in while the writer changes', () => {
  it('is the new one, and the old one goes from both hostgroups', () => {
    const old = { ...standIn, hostname: 'old' };
    const admin = new FakeAdmin().serve(served(10, 'old'), old);
    const first = plan(admin, [desired(10, 'w')], [gone('old')]);
    assert.deepEqual(writes(first), ['20 w:3306 ONLINE', '10 old:3306 OFFLINE_SOFT']);
    assert.equal(first.removing[0]?.reason, 'LAST_READER');
    admin.serve(served(10, 'old', soft), standIn);
    admin.used.set('10 old:3306', 1);
    const second = plan(admin, [desired(10, 'w')], [gone('old')]);
    assert.deepEqual(writes(second), ['10 w:3306 ONLINE', '20 old:3306 OFFLINE_SOFT']);
  });

  it('is a promoted reader in its own place', () => {
    const admin = new FakeAdmin().serve(served(10, 'old'), served(20, 'w'));
    const group = plan(admin, [desired(10, 'w')], [gone('old')]);
    assert.deepEqual(writes(group), ['20 w:3306 ONLINE', '10 old:3306 OFFLINE_SOFT']);
    assert.equal(group.changes[0]?.want?.maxConnections, 5);
  });
});
