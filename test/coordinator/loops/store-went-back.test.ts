import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { keys, prefixes } from '../../../coordinator/core/records.ts';
import { HistoryWatch } from '../../../coordinator/loops/history-watch.ts';
import { Roster } from '../../../coordinator/loops/roster.ts';
import { createLogger } from '../../../process/log.ts';
import { endLease } from '../../fakes/end-lease.ts';
import { FakeFanout } from '../../fakes/fake-fanout.ts';
import { groupSpec, published } from '../builders.ts';
import { Harness } from './harness.ts';

const log = createLogger('test', 'silent');

/** A group with a replica, and a store that remembers the moment before it served. */
async function setUp() {
  const harness = await Harness.start(groupSpec(), 1);
  const { store, clock, metrics, term } = harness;
  const roster = new Roster({ store, clock, metrics, log, term });
  const fanout = new FakeFanout();
  const abandoned: string[] = [];
  const abandon = (reason: string) => void abandoned.push(reason);
  const watch = new HistoryWatch({ store, log, term, fanout, roster, abandon });
  watch.start();
  return { harness, roster, fanout, abandoned, watch };
}

async function serve(harness: Harness): Promise<void> {
  await harness.until('creating');
  await harness.step();
  harness.cloudSql.finishOperations();
  await harness.until('gating');
  harness.answer();
  await harness.until('serving');
  await harness.step();
}

describe('a store that went back', () => {
  it('deletes nothing before every agent was compared, and goes above what was handed out', async () => {
    const { harness, fanout, watch } = await setUp();
    const { store } = harness;
    await serve(harness);
    await harness.vote('proxysql-0', false);
    await harness.order(0);
    await harness.until('draining');
    await harness.step();
    await harness.vote('proxysql-0', true);
    const whileDraining = store.moment();
    // A person takes it back, and proxies serve it again; then the store forgets that.
    const handedOut = published({ revision: 40 });
    fanout.offer(handedOut);
    store.goBack(whileDraining);
    await endLease(store);
    for (let steps = 0; steps < 20; steps += 1) await harness.step();
    assert.deepEqual(await harness.states(), ['draining'], 'votes of before the loss are no proof');
    assert.deepEqual(harness.deleted(), []);
    const freeze = (await store.get(keys.freeze('orders')))?.value;
    assert.equal(freeze?.aboveRevision, 40);
    assert.equal((await store.get(keys.snapshot('orders')))?.value.revision, 41);
    // The agent comes, is compared, and proves it again at the new revision.
    await harness.vote('proxysql-0', true);
    for (let steps = 0; steps < 40; steps += 1) await harness.step();
    assert.deepEqual(await harness.states(), ['deleting']);
    assert.equal(await store.get(keys.freeze('orders')), null);
    watch.stop();
  });

  it('is compared with Cloud SQL also while the writer is changed: the group would have no writer for ever', async () => {
    const { harness, watch } = await setUp();
    const { store, cloudSql } = harness;
    await serve(harness);
    await harness.vote('proxysql-0', false);
    const earlier = store.moment();
    cloudSql.addInstance('orders-primary-2', { address: '10.0.1.2' });
    const order = { instance: 'orders-primary-2', owner: 'ada', reason: 'switchover', isOldGone: false, atMs: 0 };
    store.goBack(earlier);
    await endLease(store);
    await store.commit({ writes: [{ key: keys.writerOrder('orders'), value: order, ifRevision: 0 }] });
    const writers = async () =>
      (await store.get(keys.snapshot('orders')))?.value.servers.flatMap(({ hostgroup, hostname }) =>
        hostgroup === groupSpec().writerHostgroup ? [hostname] : [],
      );
    for (let steps = 0; steps < 45; steps += 1) await harness.step();
    assert.deepEqual(await writers(), [], 'the old one leaves, and the new one waits for who was not compared');
    // The agent comes, is compared, and has let the old one go.
    for (let steps = 0; steps < 45; steps += 1) {
      await harness.vote('proxysql-0', true);
      await harness.step();
    }
    assert.equal(await store.get(keys.freeze('orders')), null);
    assert.deepEqual(await writers(), ['10.0.1.2']);
    watch.stop();
  });

  it('is left by a process that served another store', async () => {
    const { harness, abandoned, watch } = await setUp();
    harness.store.goBack(null);
    assert.match(abandoned[0] ?? '', /another one now/);
    assert.deepEqual(await harness.store.list(prefixes.freezes), []);
    watch.stop();
  });
});
