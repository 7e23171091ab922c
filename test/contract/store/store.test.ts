import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { EmbeddedStore } from '../../../coordinator/adapters/store-embedded.ts';
import type { Key, NewEvent, Prefix } from '../../../coordinator/core/records.ts';
import type { Commit, Store } from '../../../coordinator/ports.ts';
import { FakeStore } from '../../fakes/fake-store.ts';

type Value = { readonly n: number };
const key = (text: string) => text as Key<Value>;
const prefix = (text: string) => text as Prefix<Value>;
const put = (text: string, n: number, ifRevision: number | null = null) => ({
  key: key(text),
  value: { n },
  ifRevision,
});
const remove = (text: string, ifRevision: number | null = null) => ({ key: key(text), value: null, ifRevision });
const event = (message: string, group = 'orders'): NewEvent => ({
  atMs: 1_795_300_000_000.5,
  group,
  kind: 'WAIT',
  subject: 'orders-ro-1',
  reason: 'busy',
  message,
});

async function committed(store: Store, commit: Commit): Promise<number> {
  const result = await store.commit(commit);
  assert.equal(result.outcome, 'committed');
  return result.revision;
}

async function keysOf(store: Store, begin: string): Promise<string[]> {
  return (await store.list(prefix(begin))).map((entry) => entry.key);
}

/** Waits until the microtasks that are queued now have run. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

const folder = mkdtempSync(path.join(tmpdir(), 'chester-store-'));
after(() => {
  rmSync(folder, { recursive: true });
});
let files = 0;
function openEmbedded(): EmbeddedStore {
  files += 1;
  return EmbeddedStore.open({ file: path.join(folder, `${files}.db`) });
}

for (const { name, open } of [
  { name: 'FakeStore', open: () => new FakeStore() },
  { name: 'EmbeddedStore', open: openEmbedded },
]) {
  describe(`Store: ${name}`, () => {
    const opened: Store[] = [];
    const start = (): Store => {
      const store = open();
      opened.push(store);
      return store;
    };
    after(() => {
      for (const store of opened) if (store instanceof EmbeddedStore) store.close();
    });

    describe('get, list', () => {
      it('say null and nothing of what was never written', async () => {
        const store = start();
        assert.equal(await store.get(key('group/orders')), null);
        assert.deepEqual(await store.list(prefix('group/')), []);
      });

      it('give values back with the revision of their last change, as copies', async () => {
        const store = start();
        const value = { n: 1, nested: { list: ['a', null] } };
        const revision = await committed(store, { writes: [{ key: key('a'), value, ifRevision: 0 }] });
        value.nested.list.push('b');
        const read = await store.get(key('a'));
        assert.deepEqual(read, { key: 'a', value: { n: 1, nested: { list: ['a', null] } }, revision });
        assert.notEqual((await store.get(key('a')))?.value, read.value);
      });

      it('list in the order of bytes', async () => {
        const store = start();
        const names = ['a/b', 'a/B', 'a/-', 'a/é', 'a/\u{1f600}', 'a/\ufffd', 'a/\ue000', 'a/', 'a/b/c', 'a/~'];
        await committed(store, { writes: names.map((text) => put(text, 1)) });
        const sorted = [...names].sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
        assert.deepEqual(await keysOf(store, 'a/'), sorted);
      });

      it('take every character of a prefix literally', async () => {
        const store = start();
        const names = ['a%c', 'a_c', 'abc', 'a*', 'a%', 'A%c', 'a', 'b', 'a\\%', "a'"];
        await committed(store, { writes: names.map((text) => put(text, 1)) });
        assert.deepEqual(await keysOf(store, 'a%'), ['a%', 'a%c']);
        assert.deepEqual(await keysOf(store, 'a_'), ['a_c']);
        assert.deepEqual(await keysOf(store, "a'"), ["a'"]);
        assert.equal((await keysOf(store, '')).length, names.length);
      });

      it('tell keys apart that differ behind a NUL', async () => {
        const store = start();
        await committed(store, { writes: [put('a/\0one', 1, 0), put('a/', 3, 0), put('a/\0two', 2, 0)] });
        assert.deepEqual(await keysOf(store, 'a/'), ['a/', 'a/\0one', 'a/\0two']);
        assert.equal((await store.get(key('a/\0two')))?.value.n, 2);
      });
    });

    describe('commit', () => {
      it('counts revisions up, one a commit, also after a delete', async () => {
        const store = start();
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
          const store = start();
          await committed(store, { writes: [put('a', 1), put('gone', 1)] });
          const before = await committed(store, { writes: [put('a', 2), remove('gone')] });
          const heard: unknown[] = [];
          store.watch('', (keys) => heard.push(keys));
          store.watchEvents(() => heard.push('event'));
          const result = await store.commit({ writes: [put('other', 1), write], events: [event('lost')] });
          assert.deepEqual(result, { outcome: 'conflict', key: write.key });
          await turn();
          assert.deepEqual(heard, []);
          assert.deepEqual(await keysOf(store, ''), ['a']);
          assert.equal((await store.get(key('a')))?.value.n, 2);
          assert.equal(await store.lastEventSequence(), 0);
          assert.equal(await committed(store, { writes: [] }), before + 1);
        });
      }

      it('changes exactly what was read', async () => {
        const store = start();
        const revision = await committed(store, { writes: [put('a', 1, 0)] });
        await committed(store, { writes: [put('b', 1)] });
        await committed(store, { writes: [put('a', 2, revision)] });
        await committed(store, { writes: [remove('b', revision + 1), remove('absent'), remove('absent too', 0)] });
        assert.deepEqual(await keysOf(store, ''), ['a']);
      });

      it('refuses a decision of an older term, and one of a term that it never gave out', async () => {
        const store = start();
        const old = await store.beginTerm('one', 1000);
        await committed(store, { writes: [put('a', 1)], fencingToken: old.fencingToken });
        const { fencingToken } = await store.beginTerm('two', 1000);
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
        const store = start();
        const { fencingToken } = await store.beginTerm('one', 1000);
        await store.beginTerm('two', 1000);
        const result = await store.commit({ writes: [put('a', 2, 77)], fencingToken });
        assert.equal(result.outcome, 'fenced');
      });

      it('crashes on a commit that is a bug, and writes nothing', async () => {
        const store = start();
        await assert.rejects(store.commit({ writes: [put('a', 1), put('a', 2)] }), { name: 'AssertionError' });
        await assert.rejects(store.commit({ writes: [put('', 1)] }), { name: 'AssertionError' });
        const writes = [put('a', 1), { key: key('b'), value: undefined, ifRevision: null }];
        await assert.rejects(store.commit({ writes }), { name: 'AssertionError' });
        assert.deepEqual(await keysOf(store, ''), []);
      });

      it('lets one of many at once through, and no two with one revision', async () => {
        const store = start();
        const tries = Array.from({ length: 20 }, (_, n) => store.commit({ writes: [put('a', n, 0)] }));
        const outcomes = (await Promise.all(tries)).map(({ outcome }) => outcome);
        assert.deepEqual(outcomes, ['committed', ...Array<string>(19).fill('conflict')]);
      });
    });

    describe('beginTerm', () => {
      it('gives a token above every earlier one, at least the time and the minimum', async () => {
        const store = start();
        const first = await store.beginTerm('one', 1_795_300_000_000.2);
        assert.deepEqual(first, { holder: 'one', fencingToken: 1_795_300_000_001 });
        assert.equal((await store.beginTerm('two', 5)).fencingToken, first.fencingToken + 1);
        const raised = await store.beginTerm('one', 5, first.fencingToken + 1000);
        assert.equal(raised.fencingToken, first.fencingToken + 1000);
        assert.equal((await store.beginTerm('one', 5, 0)).fencingToken, raised.fencingToken + 1);
      });
    });

    describe('watch', () => {
      it('tells the keys of each later commit that begin with the prefix, in order of the commits', async () => {
        const store = start();
        await committed(store, { writes: [put('a/0', 1)] });
        const heard: (readonly string[])[] = [];
        store.watch('a/', (keys) => heard.push(keys));
        await Promise.all([
          store.commit({ writes: [put('a/1', 1), put('b/1', 1), put('a/2', 1)] }),
          store.commit({ writes: [put('b/2', 1)] }),
          store.commit({ writes: [remove('a/1'), remove('a/absent')] }),
        ]);
        await turn();
        assert.deepEqual(heard, [['a/1', 'a/2'], ['a/1']]);
      });

      it('comes after the commit: what it says is there to be read', async () => {
        const store = start();
        const read = new Promise<unknown>((resolve) => {
          store.watch('a', () => {
            resolve(store.get(key('a')));
          });
        });
        const revision = await committed(store, { writes: [put('a', 5)] });
        assert.deepEqual(await read, { key: 'a', value: { n: 5 }, revision });
      });

      it('never runs inside the commit, and ends when it is told to', async () => {
        const store = start();
        const heard: string[] = [];
        const end = store.watch('', (keys) => heard.push(...keys));
        const endEvents = store.watchEvents(() => heard.push('event'));
        const pending = store.commit({ writes: [put('a', 1)], events: [event('one')] });
        assert.deepEqual(heard, []);
        await pending;
        await turn();
        assert.deepEqual(heard, ['a', 'event']);
        const unheard = store.commit({ writes: [put('b', 1)], events: [event('two')] });
        end();
        endEvents();
        await unheard;
        await turn();
        assert.deepEqual(heard, ['a', 'event']);
      });
    });

    describe('events', () => {
      it('come back oldest first, after a sequence, at most so many, of a group', async () => {
        const store = start();
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
        const store = start();
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

      it('are pruned from the oldest, and their sequences are never used again', async () => {
        const store = start();
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
}

describe('FakeStore', () => {
  it('throws nextError once', async () => {
    const store = new FakeStore();
    store.nextError = new Error('disk full');
    await assert.rejects(store.commit({ writes: [put('a', 1)] }), /disk full/);
    await committed(store, { writes: [put('a', 1, 0)] });
  });
});
