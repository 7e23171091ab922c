import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { keys, prefixes } from '../../../coordinator/core/records.ts';
import { newReplica } from '../../../coordinator/core/replica.ts';
import { groupSpec } from '../builders.ts';
import { Crash, Harness } from './harness.ts';

describe('Scaler, whatever happens', () => {
  it('finishes the same replica when the coordinator dies at any commit', async () => {
    for (const isAfter of [false, true]) {
      for (let commits = 1; commits <= 14; commits += 1) {
        const harness = await Harness.start(groupSpec(), 1);
        harness.store.crashAt = { commits, isAfter };
        for (let steps = 0; steps < 30; steps += 1) {
          try {
            if (steps === 15) await harness.order(0);
            await harness.step();
          } catch (error) {
            if (!(error instanceof Crash)) throw error;
            harness.store.crashAt = null;
            await harness.restart();
          }
          harness.cloudSql.finishOperations();
          harness.answer();
        }
        harness.store.crashAt = null;
        await harness.order(0);
        for (let steps = 0; steps < 20; steps += 1) {
          await harness.step();
          harness.cloudSql.finishOperations();
          harness.answer();
        }
        const where = `commit ${commits}, ${isAfter ? 'after' : 'before'}`;
        assert.equal(harness.created().length, 1, where);
        assert.deepEqual(harness.deleted(), harness.created(), where);
      }
    }
  });

  it('does not bring back what a deletion of the group removed', async () => {
    const harness = await Harness.start(groupSpec(), 1);
    const list = harness.cloudSql.listInstances.bind(harness.cloudSql);
    harness.cloudSql.listInstances = async (project) => {
      const removed = [keys.group('orders'), keys.scaling('orders')].map((key) => ({
        key,
        value: null,
        ifRevision: null,
      }));
      await harness.store.commit({ writes: removed });
      return list(project);
    };
    await harness.scaler.step('orders');
    await harness.scaler.step('orders');
    for (const key of [keys.scaling('orders'), keys.topology('orders')])
      assert.equal(await harness.store.get(key as never), null);
    assert.deepEqual(await harness.states(), []);
  });

  it('does nothing once another coordinator holds a newer term', async () => {
    const harness = await Harness.start(groupSpec(), 1);
    const { scaler: older, term } = harness;
    await harness.restart();
    await older.step('orders');
    await older.step('orders');
    assert.equal(term.isHeld, false);
    assert.deepEqual(await harness.states(), []);
    assert.deepEqual(harness.created(), []);
  });

  it('begins nothing on what it read in an earlier term, although it holds a new one by now', async () => {
    const harness = await Harness.start(groupSpec(), 1);
    const { store, clock, term, scaler } = harness;
    const earlier = term.fencingToken;
    const list = store.list.bind(store);
    let isFrozen = false;
    store.list = async (prefix) => {
      if (!isFrozen && prefix === (prefixes.removals('orders') as string)) {
        isFrozen = true;
        // Frozen right here; another coordinator creates the replica meanwhile, and goes away.
        const { fencingToken } = await store.beginTerm('other', clock.nowMs());
        const identity = {
          name: 'orders-ro-other',
          group: 'orders',
          project: 'shop-prod-1',
          primary: 'orders-primary',
        };
        const value = newReplica({ ...identity, createdAtMs: clock.nowMs(), reason: 'SCALE_OUT' });
        const writes = [{ key: keys.replica('orders', value.name), value, ifRevision: 0 }];
        await store.commit({ writes, fencingToken });
        term.lose(fencingToken);
        await clock.advance(2000);
        assert.deepEqual([term.isHeld, term.fencingToken > earlier], [true, true]);
      }
      return list(prefix);
    };
    await scaler.step('orders');
    assert.equal(isFrozen, true);
    assert.deepEqual(
      (await harness.records()).map(({ name }) => name),
      ['orders-ro-other'],
    );
  });

  it('runs by itself, woken by what changes, and stops', async () => {
    const harness = await Harness.start();
    await harness.scaler.start();
    await harness.clock.advance(100);
    await harness.order(1);
    await harness.clock.advance(100);
    assert.equal(harness.created().length, 1);
    await harness.scaler.stop();
    await harness.term.stop();
    assert.equal(harness.clock.pendingTimers, 0);
  });
});
