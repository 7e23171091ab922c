import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import type { TableRow } from '../../../agent/core/table.ts';
import { type SideDemand, SideModules, type SideOutcome } from '../../../agent/loops/side-modules.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { FakeModules } from '../fakes/fake-modules.ts';
import { FakeLog, FakeMetrics } from '../fakes/fake-ports.ts';

const settled: SideOutcome = { isSettled: true, failure: null, hasChanged: false };

function fleet(variables: TableRow): SideDemand {
  const body = { kind: 'fleet', variables } as const;
  return { proxyBoot: 'boot-1', targets: [], fleet: { group: 'fleet:shop', revision: 1, hash: 'f', epoch: 1, body } };
}

describe('SideModules, variables of the fleet', () => {
  let modules: FakeModules;
  let clock: FakeClock;
  let log: FakeLog;
  let metrics: FakeMetrics;
  let side: SideModules;
  beforeEach(() => {
    modules = new FakeModules();
    clock = new FakeClock();
    log = new FakeLog();
    metrics = new FakeMetrics();
    side = new SideModules({ modules, clock, log, metrics });
  });
  const converge = async (demand: SideDemand): Promise<SideOutcome | undefined> =>
    (await side.converge(demand)).get('fleet:shop');
  const failure = async (demand: SideDemand): Promise<readonly [code: string, isPermanent: boolean] | null> => {
    const outcome = await converge(demand);
    return outcome?.failure == null ? null : [outcome.failure.code, outcome.failure.isPermanent];
  };

  it('are written, loaded and read back', async () => {
    assert.deepEqual(await converge(fleet({ 'mysql-max_connections': '4096' })), { ...settled, hasChanged: true });
    assert.deepEqual(modules.takeEffects(), ['write mysql-max_connections', 'load MYSQL VARIABLES']);
    await clock.advance(30_000);
    assert.deepEqual(await converge(fleet({ 'mysql-max_connections': '4096' })), settled);
    assert.deepEqual(modules.calls, ['readLoads', 'checksum MYSQL VARIABLES']);
  });

  it('are asked for by each look for drift, and not by each of many changes', async () => {
    await converge(fleet({ 'mysql-max_connections': '4096' }));
    modules.takeEffects();
    for (let second = 1; second < 10; second += 1) {
      await clock.advance(1000);
      assert.deepEqual(await converge(fleet({ 'mysql-max_connections': '4096' })), settled);
    }
    assert.deepEqual(modules.calls, []);
    await clock.advance(1000);
    await converge(fleet({ 'mysql-max_connections': '4096' }));
    assert.deepEqual(modules.calls, ['readLoads', 'checksum MYSQL VARIABLES']);
  });

  it('are refused where ProxySQL keeps another value, and all of the update is taken back', async () => {
    const outcome = await converge(fleet({ 'mysql-max_connections': '4096', 'mysql-threads': '8' }));
    assert.deepEqual(outcome?.failure, {
      code: 'VARIABLE_NOT_TAKEN',
      message: 'global_variables: ProxySQL does not take mysql-threads wanted "8", kept "4"',
      isPermanent: true,
    });
    assert.equal(modules.variables.get('mysql-max_connections'), '2048');
    assert.equal(modules.runtimeVariables.get('mysql-max_connections'), '2048');
    modules.takeEffects();
    await clock.advance(30_000);
    await converge(fleet({ 'mysql-max_connections': '4096', 'mysql-threads': '8' }));
    assert.deepEqual(modules.takeEffects(), []);
  });

  it('are refused by name when this ProxySQL has none of that name', async () => {
    const outcome = await converge(fleet({ 'mysql-max_connections': '4096', 'mysql-nosuch': '1' }));
    assert.deepEqual(outcome?.failure, {
      code: 'UNKNOWN_VARIABLE',
      message: 'global_variables: this ProxySQL has no mysql-nosuch',
      isPermanent: true,
    });
    assert.deepEqual(modules.takeEffects(), []);
  });

  it('are never admin variables', async () => {
    assert.deepEqual(await failure(fleet({ 'admin-version': '1' })), ['INVALID_SNAPSHOT', true]);
    assert.deepEqual(modules.calls, []);
  });

  it("wait for somebody's pending edit of another variable", async () => {
    modules.variables.set('mysql-threads', '9');
    const outcome = await converge(fleet({ 'mysql-max_connections': '4096' }));
    assert.match(outcome?.failure?.message ?? '', /global_variables changed: mysql-threads/);
    assert.equal(outcome?.failure?.isPermanent, false);
    assert.deepEqual(modules.takeEffects(), []);
  });

  it('are put back when somebody changes them', async () => {
    await converge(fleet({ 'mysql-max_connections': '4096' }));
    modules.variables.set('mysql-max_connections', '1');
    modules.load('MYSQL VARIABLES');
    await clock.advance(30_000);
    modules.takeEffects();
    assert.deepEqual(await converge(fleet({ 'mysql-max_connections': '4096' })), { ...settled, hasChanged: true });
    assert.deepEqual(modules.takeEffects(), ['write mysql-max_connections', 'load MYSQL VARIABLES']);
    assert.equal(metrics.counts.get('repaired fleet:shop'), 1);
  });

  it('tell no secret', async () => {
    modules.fixed.add('mysql-monitor_password');
    const outcome = await converge(fleet({ 'mysql-monitor_password': 'hush' }));
    assert.match(outcome?.failure?.message ?? '', /mysql-monitor_password is not as wanted/);
    assert.doesNotMatch(JSON.stringify([log.lines, outcome]), /hush|"monitor"/);
  });
});
