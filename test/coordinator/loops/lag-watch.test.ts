import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { keys } from '../../../coordinator/core/records.ts';
import { LagWatch, type LagWatchOptions } from '../../../coordinator/loops/lag-watch.ts';
import { TermKeeper } from '../../../coordinator/loops/term-keeper.ts';
import type { GateSample, ProbeTarget } from '../../../coordinator/ports.ts';
import { createLogger } from '../../../process/log.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { FakeMetrics } from '../../fakes/fake-metrics.ts';
import { FakeReplicaProbe } from '../../fakes/fake-replica-probe.ts';
import { FakeStore } from '../../fakes/fake-store.ts';
import { groupSpec, incident, replica } from '../builders.ts';
import { Harness } from './harness.ts';

const log = createLogger('test', 'silent');
const intervalMs = 10_000;
const options = { intervalMs, probesAtOnceMax: 4, probesPerSecondMax: 50 };

/** Replicas that answer when the test lets them, and how many were asked at the same time. */
class SlowProbe extends FakeReplicaProbe {
  hangs = false;
  asked = 0;
  busiest = 0;
  #running = 0;

  override async sampleGate(target: ProbeTarget): Promise<GateSample> {
    if (this.hangs) return new Promise<never>(() => undefined);
    this.asked += 1;
    this.#running += 1;
    this.busiest = Math.max(this.busiest, this.#running);
    await Promise.resolve();
    this.#running -= 1;
    return super.sampleGate(target);
  }
}

/** Groups of two serving replicas each: `r1` and `r2` belong to the first. */
async function world(groups: readonly string[] = ['orders'], limits: Partial<LagWatchOptions> = {}) {
  const [store, clock, probe] = [new FakeStore(), new FakeClock(), new SlowProbe()];
  let replicas = 0;
  for (const name of groups) {
    const records = [1, 2].map(() => replica.serving(`r${(replicas += 1)}`, { group: name }));
    const writes = [
      { key: keys.group(name), value: groupSpec({ name }), ifRevision: 0 },
      ...records.map((record) => ({ key: keys.replica(name, record.name), value: record, ifRevision: 0 })),
    ];
    await store.commit({ writes });
    for (const { address } of records) probe.put(address);
  }
  const term = new TermKeeper({ store, clock, log }, 'c');
  await term.start();
  const changes: string[] = [];
  const onChange = (group: string) => changes.push(group);
  const metrics = new FakeMetrics();
  const watch = new LagWatch({ store, clock, log, term, probe, metrics, onChange }, { ...options, ...limits });
  return { store, clock, probe, term, metrics, changes, watch };
}

const keepingUp = { lagging: 0, primaryIsCause: false };

describe('LagWatch', () => {
  it('knows nothing before it has asked, then follows what replicas say, and tells only what is new', async () => {
    const { watch, probe, clock, changes, term, metrics } = await world();
    assert.equal(watch.lagOf('orders'), null);
    await watch.start();
    await clock.advance(0);
    assert.deepEqual(watch.lagOf('orders'), keepingUp);
    await clock.advance(2 * intervalMs);
    assert.deepEqual(changes, ['orders']);
    probe.put('10.0.0.2', { lagSeconds: 60 });
    await clock.advance(intervalMs);
    assert.deepEqual(watch.lagOf('orders'), { lagging: 1, primaryIsCause: false });
    assert.deepEqual(watch.notesOf('orders'), [
      { replica: 'r2', reason: 'LAGGING', message: 'lags 60 s, allowed 10 s' },
    ]);
    assert.equal(metrics.lags.get('orders'), 60);
    probe.replicas.delete('10.0.0.2');
    await clock.advance(intervalMs);
    assert.equal(watch.lagOf('orders'), null, 'who does not answer is not known to keep up');
    assert.equal(metrics.lags.get('orders'), 0);
    assert.deepEqual(changes, ['orders', 'orders', 'orders']);
    await watch.stop();
    await term.stop();
    assert.equal(clock.pendingTimers, 0);
  });

  it('does not count for ever what a replica said before it fell silent', async () => {
    const { watch, probe, clock } = await world();
    await watch.start();
    await clock.advance(0);
    probe.hangs = true;
    await clock.advance(3 * intervalMs);
    assert.deepEqual(watch.lagOf('orders'), keepingUp);
    await clock.advance(1);
    assert.equal(watch.lagOf('orders'), null);
    assert.deepEqual(watch.notesOf('orders'), []);
  });

  it('asks no more replicas at once than it may', async () => {
    const { watch, probe, clock } = await world(['a', 'b', 'c', 'd', 'e'], { probesAtOnceMax: 2 });
    await watch.start();
    for (let turns = 0; turns < 20; turns += 1) await clock.advance(0);
    await watch.stop();
    assert.equal(probe.asked, 10);
    assert.equal(probe.busiest, 2);
  });

  it('asks each less often when there are many, and what it knows may then be older', async () => {
    const { watch, probe, clock } = await world(['a', 'b', 'c'], { probesPerSecondMax: 0.2 });
    await watch.start();
    await clock.advance(30_000);
    const before = probe.asked;
    await clock.advance(60_000);
    assert.equal(probe.asked - before, 12, 'six replicas, each twice in a minute');
    probe.hangs = true;
    await clock.advance(60_000);
    assert.deepEqual(watch.lagOf('a'), keepingUp, 'asked every 30 s, it counts for 90 s');
    await clock.advance(60_000);
    assert.equal(watch.lagOf('a'), null);
  });

  it('leaves out a replica that an operator keeps out, and one that does not serve', async () => {
    const { watch, store, probe } = await world();
    const order = { group: 'orders', server: 'r1', owner: 'ann', reason: 'slow disk', atMs: 0, untilMs: null };
    const gating = replica.gating('r3');
    await store.commit({
      writes: [
        { key: keys.cordon('orders', 'r1'), value: order, ifRevision: 0 },
        { key: keys.replica('orders', 'r3'), value: gating, ifRevision: 0 },
      ],
    });
    probe.put('10.0.0.1', { lagSeconds: null });
    await watch.look('orders');
    assert.equal(probe.asked, 1);
    assert.deepEqual(watch.lagOf('orders'), keepingUp);
  });

  it('forgets when another coordinator decides, and a group that was deleted', async () => {
    const { watch, store, term, metrics } = await world();
    await watch.look('orders');
    const group = await store.get(keys.group('orders'));
    await store.commit({ writes: [{ key: keys.group('orders'), value: null, ifRevision: null }] });
    assert.equal(await watch.look('orders'), null);
    assert.equal(watch.lagOf('orders'), null);
    assert.equal(metrics.lags.get('orders'), null);
    await store.commit({ writes: [{ key: keys.group('orders'), value: group?.value, ifRevision: 0 }] });
    await watch.look('orders');
    await term.stop();
    assert.equal(await watch.look('orders'), intervalMs);
    assert.equal(watch.lagOf('orders'), null);
  });
});

describe('Scaler and lag', () => {
  it('takes nothing away while a replica lags or is silent, and never takes a reader out for its lag', async () => {
    const policy = { replicasMax: 2, scaleInCooldownSeconds: 0, scaleInStabilisationSeconds: 0 };
    const harness = await Harness.start(groupSpec({ policy }), 1);
    const { store, clock, probe } = harness;
    const watched = { store, clock, log, probe, metrics: new FakeMetrics(), onChange: () => undefined };
    let watch: LagWatch | null = null;
    harness.lagOf = (group) => watch?.lagOf(group) ?? null;
    await harness.restart();
    watch = new LagWatch({ ...watched, term: harness.term }, options);
    await harness.until('creating');
    await harness.step();
    harness.cloudSql.finishOperations();
    await harness.until('gating');
    harness.answer();
    await harness.until('serving');
    const closing = incident({ action: 'scale-in', openedAtMs: clock.nowMs(), lastSeenAtMs: clock.nowMs() });
    await store.commit({ writes: [{ key: keys.incident('orders', closing.id), value: closing, ifRevision: 0 }] });
    const [address = ''] = (await harness.records()).map((record) => ('address' in record ? record.address : '') ?? '');
    for (const { lagSeconds, reason } of [
      { lagSeconds: 3600, reason: 'LAGGING' },
      { lagSeconds: null, reason: 'LAGGING' },
      { lagSeconds: undefined, reason: 'LAG_UNKNOWN' },
    ]) {
      if (lagSeconds === undefined) probe.replicas.delete(address);
      else probe.put(address, { lagSeconds });
      await watch.look('orders');
      for (let steps = 0; steps < 5; steps += 1) await harness.step();
      assert.deepEqual(await harness.states(), ['serving']);
      assert.equal((await store.get(keys.decision('orders')))?.value.reason, reason);
      const servers = (await store.get(keys.snapshot('orders')))?.value.servers ?? [];
      assert(servers.some(({ hostname, hostgroup }) => hostname === address && hostgroup === 10));
    }
    probe.put(address, { lagSeconds: 0 });
    await watch.look('orders');
    await harness.until('draining');
  });
});
