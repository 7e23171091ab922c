import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CloudInstance } from '../../../coordinator/core/cloud.ts';
import { keys } from '../../../coordinator/core/records.ts';
import {
  groupSpec,
  incident,
  published,
  replica,
  replicaInstance,
  scalingRecord,
  startMs,
  voter,
} from '../builders.ts';
import { names, type Telling, World } from './rest-world.ts';

type Change = (world: World) => Promise<void> | void;
type Case = readonly [what: string, change: Change];

const [first = ''] = names;
const order = { group: 'orders', owner: 'ada', reason: 'test' };
const later = (world: World) => world.clock.nowMs() + 60_000;
const pause = { owner: 'ada', reason: 'test', sinceMs: startMs, untilMs: null };
const schedule = (cron: string) => ({
  policy: { replicasMin: 1, replicasMax: 4, schedules: [{ name: 's', cron, durationSeconds: 60, replicasMin: 3 }] },
});
const topology = { primaryAddress: '10.0.1.1', serverCa: null };
const leaving = [{ hostname: '10.0.0.7', port: 3306, sinceRevision: 1 }];

/** What the store tells of: each kind of record that a look reads. */
const stored: readonly Case[] = [
  ['an incident opens', (world) => world.put(keys.incident('orders', '0.abc'), incident())],
  [
    'somebody wants another count',
    (world) => world.put(keys.override('orders'), { ...pause, replicas: 3, untilMs: later(world) }),
  ],
  ['scaling is paused', (world) => world.put(keys.pauses('orders'), { out: pause, in: null })],
  [
    'a replica is cordoned',
    (world) => world.put(keys.cordon('orders', first), { ...order, server: first, atMs: startMs, untilMs: null }),
  ],
  [
    'a replica is to go',
    (world) => world.put(keys.removal('orders', first), { ...order, server: first, atMs: startMs }),
  ],
  [
    'a policy asks for more',
    (world) => world.put(keys.group('orders'), groupSpec({ policy: { replicasMin: 3, replicasMax: 4 } })),
  ],
  [
    'a schedule begins with its declaration',
    (world) => world.put(keys.group('orders'), groupSpec(schedule('* * * * *'))),
  ],
  ['the group is deleted', (world) => world.put(keys.group('orders'), null)],
  ['the count is another one', (world) => world.put(keys.scaling('orders'), scalingRecord({ desired: 3 }))],
  ['a replica is withdrawn', (world) => world.put(keys.replica('orders', first), replica.draining(first))],
  [
    'a replica is adopted',
    (world) => {
      world.cloudSql.addInstance('orders-ro-7', replicaInstance('orders-ro-7'));
      return world.put(
        keys.replica('orders', 'orders-ro-7'),
        replica.creating('orders-ro-7', { adoptedAtMs: startMs }),
      );
    },
  ],
  [
    'another writer is accepted',
    (world) => {
      world.cloudSql.addInstance('orders-next', { address: '10.0.1.2' });
      const ordered = { owner: 'ada', reason: 'test', instance: 'orders-next', isOldGone: true, atMs: startMs };
      return world.put(keys.writerOrder('orders'), ordered);
    },
  ],
  ['the writer is withheld', (world) => world.put(keys.topology('orders'), { ...topology, isWithheld: true })],
  ['a server leaves', (world) => world.put(keys.snapshot('orders'), published({ leaving }))],
  ['an agent votes', (world) => world.put(keys.voter('orders', 'a'), voter('a'))],
  ['a cell agrees', (world) => world.put(keys.ballot('orders'), { group: 'orders', cells: {} })],
  [
    'it is frozen',
    (world) =>
      world.put(keys.freeze('orders'), { ...order, aboveRevision: 3, sinceMs: world.clock.nowMs(), isListed: false }),
  ],
];

/** What somebody wakes it for, or its term does. */
const woken: readonly Case[] = [
  [
    'replicas lag',
    (world) => {
      world.lag = { lagging: 1, primaryIsCause: false };
      world.scaler.wake('orders');
    },
  ],
  [
    'the store went back to when an incident was open',
    async (world) => {
      world.store.isSilent = true;
      await world.put(keys.incident('orders', '0.abc'), incident());
      const moment = world.store.moment();
      await world.put(keys.incident('orders', '0.abc'), null);
      world.store.isSilent = false;
      world.store.goBack(moment);
    },
  ],
  ['an agent has seen a higher epoch', (world) => world.put(keys.epochSeen, { epoch: world.term.fencingToken + 1000 })],
];

const listed =
  (name: string, change: Partial<CloudInstance>): Change =>
  (world) => {
    world.change(name, change);
  };
const certificate = { id: 'new', pem: 'new' };

/** What nobody tells: it is seen by the next comparison. */
const seen: readonly Case[] = [
  ['a replica failed', listed(first, { state: 'FAILED' })],
  ['a replica was promoted', listed(first, { instanceType: 'CLOUD_SQL_INSTANCE', primary: null })],
  ['a replica follows another primary', listed(first, { primary: 'users-primary' })],
  ['a replica moved', listed(first, { address: '10.9.9.9' })],
  ['a replica lost its labels', listed(first, { labels: {} })],
  ['the certificate of a replica was rotated', listed(first, { serverCa: certificate })],
  ['the certificate of the primary was rotated', listed('orders-primary', { serverCa: certificate })],
  ['the primary failed over to another address', listed('orders-primary', { address: '10.0.1.9' })],
  ['the primary was demoted', listed('orders-primary', { primary: 'users-primary' })],
  ['the primary is in maintenance', listed('orders-primary', { state: 'MAINTENANCE' })],
  [
    'a replica is gone',
    (world) => {
      world.cloudSql.instances.delete(first);
    },
  ],
  [
    'the primary is gone',
    (world) => {
      world.cloudSql.instances.delete('orders-primary');
    },
  ],
  [
    'not everything is listed',
    (world) => {
      world.cloudSql.warnings = ['europe-west1 does not answer'];
    },
  ],
  [
    'replicas lag, which nobody woke it for',
    (world) => {
      world.lag = { lagging: 1, primaryIsCause: false };
    },
  ],
  [
    'lag is not known any more',
    (world) => {
      world.lag = null;
    },
  ],
  [
    'something is to be said of lag',
    (world) => {
      world.notes = [{ replica: first, reason: 'LAGGING', message: 'lags 99 s' }];
    },
  ],
  [
    'the clock was put back',
    (world) => {
      world.clock.aheadMs = -3_000_000;
    },
  ],
  [
    'the clock was put ahead, into a schedule',
    (world) => {
      world.clock.aheadMs = 86_400_000 - (world.clock.nowMs() % 86_400_000);
    },
  ],
];

/** The queue merges wakes for 10 ms; a group at rest is compared every 5 s. */
const [wakeMs, compareMs] = [50, 6000];

/** A group that has come to rest, and does rest. It has a schedule that is not near. */
async function atRest(telling: Telling): Promise<World> {
  const world = await World.start(telling);
  await world.put(keys.group('orders'), groupSpec(schedule('0 0 * * *')));
  await world.clock.advance(20_000);
  const { looks } = world.store;
  await world.clock.advance(20_000);
  if (telling !== 'no') assert.equal(world.store.looks, looks, 'it rests');
  return world;
}

describe('Scaler: a group at rest is woken', () => {
  for (const telling of ['at once', 'asked'] as const) {
    for (const [cases, withinMs] of [[[...stored, ...woken], wakeMs] as const, [seen, compareMs] as const]) {
      for (const [what, change] of cases) {
        it(`where ${what} (a store that tells ${telling})`, async () => {
          const [resting, plain] = [await atRest(telling), await atRest('no')];
          const { looks } = resting.store;
          for (const world of [resting, plain]) {
            await change(world);
            await world.clock.advance(withinMs);
          }
          assert.ok(resting.store.looks > looks, 'it is looked at');
          assert.deepEqual(await resting.seen(), await plain.seen());
          await Promise.all([resting.scaler.stop(), plain.scaler.stop()]);
        });
      }
    }
  }

  for (const [what, change] of stored) {
    it(`where ${what}, also before the store has told`, async () => {
      const world = await atRest('asked');
      const { looks } = world.store;
      world.store.isSilent = true;
      await change(world);
      await world.clock.advance(compareMs);
      assert.ok(world.store.looks > looks);
      await world.scaler.stop();
    });
  }

  it('where something is told while it is compared, and is not taken for steady', async () => {
    const world = await atRest('asked');
    let answer: (isTold: boolean) => void = () => undefined;
    world.store.told = () =>
      new Promise((resolve) => {
        answer = resolve;
      });
    await world.clock.advance(5000);
    const counted = world.metrics.decisions.length;
    await world.put(keys.incident('orders', '0.abc'), incident());
    await world.clock.advance(wakeMs);
    answer(true);
    await world.clock.advance(wakeMs);
    assert.equal((await world.store.get(keys.scaling('orders')))?.value.desired, 3);
    assert.equal(world.metrics.decisions[counted], 'SCALE_OUT');
    await world.scaler.stop();
  });
});
