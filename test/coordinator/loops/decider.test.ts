import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { GroupSpec } from '../../../coordinator/core/group-spec.ts';
import { type Key, keys } from '../../../coordinator/core/records.ts';
import type { Replica } from '../../../coordinator/core/replica.ts';
import { noOrders } from '../../../coordinator/core/scaling-orders.ts';
import { Decider, type DeciderDeps } from '../../../coordinator/loops/decider.ts';
import { TermKeeper } from '../../../coordinator/loops/term-keeper.ts';
import { createLogger } from '../../../process/log.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { FakeMetrics } from '../../fakes/fake-metrics.ts';
import { FakeStore } from '../../fakes/fake-store.ts';
import { endLease } from '../../fakes/end-lease.ts';
import { addressOfName, groupSpec, incident, published, replica, scalingRecord } from '../builders.ts';

const order = { owner: 'ann', reason: 'sale', sinceMs: 0 };
const slow = { policy: { scaleOutCooldownSeconds: 0 } };

/** One group in a store, looked at by hand. */
class Scene {
  readonly store = new FakeStore();
  readonly clock = new FakeClock();
  readonly metrics = new FakeMetrics();
  decider!: Decider;
  term!: TermKeeper;
  readonly #spec: GroupSpec;

  private constructor(spec: GroupSpec) {
    this.#spec = spec;
  }

  static async open(spec: GroupSpec, desired: number, deps: Partial<DeciderDeps> = {}): Promise<Scene> {
    const scene = new Scene(spec);
    await scene.put(keys.scaling('orders'), scalingRecord({ desired }));
    await scene.restart(deps);
    return scene;
  }

  /** A new process on the same store. */
  async restart(deps: Partial<DeciderDeps> = {}): Promise<void> {
    const { store, clock, metrics } = this;
    const shared = { store, clock, metrics, log: createLogger('test', 'silent') };
    await endLease(store);
    const term = new TermKeeper(shared, 'c');
    await term.start();
    this.term = term;
    this.decider = new Decider({ ...shared, term, ...deps });
  }

  async put<T>(key: Key<T>, value: T | null): Promise<void> {
    await this.store.commit({ writes: [{ key, value, ifRevision: null }] });
  }

  async decide(...replicas: readonly Replica[]) {
    const scaling = (await this.store.get(keys.scaling('orders')))!;
    const stored = replicas.map((value) => ({ key: keys.replica('orders', value.name), value, revision: 1 }));
    const { fencingToken } = this.term;
    return this.decider.decide({ spec: this.#spec, scaling, replicas: stored, fencingToken });
  }

  async desired(): Promise<number | undefined> {
    return (await this.store.get(keys.scaling('orders')))?.value.desired;
  }

  async events(): Promise<string[]> {
    const events = await this.store.readEvents({ afterSequence: 0, limit: 100 });
    return events.map(({ subject, reason, message }) => `${subject} ${reason} ${message}`);
  }

  async reasons(): Promise<(string | undefined)[]> {
    return (await this.events()).map((event) => event.split(' ').at(1));
  }
}

describe('Decider', () => {
  it('tells every change of count or reason once, also a no, with its inputs', async () => {
    const scene = await Scene.open(groupSpec(), 1);
    const { nowMs } = { nowMs: scene.clock.nowMs() };
    const open = incident({ id: 'i', openedAtMs: nowMs, lastSeenAtMs: nowMs });
    await scene.decide(replica.serving('r1', { sinceMs: 0 }));
    await scene.put(keys.incident('orders', 'i'), open);
    await scene.decide(replica.serving('r1', { sinceMs: 0 }));
    for (let looks = 0; looks < 3; looks += 1) await scene.decide(replica.serving('r1', { sinceMs: 0 }));
    const rest = 'steps +1 −1; cool-downs 300 s out, 300 s in)';
    assert.deepEqual(await scene.events(), [
      ` STEADY 1 → 1 (min 0, max 3; incidents 0 out, 0 in, 0 expired; replicas 1 serving, 0 coming, 0 leaving; ${rest}`,
      `i SCALE_OUT 1 → 2 (min 0, max 3; incidents 1 out, 0 in, 0 expired; replicas 1 serving, 0 coming, 0 leaving; ${rest}`,
      `i OPERATION_IN_PROGRESS 2 → 2 (min 0, max 3; incidents 1 out, 0 in, 0 expired; replicas 1 serving, 0 coming, 0 leaving; ${rest}`,
    ]);
    assert.equal(scene.metrics.decisions.length, 5, 'every evaluation is counted');
  });

  it('keeps the inputs of the last answer up to date, without an event', async () => {
    const scene = await Scene.open(groupSpec(), 1);
    await scene.decide(replica.serving('r1'));
    await scene.decide(replica.serving('r1'), replica.draining('r2'));
    const decision = await scene.store.get(keys.decision('orders'));
    assert.deepEqual(decision?.value.inputs.replicas, { serving: 1, coming: 0, leaving: 1 });
    assert.equal((await scene.events()).length, 1);
    await scene.decide(replica.serving('r1'), replica.draining('r2'));
    assert.equal((await scene.store.get(keys.decision('orders')))?.revision, decision.revision, 'written once');
  });

  it('obeys a pause and a held count, also after a restart, until their time is over', async () => {
    const scene = await Scene.open(groupSpec(slow), 1);
    const nowMs = scene.clock.nowMs();
    await scene.put(keys.incident('orders', 'i'), incident({ id: 'i', openedAtMs: nowMs, lastSeenAtMs: nowMs }));
    await scene.put(keys.pauses('orders'), { ...noOrders.pauses, out: { ...order, untilMs: nowMs + 5000 } });
    const old = replica.serving('r1', { sinceMs: 0 });
    assert.equal((await scene.decide(old))?.untilMs, nowMs + 5000);
    await scene.restart();
    await scene.decide(old);
    assert.equal(await scene.desired(), 1);
    await scene.put(keys.override('orders'), { ...order, replicas: 3, untilMs: nowMs + 1000 });
    await scene.decide(old);
    assert.equal(await scene.desired(), 3, 'a person may order while the autoscaler is paused');
    await scene.restart();
    await scene.clock.advance(1000);
    await scene.decide(old);
    assert.equal(await scene.desired(), 3, 'the count stays when its hold is over');
    await scene.clock.advance(4000);
    await scene.decide(old, replica.serving('r2', { sinceMs: 0 }), replica.serving('r3', { sinceMs: 0 }));
    assert.deepEqual(await scene.reasons(), ['PAUSED', 'OVERRIDE', 'AT_MAX']);
    assert.match((await scene.events())[0] ?? '', /; out paused by ann until 2\d{3}-/);
    assert.match((await scene.events())[1] ?? '', /; held at 3 by ann until 2\d{3}-.*; out paused by ann/);
  });

  it('changes nothing in a dry run, and tells what it would do', async () => {
    const scene = await Scene.open(groupSpec({ policy: { dryRun: true, replicasMin: 2 } }), 0);
    await scene.decide();
    assert.equal(await scene.desired(), 0);
    assert.match((await scene.events())[0] ?? '', /^ DRY_RUN 0 → 0, would be 2 by RAISED_TO_MIN \(min 2, max 3;/);
  });

  it('takes nothing away while the last picture was not whole', async () => {
    const scene = await Scene.open(groupSpec(), 1);
    const nowMs = scene.clock.nowMs();
    const asksForLess = incident({ id: 'i', action: 'scale-in', openedAtMs: nowMs, lastSeenAtMs: nowMs });
    await scene.put(keys.incident('orders', 'i'), asksForLess);
    scene.decider.notePicture('orders', false);
    await scene.decide(replica.serving('r1', { sinceMs: 0 }));
    assert.equal(await scene.desired(), 1);
    scene.decider.notePicture('orders', true);
    await scene.decide(replica.serving('r1', { sinceMs: 0 }));
    assert.equal(await scene.desired(), 0);
    assert.deepEqual(await scene.reasons(), ['PARTIAL_VIEW', 'SCALE_IN']);
  });

  it('brakes as the lag that is measured says, and not where nobody measures', async () => {
    const asksForLess = (nowMs: number) =>
      incident({ id: 'i', action: 'scale-in', openedAtMs: nowMs, lastSeenAtMs: nowMs });
    for (const [lagOf, expected] of [
      [undefined, 'SCALE_IN'],
      [() => null, 'LAG_UNKNOWN'],
      [() => ({ lagging: 1, primaryIsCause: false }), 'LAGGING'],
      [() => ({ lagging: 0, primaryIsCause: false }), 'SCALE_IN'],
    ] as const) {
      const scene = await Scene.open(groupSpec(), 1, lagOf === undefined ? {} : { lagOf });
      await scene.put(keys.incident('orders', 'i'), asksForLess(scene.clock.nowMs()));
      await scene.decide(replica.serving('r1', { sinceMs: 0 }));
      assert.deepEqual(await scene.reasons(), [expected]);
    }
  });

  it('waits until proxies serve the newest replica, however short the cool-down, but not for ever', async () => {
    const cold = new Set<string>([addressOfName('r1')]);
    const scene = await Scene.open(groupSpec(slow), 1, { warmth: { warming: () => [...cold] } });
    const nowMs = scene.clock.nowMs();
    await scene.put(keys.incident('orders', 'i'), incident({ id: 'i', openedAtMs: nowMs, lastSeenAtMs: nowMs }));
    const fresh = replica.serving('r1', { sinceMs: nowMs });
    await scene.decide(fresh);
    assert.deepEqual(await scene.reasons(), ['WARMING'], 'no snapshot names it yet');
    cold.clear();
    await scene.decide(fresh);
    assert.equal(await scene.desired(), 1, 'still not');
    cold.add(addressOfName('r1'));
    const reader = { hostname: addressOfName('r1'), port: 3306, hostgroup: 10, status: 'ONLINE', weight: 1 } as const;
    const rest = { maxConnections: 1, maxReplicationLagSeconds: 0, useSsl: false, comment: '', caId: '' };
    const server = { ...reader, ...rest, instance: 'r1', owned: true, servingSinceMs: nowMs };
    await scene.put(keys.snapshot('orders'), published({ servers: [server] }));
    await scene.decide(fresh);
    assert.equal(await scene.desired(), 1, 'the proxies have it and warm up');
    cold.clear();
    await scene.decide(fresh);
    assert.equal(await scene.desired(), 2);
    cold.add(addressOfName('r2'));
    const second = replica.serving('r2', { sinceMs: nowMs });
    await scene.put(
      keys.snapshot('orders'),
      published({ servers: [server, { ...server, hostname: addressOfName('r2') }] }),
    );
    const held = await scene.decide(fresh, second);
    assert.equal(held?.untilMs, nowMs + 300_000);
    await scene.clock.advance(300_000);
    await scene.decide(fresh, second);
    assert.equal(await scene.desired(), 3);
  });

  it('decides again when somebody changed the count meanwhile', async () => {
    const spec = groupSpec({ policy: { replicasMin: 2 } });
    const scene = await Scene.open(spec, 0);
    const { fencingToken } = scene.term;
    const scaling = (await scene.store.get(keys.scaling('orders')))!;
    await scene.put(keys.scaling('orders'), scalingRecord({ desired: 3 }));
    assert.equal(await scene.decider.decide({ spec, scaling, replicas: [], fencingToken }), null);
    assert.equal(await scene.desired(), 3);
    assert.deepEqual(await scene.events(), []);
  });
});
