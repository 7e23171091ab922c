import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DriftChecker } from '../../../agent/loops/drift-checker.ts';
import { Keeper } from '../../../agent/loops/keeper.ts';
import { Reporter } from '../../../agent/loops/reporter.ts';
import type { GroupReport, ServerReport, Welcome } from '../../../agent/core/messages.ts';
import type { KeptGroup } from '../../../agent/core/last-known-good.ts';
import type { GroupStanding } from '../../../agent/core/session.ts';
import type { GroupTarget } from '../../../agent/core/snapshot.ts';
import { FakeAdmin, row } from '../fakes/fake-admin.ts';
import { FakeClock, settle } from '../fakes/fake-clock.ts';
import { FakeLog, FakeMetrics, FakeSnapshotStore, lostConnection } from '../fakes/fake-ports.ts';
import { desired, target } from '../fakes/targets.ts';

describe('DriftChecker', () => {
  it('has the proxy looked at every interval until it is stopped', async () => {
    const clock = new FakeClock();
    let checks = 0;
    const drift = new DriftChecker({ applier: { check: () => (checks += 1) }, clock }, 30_000);
    drift.start();
    await clock.advance(90_000);
    assert.equal(checks, 3);
    drift.stop();
    await clock.advance(90_000);
    assert.equal(checks, 3);
  });
});

/** Called current when the fake clock begins. */
function proven(one: GroupTarget): KeptGroup {
  return { target: one, proxyBoot: 'boot-1', confirmedAtMs: new FakeClock().nowMs() };
}

describe('Keeper', () => {
  function keeper(store = new FakeSnapshotStore(), clock = new FakeClock()) {
    const log = new FakeLog();
    return { store, clock, log, keeper: new Keeper({ store, clock, log, metrics: new FakeMetrics() }) };
  }

  it('gives back after a restart what it kept', async () => {
    const first = keeper();
    await first.keeper.start();
    await first.keeper.raiseEpoch(7);
    await first.keeper.keep(proven(target([desired(20, 'a')])));
    const second = keeper(first.store);
    await second.keeper.start();
    assert.equal(second.keeper.maxEpoch, 7);
    const [kept] = second.keeper.usableTargets(1000);
    assert.deepEqual(kept?.target, target([desired(20, 'a')]));
    assert.equal(kept.proxyBoot, 'boot-1');
  });

  it('leaves owned servers out when it is too old, and says since when', async () => {
    const first = keeper();
    await first.keeper.start();
    await first.keeper.keep(proven(target([desired(20, 'a', { owned: true })])));
    const second = keeper(first.store);
    await second.clock.advance(2000);
    await second.keeper.start();
    assert.deepEqual(second.keeper.usableTargets(1000)[0]?.target.body, target([]).body);
    assert.equal(second.log.lines.at(-1)?.level, 'warn');
  });

  it('notes every ten minutes that a coordinator calls it current, also when the wall clock was put back', async () => {
    const one = keeper();
    await one.keeper.start();
    await one.keeper.keep(proven(target([])));
    const confirmAfter = async (ms: number): Promise<number | undefined> => {
      await one.clock.advance(ms);
      one.keeper.confirm(['orders']);
      await settle();
      return one.store.state?.groups[0]?.confirmedAtMs;
    };
    const startMs = one.clock.nowMs();
    assert.equal(await confirmAfter(1000), startMs + 1000);
    assert.equal(await confirmAfter(1000), startMs + 1000);
    one.clock.putBack(500_000);
    assert.equal(await confirmAfter(600_000), startMs + 102_000);
  });

  it('says what is wrong with a file that it cannot trust, and starts empty', async () => {
    const one = keeper();
    one.store.problem = 'torn';
    await one.keeper.start();
    assert.deepEqual(one.keeper.usableTargets(1000), []);
    assert.equal(one.log.lines[0]?.level, 'error');
  });

  it('writes what still waits when it is stopped', async () => {
    const one = keeper();
    await one.keeper.start();
    one.keeper.keepSoon(proven(target([], [], { revision: 4 })));
    await one.keeper.stop();
    assert.equal(one.store.state?.groups[0]?.target.revision, 4);
    await one.clock.advance(1000);
    assert.equal(one.store.writes, 1);
  });

  it('lets saves that wait share one write, which holds all of them', async () => {
    const one = keeper();
    await one.keeper.start();
    const letThrough = one.store.hold();
    const saves = [1, 2, 3].map((revision) => one.keeper.keep(proven(target([], [], { revision }))));
    await settle();
    letThrough();
    await Promise.all(saves);
    assert.equal(one.store.state?.groups[0]?.target.revision, 3);
    assert.ok(one.store.writes <= 2, `${one.store.writes} writes`);
  });
});

const plainStanding: GroupStanding = {
  group: 'orders',
  revision: 2,
  removing: [],
  absent: [],
  unmanaged: [],
  warming: [],
  cordoned: [],
  isWriterFallback: false,
  isSettled: true,
  runtimeHash: '',
  failure: null,
};

describe('Reporter', () => {
  const first: Welcome = { coordinatorId: 'c', epoch: 1, reportIntervalMs: 2000, applyDeadlineMs: 5000 };

  function reporter() {
    const admin = new FakeAdmin().serve(row(20, 'a'), row(20, 'b'), row(30, 'x'));
    const clock = new FakeClock();
    const metrics = new FakeMetrics();
    const reports: (readonly ServerReport[])[] = [];
    const clients: number[] = [];
    const groups: string[] = [];
    const subscriber = {
      welcome: first as Welcome | null,
      report: (servers: readonly ServerReport[], told: readonly GroupReport[], clientsNow: number | null = null) => {
        reports.push(servers);
        groups.push(...told.map(({ group }) => group));
        if (clientsNow !== null) clients.push(clientsNow);
      },
    };
    const checks: number[] = [];
    const standing: GroupStanding[] = [];
    const applier = {
      hostgroups: () => new Set([10, 20]),
      check: () => void checks.push(clock.nowMs()),
      standings: () => standing,
    };
    return {
      checks,
      admin,
      clock,
      metrics,
      reports,
      clients,
      groups,
      standing,
      subscriber,
      one: new Reporter({ admin, applier, subscriber, metrics, clock }),
    };
  }

  it('reports all servers at first, then what changed, at the interval of the Welcome', async () => {
    const { admin, clock, reports, one } = reporter();
    one.start();
    await clock.advance(1999);
    assert.equal(reports.length, 0);
    await clock.advance(1);
    assert.deepEqual(
      reports[0]?.map(({ hostname }) => hostname),
      ['a', 'b'],
    );
    await clock.advance(2000);
    assert.equal(reports.length, 1);
    admin.used.set('20 b:3306', 3);
    await clock.advance(2000);
    assert.deepEqual(
      reports[1]?.map(({ hostname, connUsed }) => [hostname, connUsed]),
      [['b', 3]],
    );
  });

  it('says again what leaves or is gone, each time, and nothing of a group that just serves', async () => {
    const { clock, groups, standing, one } = reporter();
    const absent = [{ hostname: 'a', port: 3306, revision: 2 }];
    standing.push({ ...plainStanding, group: 'plain' }, { ...plainStanding, group: 'gone', absent });
    one.start();
    await clock.advance(6000);
    assert.deepEqual(groups, ['gone', 'gone', 'gone']);
  });

  it('tells a new stream everything again', async () => {
    const { clock, reports, subscriber, one } = reporter();
    one.start();
    await clock.advance(2000);
    subscriber.welcome = { ...first };
    await clock.advance(2000);
    assert.equal(reports[1]?.length, 2);
  });

  it('reads no load while nobody listens, but goes on watching the statuses', async () => {
    const { admin, checks, clock, subscriber, one } = reporter();
    subscriber.welcome = null;
    const calls = new Set<string>();
    admin.onCall = (name) => void calls.add(name);
    one.start();
    await clock.advance(10_000);
    assert.deepEqual([...calls], ['readStatuses']);
    assert.deepEqual(checks, []);
    admin.runtime.set('20 a:3306', row(20, 'a', { status: 'SHUNNED' }));
    await clock.advance(2000);
    assert.equal(checks.length, 1);
  });

  it('tells at once that a status changed, and has the proxy looked at', async () => {
    const { admin, checks, clock, reports, subscriber, one } = reporter();
    subscriber.welcome = { ...first, reportIntervalMs: 60_000 };
    one.start();
    await clock.advance(4000);
    admin.runtime.set('20 a:3306', row(20, 'a', { status: 'SHUNNED' }));
    await clock.advance(2000);
    assert.equal(reports.length, 1);
    assert.equal(checks.length, 1);
    admin.serve(row(20, 'new'));
    await clock.advance(2000);
    assert.equal(checks.length, 1, 'a new server is no change of status');
  });

  it('has the proxy looked at when servers are gone from it, as after a STOP and START that no connection notices', async () => {
    const { admin, checks, clock, one } = reporter();
    one.start();
    await clock.advance(4000);
    admin.runtime.clear();
    await clock.advance(2000);
    assert.equal(checks.length, 1);
    await clock.advance(10_000);
    assert.equal(checks.length, 1);
  });

  it('reports the lag that the monitor measured, and now and then the clients', async () => {
    const { admin, clock, reports, clients, one } = reporter();
    admin.lag.set('a:3306', 1500);
    admin.clients = 4;
    one.start();
    await clock.advance(2000);
    assert.deepEqual(
      reports[0]?.map(({ hostname, lagMs }) => [hostname, lagMs]),
      [
        ['a', 1500],
        ['b', null],
      ],
    );
    await clock.advance(30_000);
    assert.deepEqual(clients, [4, 4]);
  });

  it('looks again soon after it stood still for an hour in the middle of a look', async () => {
    const { admin, clock, reports, one } = reporter();
    const readStatuses = admin.readStatuses.bind(admin);
    admin.readStatuses = async () => {
      admin.readStatuses = readStatuses;
      clock.jump(3_600_000);
      return readStatuses();
    };
    one.start();
    await clock.advance(2000);
    admin.used.set('20 b:3306', 3);
    await clock.advance(32_000);
    assert.equal(reports.length, 2);
  });

  it('goes on after a proxy that did not answer', async () => {
    const { admin, clock, metrics, reports, one } = reporter();
    admin.nextErrors.set('readConnectionPool', lostConnection());
    one.start();
    await clock.advance(4000);
    assert.equal(metrics.counts.get('failed ADMIN_CONNECTION_LOST'), 1);
    assert.equal(reports.length, 1);
    await one.stop();
    await clock.advance(10_000);
    assert.equal(reports.length, 1);
  });
});
