import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AgentError } from '../../../agent/errors.ts';
import { row } from '../fakes/fake-admin.ts';
import { settle } from '../fakes/fake-clock.ts';
import { FakeModules } from '../fakes/fake-modules.ts';
import { lostConnection } from '../fakes/fake-ports.ts';
import { Loops, startApplied } from '../fakes/loops.ts';
import { served } from '../fakes/planning.ts';
import { desired, gone, target } from '../fakes/targets.ts';

const both = [desired(20, 'a'), desired(20, 'b')];
const onlyB = target([desired(20, 'b')], [gone('a', 2)], { revision: 2, hash: 'h2' });

describe('Applier', () => {
  it('writes, loads once and proves', async () => {
    const loops = await new Loops().startApplier();
    loops.applier.submit(target(both));
    await settle();
    assert.deepEqual(loops.admin.effects, ['replace 2', 'load']);
    assert.equal(loops.standing.isSettled, true);
    assert.deepEqual(loops.applier.known(), [{ group: 'orders', revision: 1, hash: 'h1' }]);
    assert.equal(loops.applier.isCaughtUp(), true);
  });

  it('does nothing the second time', async () => {
    const loops = await startApplied(both);
    loops.applier.check();
    await settle();
    assert.deepEqual(loops.admin.effects, []);
  });

  it('asks the proxy nothing about a snapshot whose equal is proven', async () => {
    const loops = await startApplied(both);
    const calls: string[] = [];
    loops.admin.onCall = (name) => calls.push(name);
    loops.applier.submit(target(both, [], { revision: 2 }));
    await settle();
    assert.deepEqual(calls, []);
    assert.equal(loops.standing.revision, 2);
    assert.equal(loops.standing.isSettled, true);
    await loops.clock.advance(200);
    assert.equal(loops.store.state?.groups[0]?.target.revision, 2);
  });

  it('loads once for all groups that changed', async () => {
    const loops = await new Loops().startApplier();
    const billing = { writerHostgroup: 11, readerHostgroup: 21 };
    loops.applier.submit(target(both));
    loops.applier.submit(target([desired(21, 'c')], [], { group: 'billing', hostgroups: billing }));
    await settle();
    assert.deepEqual(loops.admin.effects, ['replace 2', 'replace 1', 'load']);
  });

  it('takes a newer target into the step after the one that runs', async () => {
    const loops = await new Loops().startApplier();
    loops.admin.onCall = (name) => {
      if (name !== 'loadServers') return;
      loops.admin.onCall = () => undefined;
      loops.applier.submit(target([desired(20, 'a', { weight: 5 })], [], { revision: 2, hash: 'h2' }));
    };
    loops.applier.submit(target([desired(20, 'a')]));
    await settle();
    assert.equal(loops.admin.runtime.get('20 a:3306')?.weight, 5);
    assert.deepEqual(
      loops.standings.map(({ standing }) => standing.revision),
      [2],
    );
  });

  it("answers a group before it looks at the fleet's variables", async () => {
    const modules = new FakeModules();
    const loops = await new Loops({}, modules).startApplier();
    const answered: string[] = [];
    modules.onCall = (name) => {
      if (name === 'readVariables') answered.push(loops.standings.map(({ standing }) => standing.group).join());
    };
    const body = { kind: 'fleet', variables: { 'mysql-max_connections': '4096' } } as const;
    loops.applier.submitFleet({ group: 'fleet:shop', revision: 1, hash: 'f', epoch: 1, body });
    loops.applier.submit(target(both));
    await settle();
    assert.equal(answered[0], 'orders');
    assert.equal(loops.standings.at(-1)?.standing.group, 'fleet:shop');
    assert.equal(loops.standings.at(-1)?.standing.isSettled, true);
  });

  it('repairs what drifted, and says which row', async () => {
    const loops = await startApplied(both);
    loops.admin.serve(served(20, 'a', { weight: 5 }));
    loops.applier.check();
    await settle();
    assert.equal(loops.admin.runtime.get('20 a:3306')?.weight, 1000);
    assert.equal(loops.metrics.counts.get('repaired orders'), 1);
    const line = loops.log.lines.find(({ message }) => message === 'repairing a row that drifted');
    assert.equal(line?.fields['row'], '20 a:3306');
  });

  it('does not call a first apply a repair', async () => {
    const loops = await startApplied(both);
    assert.equal(loops.metrics.counts.get('repaired orders'), undefined);
  });
});

describe('Applier, draining', () => {
  it('asks quickly at first, then once a second, also while connections come and go', async () => {
    const loops = await startApplied(both);
    loops.admin.used.set('20 a:3306', 2);
    loops.applier.submit(onlyB);
    await settle();
    const delays: (number | undefined)[] = [];
    for (let poll = 0; poll < 7; poll += 1) {
      delays.push(loops.clock.pendingMs[0]);
      await loops.clock.advance(loops.clock.pendingMs[0] ?? 0);
    }
    assert.deepEqual(delays, [50, 100, 200, 400, 800, 1000, 1000]);
    loops.admin.used.set('20 a:3306', 1);
    await loops.clock.advance(1000);
    assert.equal(loops.standing.removing[0]?.connUsed, 1);
    assert.equal(loops.clock.pendingMs[0], 1000);
  });

  it('is settled while it drains, deletes when no connection is left, and then rests', async () => {
    const loops = await startApplied(both);
    loops.admin.used.set('20 a:3306', 2);
    loops.applier.submit(onlyB);
    await settle();
    assert.equal(loops.standing.isSettled, true);
    loops.admin.used.clear();
    await loops.clock.advance(50);
    assert.deepEqual(loops.admin.effects, ['replace 1', 'load', 'delete 1', 'load']);
    assert.deepEqual(loops.standing.absent, [{ hostname: 'a', port: 3306, revision: 2 }]);
    assert.deepEqual(loops.clock.pendingMs, []);
  });

  it('votes only when its last known good without the server is on disk', async () => {
    const loops = await startApplied(both);
    const letThrough = loops.store.hold();
    loops.applier.submit(onlyB);
    await settle();
    assert.equal(loops.admin.runtime.has('20 a:3306'), false);
    assert.equal(loops.standing.isSettled, true);
    assert.deepEqual(loops.standing.absent, []);
    letThrough();
    await settle();
    assert.equal(loops.store.state?.groups[0]?.target.revision, 2);
    assert.deepEqual(loops.standing.absent, [{ hostname: 'a', port: 3306, revision: 2 }]);
  });

  it('writes a snapshot that no vote waits for a moment later, once for all that came', async () => {
    const loops = await startApplied(both);
    loops.applier.submit(target(both, [], { revision: 2, hash: 'h2' }));
    await settle();
    assert.equal(loops.store.writes, 0);
    await loops.clock.advance(200);
    assert.equal(loops.store.writes, 1);
    assert.equal(loops.store.state?.groups[0]?.target.revision, 2);
  });

  it('does not vote when the file cannot be written, and tries again', async () => {
    const loops = await startApplied(both);
    loops.store.nextError = new AgentError('SNAPSHOT_FILE_FAILED', 'disk full');
    loops.applier.submit(onlyB);
    await settle();
    loops.applier.check();
    await settle();
    assert.deepEqual(loops.standing.absent, [{ hostname: 'a', port: 3306, revision: 2 }]);
    assert.ok(loops.log.lines.some(({ message }) => message === 'last known good could not be saved'));
  });

  it('takes a vote back at once when the address is there again, even while it has to hold', async () => {
    const loops = await startApplied(both);
    loops.applier.submit(onlyB);
    await settle();
    loops.admin.serve(row(20, 'a'));
    loops.admin.memory.set('77 x:3306', row(77, 'x'));
    loops.applier.check();
    await settle();
    assert.deepEqual(loops.standing.absent, []);
    assert.equal(loops.standing.removing[0]?.hostname, 'a');
  });

  it('looks again for a last reader until it may go', async () => {
    const loops = await startApplied(both);
    loops.admin.runtime.set('20 b:3306', served(20, 'b', { status: 'SHUNNED' }));
    loops.applier.submit(onlyB);
    await settle();
    assert.equal(loops.standing.removing[0]?.reason, 'LAST_READER');
    loops.admin.runtime.set('20 b:3306', served(20, 'b'));
    await loops.clock.advance(29_000);
    assert.equal(loops.standing.removing[0].reason, 'LAST_READER', 'a LOAD may have un-shunned a dead one');
    await loops.clock.advance(2000);
    assert.equal(loops.standing.absent.length, 1);
  });
});

describe('Applier, when something is in the way', () => {
  it("holds before a LOAD that would publish somebody's edit, changes nothing, and goes on after", async () => {
    const loops = await new Loops().startApplier();
    loops.admin.memory.set('77 x:3306', row(77, 'x'));
    loops.applier.submit(target(both));
    await settle();
    assert.deepEqual(loops.admin.effects, []);
    assert.equal(loops.standing.failure?.code, 'FOREIGN_PENDING');
    loops.admin.memory.delete('77 x:3306');
    await loops.clock.advance(1000);
    assert.equal(loops.standing.isSettled, true);
  });

  it('tells of a lost connection, backs off, and applies later', async () => {
    const loops = await new Loops().startApplier();
    loops.admin.nextErrors.set('loadServers', lostConnection());
    loops.applier.submit(target(both));
    await settle();
    assert.equal(loops.standing.failure?.code, 'ADMIN_CONNECTION_LOST');
    assert.equal(loops.standing.failure.isPermanent, false);
    await loops.clock.advance(200);
    assert.equal(loops.standing.isSettled, true);
    assert.deepEqual(loops.admin.effects, ['replace 2', 'load']);
  });

  it('looks before it decides after a time-out: the statement may have happened', async () => {
    const loops = await new Loops().startApplier();
    loops.admin.onCall = (name) => {
      if (name === 'loadServers') loops.admin.load();
    };
    loops.admin.nextErrors.set('loadServers', new AgentError('ADMIN_TIMED_OUT', 'too slow'));
    loops.applier.submit(target(both));
    await settle();
    await loops.clock.advance(200);
    assert.deepEqual(loops.admin.effects, ['replace 2', 'load']);
    assert.equal(loops.standing.isSettled, true);
  });

  it('refuses a snapshot for a refused row, keeps what it had, and harms no other group', async () => {
    const loops = await startApplied(both);
    const billing = target([desired(21, 'c')], [], {
      group: 'billing',
      hostgroups: { writerHostgroup: 11, readerHostgroup: 21 },
    });
    loops.admin.nextErrors.set(
      'replaceServers',
      new AgentError('ADMIN_ROW_REFUSED', 'CHECK constraint failed: weight'),
    );
    loops.applier.submit(target([desired(20, 'bad')], [], { revision: 2, hash: 'h2' }));
    loops.applier.submit(billing);
    await settle();
    const refused = loops.standings.find(({ standing }) => standing.failure !== null)?.standing;
    assert.equal(refused?.revision, 2);
    assert.equal(refused.failure?.isPermanent, true);
    assert.match(refused.failure.message, /mysql_servers refused a row among 20 bad:3306: CHECK constraint failed/);
    assert.equal(loops.applier.target('orders')?.revision, 1);
    assert.equal(loops.admin.runtime.has('21 c:3306'), true);
  });

  it('counts the LOAD that went out along with refused rows', async () => {
    const loops = await startApplied(both);
    loops.admin.nextErrors.set('replaceServers', new AgentError('ADMIN_ROW_REFUSED', 'no'));
    loops.applier.submit(target([desired(20, 'bad')], [], { revision: 2, hash: 'h2' }));
    await settle();
    assert.deepEqual([loops.admin.loads, loops.metrics.counts.get('loaded')], [2, 2]);
  });

  it('forgets a refused group that it never had', async () => {
    const loops = await new Loops().startApplier();
    loops.admin.nextErrors.set('replaceServers', new AgentError('ADMIN_ROW_REFUSED', 'no'));
    loops.applier.submit(target(both));
    await settle();
    assert.equal(loops.applier.target('orders'), null);
    // The LOAD was sent along, and publishes nothing.
    assert.deepEqual(loops.admin.effects, ['load']);
    assert.equal(loops.admin.runtime.size, 0);
  });

  it('gives up for now when runtime never shows what it loads', async () => {
    const loops = await new Loops().startApplier();
    loops.admin.load = () => {
      loops.admin.effects.push('load');
    };
    loops.applier.submit(target(both));
    await settle();
    assert.deepEqual(loops.admin.effects, ['replace 2', 'load', 'load']);
    assert.equal(loops.standing.failure?.code, 'NOT_PROVEN');
    assert.deepEqual(loops.clock.pendingMs, [10_000]);
  });
});
