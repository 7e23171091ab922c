import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { beginTerm, committed, describeStores, event, key, keysOf, prefix, put, remove, settled } from './stores.ts';

describeStores('Store', (start) => {
  describe('get, list', () => {
    it('say null and nothing of what was never written', async () => {
      const store = await start();
      assert.equal(await store.get(key('group/orders')), null);
      assert.deepEqual(await store.list(prefix('group/')), []);
    });

    it('give values back with the revision of their last change, and let nobody change what they hold', async () => {
      const store = await start();
      const value = { n: 1, nested: { list: ['a', null] } };
      const revision = await committed(store, { writes: [{ key: key('a'), value, ifRevision: 0 }] });
      value.nested.list.push('b');
      const read = await store.get(key('a'));
      assert.deepEqual(read, { key: 'a', value: { n: 1, nested: { list: ['a', null] } }, revision });
      // Copies, or frozen.
      try {
        (read.value as typeof value).nested.list.push('c');
      } catch (error) {
        assert.ok(error instanceof TypeError);
      }
      assert.deepEqual((await store.get(key('a')))?.value, { n: 1, nested: { list: ['a', null] } });
    });

    it('list in the order of bytes', async () => {
      const store = await start();
      const names = ['a/b', 'a/B', 'a/-', 'a/é', 'a/\u{1f600}', 'a/\ufffd', 'a/\ue000', 'a/', 'a/b/c', 'a/~'];
      await committed(store, { writes: names.map((text) => put(text, 1)) });
      const sorted = [...names].sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
      assert.deepEqual(await keysOf(store, 'a/'), sorted);
    });

    it('take every character of a prefix literally', async () => {
      const store = await start();
      const names = ['a%c', 'a_c', 'abc', 'a*', 'a%', 'A%c', 'a', 'b', 'a\\%', "a'"];
      await committed(store, { writes: names.map((text) => put(text, 1)) });
      assert.deepEqual(await keysOf(store, 'a%'), ['a%', 'a%c']);
      assert.deepEqual(await keysOf(store, 'a_'), ['a_c']);
      assert.deepEqual(await keysOf(store, "a'"), ["a'"]);
      assert.equal((await keysOf(store, '')).length, names.length);
    });

    it('tell keys apart that differ behind a NUL', async () => {
      const store = await start();
      await committed(store, { writes: [put('a/\0one', 1, 0), put('a/', 3, 0), put('a/\0two', 2, 0)] });
      assert.deepEqual(await keysOf(store, 'a/'), ['a/', 'a/\0one', 'a/\0two']);
      assert.equal((await store.get(key('a/\0two')))?.value.n, 2);
    });
  });

  describe('commit', () => {
    it('counts revisions up, one a commit, also after a delete', async () => {
      const store = await start();
      const first = await committed(store, { writes: [put('a', 1), put('b', 1)] });
      const second = await committed(store, { writes: [remove('a')] });
      const third = await committed(store, { writes: [put('a', 2, 0)] });
      assert.deepEqual([second, third], [first + 1, first + 2]);
      assert.equal((await store.get(key('a')))?.revision, third);
      assert.equal((await store.get(key('b')))?.revision, first);
    });

    const conflicts = [
      { name: 'a key that must not exist and does', write: put('a', 9, 0) },
      { name: 'a key changed since it was read', write: put('a', 9, 1) },
      { name: 'a key that is gone', write: put('gone', 9, 1) },
      { name: 'the delete of a key changed since it was read', write: remove('a', 1) },
    ];
    for (const { name: situation, write } of conflicts) {
      it(`writes nothing at all on a conflict: ${situation}`, async () => {
        const store = await start();
        await committed(store, { writes: [put('a', 1), put('gone', 1)] });
        const before = await committed(store, { writes: [put('a', 2), remove('gone')] });
        const heard: unknown[] = [];
        store.watch('', (keys) => heard.push(keys));
        store.watchEvents(() => heard.push('event'));
        const result = await store.commit({ writes: [put('other', 1), write], events: [event('lost')] });
        assert.deepEqual(result, { outcome: 'conflict', key: write.key });
        await settled(store);
        assert.deepEqual(heard, [['settled']]);
        assert.deepEqual(await keysOf(store, ''), ['a', 'settled']);
        assert.equal((await store.get(key('a')))?.value.n, 2);
        assert.equal(await store.lastEventSequence(), 0);
        assert.equal(await committed(store, { writes: [] }), before + 2);
      });
    }

    it('changes exactly what was read', async () => {
      const store = await start();
      const revision = await committed(store, { writes: [put('a', 1, 0)] });
      await committed(store, { writes: [put('b', 1)] });
      await committed(store, { writes: [put('a', 2, revision)] });
      await committed(store, { writes: [remove('b', revision + 1), remove('absent'), remove('absent too', 0)] });
      assert.deepEqual(await keysOf(store, ''), ['a']);
    });

    it('refuses a decision of an older term, and one of a term that it never gave out', async () => {
      const store = await start();
      const old = await beginTerm(store, 'one');
      await committed(store, { writes: [put('a', 1)], fencingToken: old.fencingToken });
      const { fencingToken } = await beginTerm(store, 'two');
      for (const token of [old.fencingToken, fencingToken + 1]) {
        const result = await store.commit({ writes: [put('a', 2)], events: [event('lost')], fencingToken: token });
        assert.deepEqual(result, { outcome: 'fenced', fencingToken });
      }
      assert.equal((await store.get(key('a')))?.value.n, 1);
      assert.equal(await store.lastEventSequence(), 0);
      await committed(store, { writes: [put('a', 3)], fencingToken });
      await committed(store, { writes: [put('a', 4)] });
    });

    it('says fenced rather than conflict when both are true', async () => {
      const store = await start();
      const { fencingToken } = await beginTerm(store, 'one');
      await beginTerm(store, 'two');
      const result = await store.commit({ writes: [put('a', 2, 77)], fencingToken });
      assert.equal(result.outcome, 'fenced');
    });

    it('crashes on a commit that is a bug, and writes nothing', async () => {
      const store = await start();
      await assert.rejects(store.commit({ writes: [put('a', 1), put('a', 2)] }), { name: 'AssertionError' });
      await assert.rejects(store.commit({ writes: [put('', 1)] }), { name: 'AssertionError' });
      const writes = [put('a', 1), { key: key('b'), value: undefined, ifRevision: null }];
      await assert.rejects(store.commit({ writes }), { name: 'AssertionError' });
      assert.deepEqual(await keysOf(store, ''), []);
    });

    it('lets one of many at once through, and no two with one revision', async () => {
      const store = await start();
      const tries = Array.from({ length: 20 }, (_, n) => store.commit({ writes: [put('a', n, 0)] }));
      const outcomes = (await Promise.all(tries)).map(({ outcome }) => outcome);
      assert.deepEqual(outcomes, ['committed', ...Array<string>(19).fill('conflict')]);
    });
  });
});
