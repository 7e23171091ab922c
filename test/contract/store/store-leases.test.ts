import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Term } from '../../../coordinator/core/records.ts';
import type { LeaseRequest, Store } from '../../../coordinator/ports.ts';
import { beginTerm, committed, describeStores, put } from './stores.ts';

describeStores('Store', (start) => {
  describe('leases', () => {
    const hour = 3_600_000;
    const nowMs = 1_795_300_000_000;
    const held = async (store: Store, request: Partial<LeaseRequest> = {}): Promise<Term> => {
      const result = await store.acquireLease({ holder: 'one', ttlMs: hour, nowMs, ...request });
      assert.equal(result.outcome, 'held');
      return result.term;
    };

    it('begin a term with a token above every earlier one, at least the time and the minimum', async () => {
      const store = await start();
      const first = await held(store, { nowMs: nowMs + 0.2 });
      assert.deepEqual(first, { holder: 'one', fencingToken: nowMs + 1 });
      await store.releaseLease(first);
      const second = await held(store, { holder: 'two', nowMs: 5 });
      assert.deepEqual(second, { holder: 'two', fencingToken: nowMs + 2 });
      await store.releaseLease(second);
      assert.equal((await held(store, { nowMs: 5, tokenMin: nowMs + 99 })).fencingToken, nowMs + 99);
      assert.equal((await store.head()).fencingToken, nowMs + 99);
    });

    it('are refused to everybody else while one runs, also to one of the same name, and no term begins', async () => {
      const store = await start();
      const { fencingToken } = await held(store);
      for (const holder of ['two', 'one']) {
        const result = await store.acquireLease({ holder, ttlMs: hour, nowMs: nowMs + 9 });
        assert.equal(result.outcome, 'taken');
        assert.equal(result.holder, 'one');
        assert(result.remainingMs > 0 && result.remainingMs <= hour);
      }
      const wrong = await store.acquireLease({ holder: 'one', ttlMs: hour, nowMs, replaces: fencingToken - 1 });
      assert.equal(wrong.outcome, 'taken');
      assert.equal((await store.head()).fencingToken, fencingToken);
      await committed(store, { writes: [put('a', 1)], fencingToken });
    });

    it('pass into a new term of whoever has one', async () => {
      const store = await start();
      const first = await held(store);
      const second = await held(store, { replaces: first.fencingToken, tokenMin: first.fencingToken + 50 });
      assert.equal(second.fencingToken, first.fencingToken + 50);
      assert.equal(await store.renewLease(first, hour), false);
      assert.equal(await store.renewLease(second, hour), true);
      const late = await store.commit({ writes: [put('a', 1)], fencingToken: first.fencingToken });
      assert.deepEqual(late, { outcome: 'fenced', fencingToken: second.fencingToken });
    });

    it('go to the next when their time is up, not before, and cannot be renewed then', async () => {
      const store = await start();
      const beforeMs = performance.now();
      const old = await held(store, { ttlMs: 60 });
      const next = { holder: 'two', ttlMs: hour, nowMs: 0 };
      let result = await store.acquireLease(next);
      while (result.outcome === 'taken') result = await store.acquireLease(next);
      assert(performance.now() - beforeMs >= 59, 'taken too early');
      assert.equal(result.term.fencingToken, old.fencingToken + 1);
      assert.equal(await store.renewLease(old, hour), false);
      assert.equal((await store.acquireLease(next)).outcome, 'taken');
      const late = await store.commit({ writes: [put('a', 1)], fencingToken: old.fencingToken });
      assert.equal(late.outcome, 'fenced');
    });

    it('run on when renewed in time', async () => {
      const store = await start();
      const term = await held(store, { ttlMs: 10_000 });
      assert.equal(await store.renewLease(term, hour), true);
      const result = await store.acquireLease({ holder: 'two', ttlMs: hour, nowMs });
      assert(result.outcome === 'taken' && result.remainingMs > 10_000);
    });

    it('are over for good once their time is up, also when nobody took the next', async () => {
      const store = await start();
      const term = await held(store, { ttlMs: 20 });
      await sleep(30);
      assert.equal(await store.renewLease(term, hour), false);
    });

    it('are had by one at a time, which everybody can ask for', async () => {
      const store = await start();
      assert.equal(await store.leaseHolder(), null);
      const first = await held(store);
      assert.equal(await store.leaseHolder(), 'one');
      await held(store, { holder: 'two', replaces: first.fencingToken, ttlMs: 20 });
      while ((await store.leaseHolder()) !== null) await sleep(5);
      const third = await held(store, { holder: 'three' });
      assert.equal(await store.leaseHolder(), 'three');
      await store.releaseLease(third);
      assert.equal(await store.leaseHolder(), null);
    });

    it('end when released, and a late release ends nobody else’s', async () => {
      const store = await start();
      const first = await held(store);
      await store.releaseLease(first);
      await store.releaseLease(first);
      assert.equal(await store.renewLease(first, hour), false);
      const second = await held(store, { holder: 'two' });
      await store.releaseLease(first);
      assert.equal(await store.renewLease(second, hour), true);
    });

    it('go to one of many who ask at once', async () => {
      const store = await start();
      const asked = Array.from({ length: 10 }, (_, n) => store.acquireLease({ holder: String(n), ttlMs: hour, nowMs }));
      const outcomes = (await Promise.all(asked)).map(({ outcome }) => outcome);
      assert.equal(outcomes.filter((outcome) => outcome === 'held').length, 1);
    });
  });

  describe('head', () => {
    it('is the newest revision and token of this very store', async () => {
      const store = await start();
      const before = await store.head();
      const revision = await committed(store, { writes: [put('a', 1)] });
      const { fencingToken } = await beginTerm(store, 'one');
      assert.deepEqual(await store.head(), { storeId: before.storeId, revision, fencingToken });
      assert.match(before.storeId, /^[a-z0-9-]+$/);
    });
  });
});
