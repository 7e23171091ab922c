import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CloudInstance } from '../../../coordinator/core/cloud.ts';
import { keys } from '../../../coordinator/core/records.ts';
import { CoordinatorError } from '../../../coordinator/errors.ts';
import { fc } from '../../properties.ts';
import { groupSpec, incident, published, replicaInstance, startMs } from '../builders.ts';
import { names, stranger, World } from './rest-world.ts';

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
      [world.lag, world.notes] = [{ lagging: 0, primaryIsCause: false }, []];
      world.change(stranger, { settingsVersion: '7' });
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
      world.change(stranger, { settingsVersion: String(world.clock.nowMs()) });
    },
    (world) => {
      world.change('orders-primary', { settingsVersion: String(world.clock.nowMs()) });
    },
    // One that bears our labels, and of which the store knows nothing.
    (world) => {
      world.cloudSql.addInstance('orders-ro-9', replicaInstance('orders-ro-9'));
    },
    // A person's clone of one of ours.
    (world) => {
      world.cloudSql.addInstance('orders-ro-8', { ...replicaInstance('orders-ro-8'), labels: {} });
    },
    (world) => {
      world.cloudSql.instances.delete(stranger);
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
        { primary: 'users-primary' },
        { isDeletionProtected: false },
        { replicaNames: ['orders-ro-7'] },
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
        const worlds = [await World.start('at once'), await World.start('asked'), await World.start('no')] as const;
        const [resting, asking, plain] = worlds;
        try {
          for (const [change, ms] of [[() => undefined, 20_000] as const, ...steps]) {
            for (const world of worlds) {
              await change(world);
              await world.clock.advance(ms);
            }
            const seen = await plain.seen();
            assert.deepEqual(await resting.seen(), seen);
            assert.deepEqual(await asking.seen(), seen);
          }
        } finally {
          await Promise.all(worlds.map(({ scaler }) => scaler.stop()));
        }
      }),
      { numRuns: 30 },
    );
  });

  it('does not rest while it is frozen', async () => {
    const world = await World.start('at once');
    await world.clock.advance(20_000);
    await world.put(keys.snapshot('orders'), published({ revision: 5 }));
    const freeze = { group: 'orders', aboveRevision: 3, sinceMs: world.clock.nowMs(), reason: 'test', isListed: false };
    await world.put(keys.freeze('orders'), freeze);
    await world.clock.advance(40_000);
    assert.equal(await world.store.get(keys.freeze('orders')), null);
    await world.scaler.stop();
  });

  it('tells that Cloud SQL cannot be listed, and that it can again', async () => {
    const worlds = [await World.start('at once'), await World.start('no')];
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
    const world = await World.start('at once');
    await world.clock.advance(20_000);
    await world.term.stop();
    const [before, looks] = [world.metrics.decisions.length, world.store.looks];
    await world.clock.advance(60_000);
    assert.deepEqual([world.metrics.decisions.length, world.store.looks], [before, looks]);
    await world.scaler.stop();
  });

  it('is not looked at for what Cloud SQL says of others, or says of it and does not matter', async () => {
    const world = await World.start('at once');
    await world.clock.advance(30_000);
    const { looks } = world.store;
    for (const settingsVersion of ['8', '1', '8', '1']) {
      for (const name of [stranger, 'orders-ro-1', 'orders-primary']) {
        world.change(name, { settingsVersion });
        await world.clock.advance(6000);
      }
      world.change(stranger, { state: settingsVersion === '8' ? 'FAILED' : 'RUNNABLE' });
      await world.clock.advance(6000);
    }
    assert.equal(world.store.looks, looks);
    const counted = world.metrics.decisions.length;
    await world.clock.advance(60_000);
    assert.ok(world.metrics.decisions.length >= counted + 10, 'it is compared each time');
    world.change('orders-ro-1', { state: 'FAILED' });
    await world.clock.advance(6000);
    assert.ok(world.store.looks > looks);
    await world.scaler.stop();
  });

  const unsure: readonly (readonly [string, () => Promise<boolean>])[] = [
    ['has not told of all', () => Promise.resolve(false)],
    ['cannot say', () => Promise.reject(new CoordinatorError('STORE_UNAVAILABLE', 'no answer'))],
  ];
  for (const [what, told] of unsure) {
    it(`is looked at while the store ${what}`, async () => {
      const world = await World.start('asked');
      await world.clock.advance(30_000);
      const { looks } = world.store;
      await world.clock.advance(30_000);
      assert.equal(world.store.looks, looks, 'it rests while it has told of all');
      world.store.told = told;
      await world.clock.advance(30_000);
      assert.ok(world.store.looks >= looks + 5);
      await world.scaler.stop();
    });
  }

  it('is planned for what Cloud SQL lists now, not for what it listed when it came to rest', async () => {
    const world = await World.start('at once');
    await world.clock.advance(30_000);
    for (const change of [{ settingsVersion: '8' }, { state: 'FAILED' }]) {
      world.change('orders-ro-1', change);
      await world.clock.advance(12_000);
    }
    assert.equal((await world.store.get(keys.replica('orders', 'orders-ro-1')))?.value.reason, 'FAILED');
    await world.scaler.stop();
  });

  it('is looked at when time brings something about, not with the next listing', async () => {
    const world = await World.start('at once');
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
    const world = await World.start('at once');
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
