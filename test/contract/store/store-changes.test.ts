import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Store } from '../../../coordinator/ports.ts';
import { committed, describeStores, event, key, put, remove, settled } from './stores.ts';

describeStores('Store', (start) => {
  describe('watch', () => {
    it('tells the keys of each later commit that begin with the prefix, in order of the commits', async () => {
      const store = await start();
      await committed(store, { writes: [put('a/0', 1)] });
      const heard: (readonly string[])[] = [];
      store.watch('a/', (keys) => heard.push(keys));
      await Promise.all([
        store.commit({ writes: [put('a/1', 1), put('b/1', 1), put('a/2', 1)] }),
        store.commit({ writes: [put('b/2', 1)] }),
        store.commit({ writes: [remove('a/1'), remove('a/absent')] }),
      ]);
      await settled(store);
      assert.deepEqual(heard, [['a/1', 'a/2'], ['a/1']]);
    });

    it('comes after the commit: what it says is there to be read', async () => {
      const store = await start();
      const read = new Promise<unknown>((resolve) => {
        store.watch('a', () => {
          resolve(store.get(key('a')));
        });
      });
      const revision = await committed(store, { writes: [put('a', 5)] });
      assert.deepEqual(await read, { key: 'a', value: { n: 5 }, revision });
    });

    it('never runs inside the commit, and ends when it is told to', async () => {
      const store = await start();
      const heard: string[] = [];
      const end = store.watch('', (keys) => heard.push(...keys));
      const endEvents = store.watchEvents(() => heard.push('event'));
      const pending = store.commit({ writes: [put('a', 1)], events: [event('one')] });
      assert.deepEqual(heard, []);
      await pending;
      await settled(store);
      assert.deepEqual(heard, ['a', 'event', 'settled']);
      const unheard = store.commit({ writes: [put('b', 1)], events: [event('two')] });
      end();
      endEvents();
      await unheard;
      await settled(store);
      assert.deepEqual(heard, ['a', 'event', 'settled']);
    });
  });

  it('says that it told of all only when it did', async () => {
    const store = await start();
    const heard = new Set<string>();
    store.watch('a/', (keys) => {
      for (const one of keys) heard.add(one);
    });
    for (let n = 1; n <= 50; n += 1) {
      await committed(store, { writes: [put(`a/${n}`, n)] });
      // A store that cannot be asked has told by now, if it tells at once.
      while (!((await store.isTold?.()) ?? true)) await settled(store);
      if (store.isTold !== undefined || store.tellsAtOnce === true) assert.ok(heard.has(`a/${n}`), `a/${n}`);
    }
  });

  describe('events', () => {
    it('come back oldest first, after a sequence, at most so many, of a group', async () => {
      const store = await start();
      assert.equal(await store.lastEventSequence(), 0);
      await committed(store, { writes: [], events: [event('1'), event('2', 'users'), event('3')] });
      await committed(store, { writes: [], events: [event('4', '')] });
      const all = await store.readEvents({ afterSequence: 0, limit: 10 });
      assert.deepEqual(
        all.map(({ message, sequence }) => [message, sequence]),
        [
          ['1', 1],
          ['2', 2],
          ['3', 3],
          ['4', 4],
        ],
      );
      assert.deepEqual(all[0], { ...event('1'), sequence: 1 });
      assert.equal(await store.lastEventSequence(), 4);
      const messages = async (query: Parameters<Store['readEvents']>[0]) =>
        (await store.readEvents(query)).map(({ message }) => message);
      assert.deepEqual(await messages({ afterSequence: 2, limit: 1 }), ['3']);
      assert.deepEqual(await messages({ afterSequence: 0, limit: 10, group: 'orders' }), ['1', '3']);
      assert.deepEqual(await messages({ afterSequence: 1, limit: 1, group: 'orders' }), ['3']);
      assert.deepEqual(await messages({ afterSequence: 4, limit: 10 }), []);
    });

    it('are pruned by age, up to the first that is young enough', async () => {
      const store = await start();
      const events = [5, 6, 5, 9].map((atMs) => ({ ...event(String(atMs)), atMs }));
      await committed(store, { writes: [], events });
      await store.pruneEvents(9, 6);
      const kept = async () => (await store.readEvents({ afterSequence: 0, limit: 10 })).map(({ atMs }) => atMs);
      assert.deepEqual(await kept(), [6, 5, 9]);
      await store.pruneEvents(9, 0);
      assert.deepEqual(await kept(), [6, 5, 9]);
      await store.pruneEvents(9, 10);
      assert.deepEqual(await kept(), []);
    });

    it('are pruned also where a text ends within a character', async () => {
      const store = await start();
      const cut = event('an alert called \u{1f525}'.slice(0, -1));
      await committed(store, { writes: [], events: [cut, event('2')] });
      await store.pruneEvents(1);
      const kept = await store.readEvents({ afterSequence: 0, limit: 10 });
      assert.deepEqual(kept, [{ ...event('2'), sequence: 2 }]);
      assert.deepEqual(await store.readEvents({ afterSequence: 0, limit: 10, group: 'orders' }), kept);
    });

    it('are pruned from the oldest, and their sequences are never used again', async () => {
      const store = await start();
      await committed(store, { writes: [], events: ['1', '2', '3', '4'].map((text) => event(text)) });
      await store.pruneEvents(9);
      assert.equal((await store.readEvents({ afterSequence: 0, limit: 10 })).length, 4);
      await store.pruneEvents(1);
      assert.deepEqual(await store.readEvents({ afterSequence: 0, limit: 10 }), [{ ...event('4'), sequence: 4 }]);
      await store.pruneEvents(0);
      assert.equal(await store.lastEventSequence(), 4);
      await committed(store, { writes: [], events: [event('5')] });
      assert.equal(await store.lastEventSequence(), 5);
    });
  });
});
