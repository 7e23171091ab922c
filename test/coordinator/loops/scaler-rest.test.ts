import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CloudInstance, CloudListing } from '../../../coordinator/core/cloud.ts';
import type { LagNote } from '../../../coordinator/core/lag.ts';
import { type Key, keys, type Prefix } from '../../../coordinator/core/records.ts';
import { isSameJson } from '../../../coordinator/core/same-json.ts';
import type { Lag } from '../../../coordinator/core/scaling-view.ts';
import { CoordinatorError } from '../../../coordinator/errors.ts';
import { ActionRunner } from '../../../coordinator/loops/action-runner.ts';
import { CloudView } from '../../../coordinator/loops/cloud-view.ts';
import { HoldBoard } from '../../../coordinator/loops/hold-board.ts';
import { Scaler } from '../../../coordinator/loops/scaler.ts';
import { TermKeeper } from '../../../coordinator/loops/term-keeper.ts';
import type { Stored } from '../../../coordinator/ports.ts';
import { createLogger } from '../../../process/log.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { FakeCloudSql } from '../../fakes/fake-cloudsql.ts';
import { FakeMetrics } from '../../fakes/fake-metrics.ts';
import { FakeReplicaProbe } from '../../fakes/fake-replica-probe.ts';
import { FakeStore } from '../../fakes/fake-store.ts';
import { fc } from '../../properties.ts';
import {
  groupSpec,
  incident,
  install,
  published,
  replica,
  replicaInstance,
  scalingRecord,
  startMs,
} from '../builders.ts';

/** Lists the very same instances again while nothing of them has changed, as the real adapter does. */
class SteadyCloudSql extends FakeCloudSql {
  #last: readonly CloudInstance[] = [];

  override async listInstances(project: string): Promise<CloudListing> {
    const listing = await super.listInstances(project);
    if (!isSameJson(listing.instances, this.#last)) this.#last = structuredClone(listing.instances);
    return { ...listing, instances: this.#last };
  }
}

/** Counts looks: each of them reads the group's count. */
class CountingStore extends FakeStore {
  readonly tellsAtOnce?: true;
  looks = 0;

  constructor(tells: boolean) {
    super();
    if (tells) this.tellsAtOnce = true;
  }

  override get<T>(key: Key<T>): Promise<Stored<T> | null> {
    if (key === keys.override('orders')) this.looks += 1;
    return super.get(key);
  }
}

const names = ['orders-ro-1', 'orders-ro-2'];
const hourMs = 3_600_000;

/** A group at rest with its scaler, whose store tells of changes at once or not. */
class World {
  readonly clock = new FakeClock(startMs + hourMs);
  readonly cloudSql = new SteadyCloudSql('shop-prod-1');
  readonly metrics = new FakeMetrics();
  readonly board = new HoldBoard();
  readonly store: CountingStore;
  lag: Lag | null = { lagging: 0, primaryIsCause: false };
  notes: readonly LagNote[] = [];
  scaler!: Scaler;
  term!: TermKeeper;

  constructor(tells: boolean) {
    this.store = new CountingStore(tells);
  }

  static async start(tells: boolean): Promise<World> {
    const world = new World(tells);
    const { store, clock, cloudSql, metrics, board } = world;
    cloudSql.addInstance('orders-primary', { address: '10.0.1.1' });
    for (const name of names) cloudSql.addInstance(name, replicaInstance(name));
    const served = names.map((name) => replica.serving(name, { sinceMs: startMs }));
    await world.put(keys.group('orders'), groupSpec({ policy: { replicasMin: 1, replicasMax: 4 } }));
    await world.put(keys.scaling('orders'), scalingRecord({ desired: names.length }));
    for (const record of served) await world.put(keys.replica('orders', record.name), record);
    const log = createLogger('test', 'silent');
    const term = new TermKeeper({ store, clock, log }, 'c');
    await term.start();
    world.term = term;
    const shared = { store, clock, log, metrics, term };
    const cloud = new CloudView({ cloudSql, clock }, 500);
    const isRefusal = (error: unknown) => error instanceof CoordinatorError && !error.isRetryable;
    const probe = new FakeReplicaProbe();
    const runner = new ActionRunner({ ...shared, cloudSql, cloud, probe, board, isRefusal, random: () => 0 });
    // Each look draws one, whether it is needed or not.
    const nextName = () => `orders-ro-${clock.nowMs()}`;
    const lag = { lagOf: () => world.lag, lagNotes: () => world.notes };
    const intervals = { pollIntervalMs: 1000, idleIntervalMs: 5000, sampleIntervalMs: 500, mergeMs: 10 };
    world.scaler = new Scaler({ ...shared, ...lag, cloud, runner, nextName }, { install, ...intervals });
    await world.scaler.start();
    return world;
  }

  async put<T>(key: Key<T>, value: T | null): Promise<void> {
    await this.store.commit({ writes: [{ key, value, ifRevision: null }] });
  }

  change(name: string, change: Partial<CloudInstance>): void {
    const instance = this.cloudSql.instances.get(name);
    if (instance !== undefined) this.cloudSql.instances.set(name, { ...instance, ...change });
  }

  /** All that anybody could see of it. */
  async seen(): Promise<unknown> {
    const { store, metrics, board, cloudSql } = this;
    return structuredClone({
      entries: await store.list('' as Prefix<unknown>),
      events: await store.readEvents({ afterSequence: 0, limit: 100_000 }),
      metrics: { decisions: metrics.decisions, waits: metrics.waits, groups: metrics.groups },
      holds: board.of('orders'),
      effects: cloudSql.effects,
    });
  }
}

type Change = (world: World) => Promise<void> | void;
const until = (world: World, ms: number) => world.clock.nowMs() + ms;
const order = { owner: 'ada', reason: 'test', sinceMs: startMs };
const cordonKey = (at: number) => keys.cordon('orders', names[at] ?? '');
const cordon = (world: World, server: string, ms: number) => {
  const { owner, reason, sinceMs } = order;
  return { group: 'orders', server, owner, reason, atMs: sinceMs, untilMs: until(world, ms) };
};

const changes: fc.Arbitrary<Change> = fc.oneof(
  fc.constantFrom<Change>(
    (world) => world.put(keys.group('orders'), groupSpec({ policy: { replicasMin: 1, replicasMax: 4 } })),
    (world) => world.put(keys.group('orders'), groupSpec({ policy: { replicasMin: 1, replicasMax: 1 } })),
    (world) => world.put(keys.group('orders'), groupSpec({ policy: { replicasMin: 3, replicasMax: 4, dryRun: true } })),
    (world) => world.put(keys.group('orders'), groupSpec({ policy: { ...scheduled } })),
    (world) => world.put(keys.incident('orders', '0.abc'), null),
    (world) => world.put(keys.pauses('orders'), null),
    (world) => world.put(keys.override('orders'), null),
    (world) => {
      world.lag = null;
    },
    (world) => {
      [world.lag, world.notes] = [{ lagging: 0, primaryIsCause: false }, []];
    },
    (world) => {
      world.lag = { lagging: 1, primaryIsCause: false };
      world.notes = [{ replica: names[0] ?? '', reason: 'LAGGING', message: 'lags 99 s' }];
      world.scaler.wake('orders');
    },
    (world) => {
      [world.lag, world.notes] = [null, [{ replica: names[0] ?? '', reason: 'LAG_UNKNOWN', message: 'no answer' }]];
    },
    (world) => {
      world.cloudSql.warnings = ['europe-west1 does not answer'];
    },
    (world) => {
      world.cloudSql.warnings = [];
    },
    (world) => {
      world.cloudSql.finishOperations();
    },
    (world) => {
      world.change('orders-primary', { state: 'MAINTENANCE' });
    },
    (world) => {
      world.change('orders-primary', { state: 'RUNNABLE', address: '10.0.1.1' });
    },
    (world) => {
      world.change('orders-primary', { address: '10.0.1.9' });
    },
  ),
  fc
    .tuple(
      fc.constantFrom(0, 1),
      fc.constantFrom<Partial<CloudInstance>>(
        { state: 'FAILED' },
        { labels: {} },
        { address: '10.9.9.9' },
        { serverCa: { id: 'new', pem: 'new' } },
        { isStopped: true },
        { settingsVersion: '7' },
      ),
    )
    .map(([at, change]): Change => (world) => {
      world.change(names[at] ?? '', change);
    }),
  fc.constantFrom(0, 1).map((at): Change => (world) => {
    world.cloudSql.instances.delete(names[at] ?? '');
  }),
  fc
    .tuple(
      fc.constantFrom<'scale-out' | 'scale-in'>('scale-out', 'scale-in'),
      fc.constantFrom<'open' | 'closed'>('open', 'closed'),
    )
    .map(([action, state]): Change => (world) => {
      const seenMs = world.clock.nowMs();
      const value = incident({ action, state, lastSeenAtMs: seenMs, closedAtMs: state === 'open' ? null : seenMs });
      return world.put(keys.incident('orders', '0.abc'), value);
    }),
  fc.integer({ min: 1, max: 20_000 }).map((ms): Change => (world) => {
    const pause = { ...order, untilMs: until(world, ms) };
    return world.put(keys.pauses('orders'), { out: pause, in: null });
  }),
  fc.integer({ min: 1, max: 20_000 }).map(
    (ms): Change =>
      (world) =>
        world.put(keys.override('orders'), { ...order, replicas: 3, untilMs: until(world, ms) }),
  ),
  fc.tuple(fc.constantFrom(0, 1), fc.integer({ min: 1, max: 20_000 })).map(
    ([at, ms]): Change =>
      (world) =>
        world.put(cordonKey(at), cordon(world, names[at] ?? '', ms)),
  ),
);

/** From one change to the next, in milliseconds. */
const pauses = fc.oneof(fc.integer({ min: 0, max: 15_000 }), fc.integer({ min: 60_000, max: 90_000 }));

/** Every other minute there is to be one more. */
const scheduled = {
  replicasMin: 1,
  replicasMax: 4,
  schedules: [{ name: 'often', cron: '*/2 * * * *', durationSeconds: 60, replicasMin: 3 }],
};

describe('Scaler: a group at rest', { timeout: 300_000 }, () => {
  it('is as if it had been looked at each time, whatever happens', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(changes, pauses), { minLength: 1, maxLength: 4 }), async (steps) => {
        const [resting, plain] = [await World.start(true), await World.start(false)];
        try {
          for (const [change, ms] of [[() => undefined, 20_000] as const, ...steps]) {
            for (const world of [resting, plain]) {
              await change(world);
              await world.clock.advance(ms);
            }
            assert.deepEqual(await resting.seen(), await plain.seen());
          }
        } finally {
          await Promise.all([resting.scaler.stop(), plain.scaler.stop()]);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('does not rest while it is frozen', async () => {
    const world = await World.start(true);
    await world.clock.advance(20_000);
    await world.put(keys.snapshot('orders'), published({ revision: 5 }));
    const freeze = { group: 'orders', aboveRevision: 3, sinceMs: world.clock.nowMs(), reason: 'test', isListed: false };
    await world.put(keys.freeze('orders'), freeze);
    await world.clock.advance(40_000);
    assert.equal(await world.store.get(keys.freeze('orders')), null);
    await world.scaler.stop();
  });

  it('tells that Cloud SQL cannot be listed, and that it can again', async () => {
    const worlds = [await World.start(true), await World.start(false)];
    for (const world of worlds) {
      await world.clock.advance(20_000);
      world.cloudSql.nextError = new CoordinatorError('CLOUDSQL_UNAVAILABLE', 'socket hang up');
      while (world.board.of('orders').length === 0) await world.clock.advance(100);
    }
    const [resting, plain] = await Promise.all(worlds.map((world) => world.seen()));
    assert.deepEqual(resting, plain);
    for (const world of worlds) {
      await world.clock.advance(10_000);
      assert.deepEqual(world.board.of('orders'), []);
      await world.scaler.stop();
    }
  });

  it('is not even counted once the lease is gone', async () => {
    const world = await World.start(true);
    await world.clock.advance(20_000);
    await world.term.stop();
    const [before, looks] = [world.metrics.decisions.length, world.store.looks];
    await world.clock.advance(60_000);
    assert.deepEqual([world.metrics.decisions.length, world.store.looks], [before, looks]);
    await world.scaler.stop();
  });

  it('is looked at when Cloud SQL listed something else for once', async () => {
    const world = await World.start(true);
    await world.clock.advance(30_000);
    for (const settingsVersion of ['8', '1', '8', '1']) {
      const { looks } = world.store;
      world.change('orders-ro-1', { settingsVersion });
      await world.clock.advance(26_000);
      assert.equal(world.store.looks, looks + 1, settingsVersion);
    }
    await world.scaler.stop();
  });

  it('is looked at when time brings something about, not with the next listing', async () => {
    const world = await World.start(true);
    const everyMs = 120_000;
    const desired = async () => (await world.store.get(keys.scaling('orders')))?.value.desired;
    // Behind the minute that asks for more; it comes again.
    await world.clock.advance(everyMs - (world.clock.nowMs() % everyMs) + 65_000);
    await world.put(keys.group('orders'), groupSpec({ policy: scheduled }));
    await world.clock.advance(everyMs - (world.clock.nowMs() % everyMs) - 100);
    const { looks } = world.store;
    await world.clock.advance(99);
    assert.deepEqual([world.store.looks, await desired()], [looks, 2], 'it rests');
    // The queue merges wakes for 10 ms.
    await world.clock.advance(20);
    assert.equal(await desired(), 3);
    await world.scaler.stop();
  });

  it('is not looked at anew while Cloud SQL lists the same', async () => {
    const world = await World.start(true);
    await world.clock.advance(30_000);
    const before = { looks: world.store.looks, decisions: world.metrics.decisions.length };
    await world.clock.advance(60_000);
    assert.equal(world.store.looks, before.looks);
    assert.ok(world.metrics.decisions.length >= before.decisions + 10, 'each comparison is counted');
    world.change('orders-ro-1', { state: 'FAILED' });
    await world.clock.advance(10_000);
    assert.ok(world.store.looks > before.looks);
    await world.scaler.stop();
  });
});
