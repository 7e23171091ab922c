import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isEmpty, readDump } from '../../../coordinator/adapters/store-dump.ts';
import { put } from '../../contract/store/stores.ts';
import { FakeStore } from '../../fakes/fake-store.ts';

describe('readDump', () => {
  it('takes what it has read of old events that are dropped meanwhile, and every one after them', async () => {
    const store = new FakeStore();
    const event = { atMs: 1, group: 'orders', kind: 'WAIT', subject: '', reason: '', message: '' } as const;
    await store.commit({ writes: [], events: Array.from({ length: 2500 }, () => event) });
    const read = store.readEvents.bind(store);
    let reads = 0;
    store.readEvents = async (query) => {
      const events = await read(query);
      reads += 1;
      if (reads === 1) await store.pruneEvents(1200);
      return events;
    };
    const { events, lastSequence } = await readDump(store);
    assert.deepEqual([events[0]?.sequence, events.at(-1)?.sequence, events.length], [1, 2500, 2200]);
    assert.equal(lastSequence, 2500);
  });

  it('is of one moment also where somebody writes while events are read', async () => {
    const store = new FakeStore();
    const event = { atMs: 1, group: 'orders', kind: 'WAIT', subject: '', reason: '', message: '' } as const;
    const write = (n: number) => store.commit({ writes: [put('a', n)], events: [event] });
    await store.commit({ writes: [put('a', 0)], events: Array.from({ length: 1500 }, () => event) });
    const read = store.readEvents.bind(store);
    store.readEvents = async (query) => {
      await write(query.afterSequence + 1);
      return read(query);
    };
    const { head, entries, events, lastSequence } = await readDump(store);
    assert.deepEqual([head.revision, entries.map(({ value }) => value)], [1, [{ n: 0 }]]);
    assert.deepEqual([lastSequence, events.length, events.at(-1)?.sequence], [1500, 1500, 1500]);
    const list = store.list.bind(store);
    store.list = async (prefix) => {
      await write(9);
      return list(prefix);
    };
    await assert.rejects(readDump(store), { code: 'STORE_IN_USE' });
  });
});

describe('isEmpty', () => {
  it('goes by what is there, not by numbers of events that were given out or left out', async () => {
    const store = new FakeStore();
    assert.equal(await isEmpty(store), true);
    store.lastEventSequence = () => Promise.resolve(1_048_576);
    assert.equal(await isEmpty(store), true);
    await store.commit({ writes: [put('a', 1)] });
    assert.equal(await isEmpty(store), false);
  });
});
