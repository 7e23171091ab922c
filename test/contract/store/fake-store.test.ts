import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FakeStore } from '../../fakes/fake-store.ts';
import { committed, event, key, keysOf, put } from './stores.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('FakeStore', () => {
  it('throws nextError once', async () => {
    const store = new FakeStore();
    store.nextError = new Error('disk full');
    await assert.rejects(store.commit({ writes: [put('a', 1)] }), /disk full/);
    await committed(store, { writes: [put('a', 1, 0)] });
  });

  it('goes back to an earlier moment, says so before it tells the keys, and uses no revision again', async () => {
    const store = new FakeStore();
    const kept = await committed(store, { writes: [put('a', 1)], events: [event('kept')] });
    const moment = store.moment();
    const lost = await committed(store, { writes: [put('a', 2), put('b', 1)], events: [event('lost')] });
    const heard: unknown[] = [];
    store.watch('', (keys) => heard.push(keys));
    store.watchHistory((loss) => heard.push(loss));
    store.goBack(moment);
    await turn();
    assert.deepEqual(heard, [{ kind: 'writesLost', keptRevision: kept, seenRevision: lost }, ['a', 'b']]);
    assert.deepEqual(await store.get(key('a')), { key: 'a', value: { n: 1 }, revision: kept });
    assert.equal(await store.lastEventSequence(), 1 + 2 ** 20);
    assert((await committed(store, { writes: [put('a', 3)] })) > lost);
    const { storeId } = await store.head();
    store.goBack(null);
    assert.notEqual((await store.head()).storeId, storeId);
    assert.deepEqual(await keysOf(store, ''), []);
  });
});
