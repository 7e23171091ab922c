import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { withMark } from '../../../agent/core/marks.ts';
import type { MonitorCheck, MonitorLog } from '../../../agent/core/monitor-gate.ts';
import type { TableRow } from '../../../agent/core/table.ts';
import { row } from '../fakes/fake-admin.ts';
import { settle } from '../fakes/fake-clock.ts';
import { Loops, startApplied } from '../fakes/loops.ts';
import { served } from '../fakes/planning.ts';
import { desired, gone, plainPolicy, target } from '../fakes/targets.ts';

const both = [desired(20, 'a'), desired(20, 'b')];

/** An applier with both readers proven, whose last LOAD is `agoMs` past. */
async function startPaced(agoMs: number): Promise<Loops> {
  const loops = await new Loops({ loadIntervalMs: 2000 }).startApplier();
  loops.applier.submit(target(both));
  await loops.clock.advance(agoMs);
  loops.admin.effects.length = 0;
  return loops;
}

function checkOfA(atMs: number): MonitorCheck {
  return { hostname: 'a', port: 3306, atMs, error: null };
}

function logSince(checks: readonly MonitorCheck[], sinceMs: number): MonitorLog {
  return { isEnabled: true, checks: checks.filter(({ atMs }) => atMs >= sinceMs) };
}

function reweighted(weight: number, revision: number) {
  return target([desired(20, 'a', { weight }), desired(20, 'b')], [], { revision, hash: `h${revision}` });
}

describe('Applier, the pace of its LOADs', () => {
  it('lets a change of weights wait for its turn, and merges what comes meanwhile', async () => {
    const loops = await startPaced(500);
    loops.applier.submit(reweighted(5, 2));
    await settle();
    loops.applier.submit(reweighted(6, 3));
    await loops.clock.advance(1499);
    assert.deepEqual(loops.admin.effects, []);
    await loops.clock.advance(1);
    assert.deepEqual(loops.admin.effects, ['replace 1', 'load']);
    assert.equal(loops.standing.revision, 3);
    assert.equal(loops.standing.isSettled, true);
  });

  it('lets what comes into service or goes out of it pass at once, and what waits along with it', async () => {
    const loops = await startPaced(500);
    loops.applier.submit(reweighted(5, 2));
    await settle();
    const servers = [desired(20, 'a', { weight: 5 }), desired(20, 'b'), desired(20, 'c')];
    loops.applier.submit(target(servers, [], { revision: 3, hash: 'h3' }));
    await settle();
    assert.deepEqual(loops.admin.effects, ['replace 2', 'load']);
  });

  it('lets the first change after a quiet time pass at once', async () => {
    const loops = await startPaced(2000);
    loops.applier.submit(reweighted(5, 2));
    await settle();
    assert.deepEqual(loops.admin.effects, ['replace 1', 'load']);
  });
});

describe("Applier, somebody's pending edit", () => {
  const pending = row(30, 'x');

  it('is published after its grace for a drain, and for nothing less', async () => {
    const loops = await startApplied(both);
    loops.admin.memory.set('30 x:3306', pending);
    loops.applier.submit(reweighted(5, 2));
    await loops.clock.advance(61_000);
    assert.deepEqual(loops.admin.effects, []);
    loops.applier.submit(target([desired(20, 'b')], [gone('a')], { revision: 3, hash: 'h3' }));
    await settle();
    assert.deepEqual(loops.admin.effects.slice(0, 2), ['replace 1', 'load']);
    assert.ok(loops.log.lines.some(({ message }) => message.includes('does not wait any longer')));
  });

  it('holds a drain until then', async () => {
    const loops = await startApplied(both);
    loops.admin.memory.set('30 x:3306', pending);
    loops.applier.submit(target([desired(20, 'b')], [gone('a')], { revision: 2, hash: 'h2' }));
    await loops.clock.advance(59_000);
    assert.deepEqual(loops.admin.effects, []);
    assert.equal(loops.standing.failure?.code, 'FOREIGN_PENDING');
    await loops.clock.advance(2000);
    assert.equal(loops.admin.effects[1], 'load');
  });

  it('has a grace of its own, whatever was pending before', async () => {
    const loops = await startApplied(both);
    const draining = target([desired(20, 'b')], [gone('a')], { revision: 3, hash: 'h3' });
    loops.admin.memory.set('30 x:3306', pending);
    loops.applier.check();
    await settle();
    loops.admin.memory.delete('30 x:3306');
    loops.applier.check();
    await loops.clock.advance(61_000);
    loops.admin.memory.set('30 x:3306', pending);
    loops.applier.submit(draining);
    await loops.clock.advance(30_000);
    assert.deepEqual(loops.admin.effects, []);
    loops.admin.memory.set('30 y:3306', row(30, 'y'));
    await loops.clock.advance(59_000);
    assert.deepEqual(loops.admin.effects, []);
    await loops.clock.advance(3000);
    assert.equal(loops.admin.effects[1], 'load');
  });

  it('counts in the tables that a LOAD publishes too', async () => {
    const loops = await startApplied(both);
    const galera: TableRow = { writer_hostgroup: '50', reader_hostgroup: '51' };
    loops.admin.siblings = [{ table: 'mysql_galera_hostgroups', where: 'memory', row: galera }];
    loops.applier.submit(reweighted(5, 2));
    await settle();
    assert.deepEqual(loops.admin.effects, []);
    assert.match(loops.standing.failure?.message ?? '', /mysql_galera_hostgroups added: .*"50"/);
  });

  it('that somebody loaded is counted', async () => {
    const loops = await startApplied(both);
    loops.admin.loads += 2;
    loops.applier.check();
    await settle();
    assert.equal(loops.metrics.foreignLoads, 2);
    loops.applier.submit(reweighted(5, 2));
    await settle();
    assert.equal(loops.metrics.foreignLoads, 2);
  });
});

describe('Applier, what goes on by itself', () => {
  it('takes the steps of a slow start on the grid, without calling them drift', async () => {
    const loops = await new Loops().startApplier();
    const slowStart = { durationSeconds: 60, initialPercent: 10, curve: 'LINEAR' } as const;
    const servingSinceMs = loops.clock.nowMs();
    const servers = [desired(20, 'a'), desired(20, 'b', { servingSinceMs })];
    loops.applier.submit(target(servers, [], { hostgroups: { policy: { ...plainPolicy, slowStart } } }));
    const weights: (number | undefined)[] = [];
    for (let step = 0; step < 8; step += 1) {
      await settle();
      weights.push(loops.admin.runtime.get('20 b:3306')?.weight);
      await loops.clock.advance(10_000);
    }
    assert.deepEqual(weights, [100, 250, 400, 550, 700, 850, 1000, 1000]);
    assert.equal(loops.metrics.counts.get('repaired orders'), undefined);
    assert.equal(loops.standing.isSettled, true);
  });

  it("waits for the proxy's monitor, says so, and serves when it has answered", async () => {
    const loops = await new Loops().startApplier();
    loops.admin.monitor = () => "Access denied for user 'monitor'";
    loops.applier.submit(target([desired(20, 'a', { owned: true })]));
    await loops.clock.advance(3000);
    assert.equal(loops.admin.runtime.get('20 a:3306')?.status, 'OFFLINE_SOFT');
    assert.equal(loops.standing.failure?.code, 'WARMING');
    assert.deepEqual(loops.standing.warming, [
      { hostname: 'a', port: 3306, detail: "Access denied for user 'monitor'" },
    ]);
    assert.equal(loops.applier.isCaughtUp(), false);
    await loops.clock.advance(20_000);
    assert.equal(loops.applier.isCaughtUp(), true, 'an unreachable replica must not keep the pod out for ever');
    loops.admin.monitor = () => null;
    await loops.clock.advance(1000);
    assert.equal(loops.admin.runtime.get('20 a:3306')?.status, 'ONLINE');
    assert.equal(loops.standing.isSettled, true);
    assert.deepEqual(loops.standing.warming, []);
  });

  it('does not count what the monitor noted before the server came, though a clock that was put back makes it look newer', async () => {
    const loops = await new Loops().startApplier();
    const { admin, clock } = loops;
    const checks = [checkOfA(clock.nowMs() + 5000)];
    admin.monitorLog = (_addresses, sinceMs) => logSince(checks, sinceMs);
    loops.applier.submit(target([desired(20, 'a', { owned: true })]));
    await clock.advance(20_000);
    assert.equal(admin.runtime.get('20 a:3306')?.status, 'OFFLINE_SOFT');
    checks.push(checkOfA(clock.nowMs()));
    await clock.advance(1000);
    assert.equal(admin.runtime.get('20 a:3306')?.status, 'ONLINE');
  });

  it('waits for the next check of a server that waited already when the agent began', async () => {
    const loops = new Loops();
    const { admin, clock } = loops;
    const mark = { kind: 'warming', sinceMs: clock.nowMs() - 60_000 } as const;
    admin.serve(served(20, 'a', { status: 'OFFLINE_SOFT', comment: withMark('chester orders replica', mark) }));
    const checks = [checkOfA(clock.nowMs() - 8000)];
    admin.monitorLog = (_addresses, sinceMs) => logSince(checks, sinceMs);
    await loops.startApplier();
    loops.applier.submit(target([desired(20, 'a', { owned: true })]));
    await clock.advance(5000);
    assert.equal(admin.runtime.get('20 a:3306')?.status, 'OFFLINE_SOFT');
    checks.push(checkOfA(clock.nowMs()));
    await clock.advance(1000);
    assert.equal(admin.runtime.get('20 a:3306')?.status, 'ONLINE');
  });

  it("asks the proxy's monitor again soon at first, then once a second", async () => {
    const loops = await new Loops().startApplier();
    loops.admin.monitor = () => 'not asked yet';
    loops.applier.submit(target([desired(20, 'a', { owned: true })]));
    const waits: (number | undefined)[] = [];
    for (let look = 0; look < 7; look += 1) {
      await settle();
      const waitMs = Math.min(...loops.clock.pendingMs);
      waits.push(waitMs);
      await loops.clock.advance(waitMs);
    }
    assert.deepEqual(waits, [50, 100, 200, 400, 800, 1000, 1000]);
  });

  it('puts a server back when its cordon expires, and calls that a repair', async () => {
    const loops = await startApplied(both);
    loops.admin.serve(served(20, 'a', { status: 'OFFLINE_SOFT' }));
    loops.applier.check();
    await settle();
    assert.deepEqual(loops.admin.runtime.get('20 a:3306')?.status, 'OFFLINE_SOFT');
    assert.equal(loops.standing.cordoned[0]?.expiresAtMs, loops.clock.nowMs() + 3_600_000);
    assert.equal(loops.standing.isSettled, true);
    await loops.clock.advance(3_599_000);
    assert.deepEqual(loops.admin.runtime.get('20 a:3306')?.status, 'OFFLINE_SOFT');
    assert.equal(loops.metrics.counts.get('repaired orders'), undefined);
    await loops.clock.advance(2000);
    assert.deepEqual(loops.admin.runtime.get('20 a:3306')?.status, 'ONLINE');
    assert.equal(loops.metrics.counts.get('repaired orders'), 1);
  });

  it('has the writer stand in while no reader is online, and leave half a minute after one is', async () => {
    const loops = await new Loops().startApplier();
    const policy = { ...plainPolicy, writerFallbackConnections: 50 };
    loops.applier.submit(target([desired(10, 'w'), desired(20, 'a')], [], { hostgroups: { policy } }));
    await settle();
    assert.equal(loops.admin.runtime.has('20 w:3306'), false);
    loops.admin.runtime.set('20 a:3306', served(20, 'a', { status: 'SHUNNED' }));
    loops.applier.check();
    await settle();
    assert.equal(loops.admin.runtime.get('20 w:3306')?.maxConnections, 50);
    assert.equal(loops.standing.isWriterFallback, true);
    assert.equal(loops.standing.isSettled, true);
    await loops.clock.advance(29_000);
    assert.equal(loops.admin.runtime.get('20 w:3306')?.status, 'ONLINE');
    await loops.clock.advance(2000);
    assert.equal(loops.admin.runtime.has('20 w:3306'), false);
    assert.equal(loops.standing.isWriterFallback, false);
  });
});

describe("Applier, ProxySQL's disk", () => {
  async function startSaving(): Promise<Loops> {
    const loops = await new Loops({ saveToDisk: true }).startApplier();
    loops.applier.submit(target(both));
    await settle();
    return loops;
  }
  const saves = (loops: Loops): number =>
    loops.admin.effects.filter((effect) => effect === 'save MYSQL SERVERS').length;

  it('is left alone unless it is asked for', async () => {
    const loops = await startApplied(both);
    await loops.clock.advance(120_000);
    assert.equal(saves(loops), 0);
  });

  it('is written once things have been quiet, and again when it did not take', async () => {
    const loops = await startSaving();
    await loops.clock.advance(29_000);
    loops.applier.submit(reweighted(5, 2));
    await loops.clock.advance(29_000);
    assert.equal(saves(loops), 0);
    loops.admin.unsaved = 3;
    await loops.clock.advance(1000);
    assert.equal(saves(loops), 1);
    loops.admin.unsaved = 0;
    await loops.clock.advance(120_000);
    assert.equal(saves(loops), 2);
  });

  it("is not written while somebody's edit is pending", async () => {
    const loops = await startSaving();
    loops.admin.memory.set('30 x:3306', row(30, 'x'));
    await loops.clock.advance(60_000);
    assert.equal(saves(loops), 0);
    assert.deepEqual(loops.clock.pendingMs, [], 'and not looked for without end');
    loops.admin.memory.delete('30 x:3306');
    loops.applier.check();
    await loops.clock.advance(1000);
    assert.equal(saves(loops), 1);
  });
});
