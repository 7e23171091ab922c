import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ServerAdmin } from '../../../coordinator/api/server-admin.ts';
import { keys } from '../../../coordinator/core/records.ts';
import { CoordinatorError } from '../../../coordinator/errors.ts';
import { CloudView } from '../../../coordinator/loops/cloud-view.ts';
import { groupSpec, install } from '../builders.ts';
import { Harness } from './harness.ts';

/** Brings a group to one serving replica. */
async function serving(spec = groupSpec()): Promise<Harness> {
  const harness = await Harness.start(spec, 1);
  await harness.until('creating');
  await harness.step();
  harness.cloudSql.finishOperations();
  await harness.until('gating');
  harness.answer();
  await harness.until('serving');
  return harness;
}

const snapshotOf = async (harness: Harness) => {
  const snapshot = await harness.store.get(keys.snapshot('orders'));
  assert(snapshot !== null);
  return snapshot.value;
};
const readersOf = async (harness: Harness) =>
  (await snapshotOf(harness)).servers.filter(({ hostgroup }) => hostgroup === 10).map(({ instance }) => instance);
const writersOf = async (harness: Harness) =>
  (await snapshotOf(harness)).servers.filter(({ hostgroup }) => hostgroup === 5).map(({ hostname }) => hostname);
const stepTimes = async (harness: Harness, times: number) => {
  for (let steps = 0; steps < times; steps += 1) await harness.step();
};

describe('Scaler and cordons', () => {
  it('takes a cordoned replica out of the proxies, replaces it, and brings it back when the order is over', async () => {
    const harness = await serving(groupSpec({ policy: { replicasMax: 2 } }));
    const untilMs = harness.clock.nowMs() + 20_000;
    const order = { group: 'orders', server: 'orders-ro-1', owner: 'ann', reason: 'slow disk', atMs: 0, untilMs };
    const key = keys.cordon('orders', 'orders-ro-1');
    await harness.store.commit({ writes: [{ key, value: order, ifRevision: 0 }] });
    await stepTimes(harness, 3);
    assert.deepEqual(await readersOf(harness), []);
    assert.equal((await snapshotOf(harness)).leaving.length, 0, 'proven absent: nobody votes here');
    assert.deepEqual(await harness.states(), ['serving', 'creating']);
    assert(harness.board.of('orders').some(({ reason, message }) => reason === 'CORDONED' && /by ann/.test(message)));
    await harness.restart();
    await stepTimes(harness, 3);
    assert.deepEqual(await readersOf(harness), [], 'also after a restart');
    await stepTimes(harness, 20);
    assert.equal(await harness.store.get(key), null);
    assert.deepEqual(await harness.events('CORDON'), ['orders-ro-1 EXPIRED']);
    assert((await readersOf(harness)).includes('orders-ro-1'));
    assert.deepEqual(harness.deleted(), []);
  });
});

describe('Scaler and drains', () => {
  it('keeps the old replica until most proxies serve its replacement, and five minutes at most', async () => {
    for (const isReached of [true, false]) {
      const harness = await serving(groupSpec({ policy: { replicasMax: 2 } }));
      const warming = new Set<string>();
      harness.warming = warming;
      await harness.restart();
      const value = { group: 'orders', server: 'orders-ro-1', owner: 'ann', reason: 'slow disk', atMs: 0 };
      const writes = [{ key: keys.removal('orders', 'orders-ro-1'), value, ifRevision: 0 }];
      await harness.store.commit({ writes });
      await harness.until('serving', 'creating');
      await harness.step();
      harness.cloudSql.finishOperations();
      await harness.until('serving', 'gating');
      for (const { address } of harness.cloudSql.instances.values()) if (address !== null) warming.add(address);
      harness.answer();
      await harness.until('serving', 'serving');
      await stepTimes(harness, 5);
      assert.deepEqual(await harness.states(), ['serving', 'serving'], 'no proxy serves the new one');
      assert.deepEqual(
        harness.board.of('orders').map(({ reason }) => reason),
        ['REPLACEMENT_NOT_SERVING'],
      );
      if (isReached) warming.clear();
      else await harness.clock.advance(300_000);
      await harness.until('draining', 'serving');
    }
  });
});

describe('Scaler, adoption and release', () => {
  it('marks an adopted instance, tries it, serves it; gives it back without a mark, and never deletes it', async () => {
    const harness = await Harness.start();
    const { cloudSql, store, clock } = harness;
    const role = {
      instanceType: 'READ_REPLICA_INSTANCE',
      primary: 'orders-primary',
      labels: { team: 'shop' },
    } as const;
    cloudSql.addInstance('handmade', role);
    await harness.step();
    const admin = new ServerAdmin({ store, clock, install, cloud: new CloudView({ cloudSql, clock }, 0) });
    const order = { group: 'orders', instance: 'handmade', owner: 'ann', reason: 'because' };
    assert((await admin.adopt(order)).ok);
    for (let steps = 0; steps < 3; steps += 1) {
      await harness.step();
      cloudSql.finishOperations();
    }
    harness.answer();
    await harness.until('serving');
    assert.equal(cloudSql.instances.get('handmade')?.labels['chester-group'], 'orders');
    assert.equal(cloudSql.instances.get('handmade')?.isDeletionProtected, true);
    assert.deepEqual(await readersOf(harness), ['handmade']);
    await harness.vote('a', false);
    assert((await admin.release(order)).ok);
    await stepTimes(harness, 3);
    assert.deepEqual(await harness.states(), ['draining'], 'a voter is outstanding');
    await harness.vote('a', true);
    for (let steps = 0; steps < 4; steps += 1) {
      await harness.step();
      cloudSql.finishOperations();
    }
    assert.deepEqual(await harness.states(), []);
    assert.deepEqual(cloudSql.instances.get('handmade')?.labels, { team: 'shop' });
    assert.equal(cloudSql.instances.get('handmade')?.isDeletionProtected, true);
    assert.deepEqual([harness.created(), harness.deleted()], [[], []]);
  });
});

describe('Scaler and an ordered writer', () => {
  const switched = async () => {
    const harness = await serving();
    const { cloudSql } = harness;
    await harness.vote('a', true);
    cloudSql.addInstance('orders-b', { address: '10.0.1.2' });
    const primary = cloudSql.instances.get('orders-primary');
    assert(primary);
    cloudSql.instances.set('orders-primary', {
      ...primary,
      instanceType: 'READ_REPLICA_INSTANCE',
      primary: 'orders-b',
    });
    return harness;
  };
  const order = (harness: Harness) =>
    harness.store.commit({
      writes: [
        {
          key: keys.writerOrder('orders'),
          value: { instance: 'orders-b', owner: 'ann', reason: 'switchover', isOldGone: false, atMs: 0 },
          ifRevision: 0,
        },
      ],
    });

  it('stops scaling after a switchover, and says what to do', async () => {
    const harness = await switched();
    await harness.order(2);
    await stepTimes(harness, 5);
    assert.deepEqual(harness.created(), ['orders-ro-1']);
    assert.deepEqual(await writersOf(harness), ['10.0.1.1'], 'what is published stays');
    assert.deepEqual(await harness.events('ALARM'), ['orders-primary PRIMARY_DEMOTED']);
    const hold = harness.board.of('orders').find(({ reason }) => reason === 'PRIMARY_DEMOTED');
    assert.match(hold?.message ?? '', /chester accept-primary orders/);
  });

  it('publishes no writer before every voter has proven the old one absent, then the new one', async () => {
    const harness = await switched();
    await order(harness);
    await stepTimes(harness, 5);
    assert.deepEqual(await writersOf(harness), []);
    assert.deepEqual(
      (await snapshotOf(harness)).leaving.map(({ hostname }) => hostname),
      ['10.0.1.1'],
    );
    await harness.restart();
    await stepTimes(harness, 3);
    assert.deepEqual(await writersOf(harness), [], 'a restart changes nothing');
    await harness.vote('a', true);
    await stepTimes(harness, 3);
    assert.deepEqual(await writersOf(harness), ['10.0.1.2']);
    assert.equal((await harness.store.get(keys.group('orders')))?.value.primary, 'orders-b');
    assert.equal(await harness.store.get(keys.writerOrder('orders')), null);
    const writers = (await harness.events('GROUP')).filter((event) => /WRITER/.test(event));
    assert.deepEqual(writers, ['orders-primary WRITER_WITHHELD', 'orders-primary WRITER_CHANGED']);
  });

  it('takes a replica along that Cloud SQL has given to the new primary', async () => {
    const harness = await switched();
    await order(harness);
    await stepTimes(harness, 2);
    await harness.vote('a', true);
    const replica = harness.cloudSql.instances.get('orders-ro-1');
    assert(replica);
    harness.cloudSql.instances.set('orders-ro-1', { ...replica, primary: 'orders-b' });
    await stepTimes(harness, 5);
    harness.cloudSql.finishOperations();
    await stepTimes(harness, 3);
    const [record] = await harness.records();
    assert.equal(record?.primary, 'orders-b');
    assert.equal(harness.cloudSql.instances.get('orders-ro-1')?.labels['chester-primary'], 'orders-b');
    assert.deepEqual(await readersOf(harness), ['orders-ro-1']);
  });
});

describe('Scaler and deadlines', () => {
  it('gives a replica up that never passes its gate, deletes it, and waits before the next', async () => {
    const harness = await Harness.start(groupSpec({ deadlines: { gateSeconds: 10 } }), 1);
    await harness.until('creating');
    await harness.step();
    harness.cloudSql.finishOperations();
    await harness.until('gating');
    await harness.until('draining');
    harness.answer();
    await harness.until('deleting');
    for (let steps = 0; steps < 8; steps += 1) {
      harness.cloudSql.finishOperations();
      await harness.step();
    }
    assert.deepEqual(harness.deleted(), ['orders-ro-1']);
    assert((await harness.events('ALARM')).includes('orders-ro-1 GATE_TIMEOUT'));
    assert.deepEqual(harness.created(), ['orders-ro-1'], 'the next one waits');
    assert.equal((await harness.store.get(keys.scaling('orders')))?.value.createFailures, 1);
    await stepTimes(harness, 70);
    assert.equal(harness.created().length, 2);
    harness.cloudSql.finishOperations();
    await harness.until('gating');
    harness.answer();
    await harness.until('serving');
    assert.equal((await harness.store.get(keys.scaling('orders')))?.value.createFailures, 0, 'forgotten');
  });

  it('tells an overdue creation once, and takes it up when it comes', async () => {
    const harness = await Harness.start(groupSpec({ deadlines: { createSeconds: 5 } }), 1);
    await harness.until('creating');
    await stepTimes(harness, 20);
    assert.deepEqual(await harness.events('ALARM'), ['orders-ro-1 CREATE_OVERDUE']);
    harness.cloudSql.finishOperations();
    await harness.until('gating');
  });
});

describe('Scaler and refusals', () => {
  it('tells a missing permission once for as long as it lasts, and goes on with the other replicas', async () => {
    const harness = await serving();
    const { cloudSql } = harness;
    const forbidden = new CoordinatorError('CLOUDSQL_FORBIDDEN', 'instances.delete: 403 notAuthorized');
    cloudSql.unprotect = () => Promise.reject(forbidden);
    await harness.order(0);
    await harness.until('deleting');
    await assert.rejects(harness.step(), forbidden);
    await harness.order(1);
    await assert.rejects(harness.step(), forbidden);
    await assert.rejects(harness.step(), forbidden);
    await harness.step();
    assert.deepEqual(await harness.events('ALARM'), ['orders CLOUDSQL_FORBIDDEN']);
    assert.equal(harness.created().length, 2, 'the creation does not wait for the deletion');
  });

  it('waits out the quota with the name that it has', async () => {
    const harness = await Harness.start(groupSpec(), 1);
    await harness.until('creating');
    const { cloudSql } = harness;
    const create = cloudSql.createReplica.bind(cloudSql);
    cloudSql.createReplica = () => Promise.reject(new CoordinatorError('CLOUDSQL_RATE_LIMITED', '429'));
    await stepTimes(harness, 3);
    assert((await harness.events('WAIT')).includes('orders-ro-1 RATE_LIMITED'));
    cloudSql.createReplica = create;
    await stepTimes(harness, 3);
    assert.deepEqual(harness.created(), ['orders-ro-1']);
  });
});
