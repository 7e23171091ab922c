import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { keys, type NewEvent, prefixes } from '../../../coordinator/core/records.ts';
import { Retention } from '../../../coordinator/loops/retention.ts';
import { createLogger } from '../../../process/log.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { FakeStore } from '../../fakes/fake-store.ts';
import { incident } from '../builders.ts';

const options = {
  eventsMax: 3,
  keepMs: 1000,
  incidentsMax: 2,
  setAsideMax: 2,
  setAsideBytesMax: 100,
  intervalMs: 100,
};

function setUp() {
  const store = new FakeStore();
  const clock = new FakeClock();
  const retention = new Retention(
    { store, clock, log: createLogger('test', 'silent'), term: { fencingToken: 1, isHeld: true } },
    options,
  );
  const put = (id: string, change: object) => ({
    key: keys.incident('orders', id),
    value: incident({ id, ...change }),
    ifRevision: 0,
  });
  const aside = (id: string, receivedAtMs: number) => ({
    key: keys.setAside(id),
    value: { id, source: 'test', reason: 'x', receivedAtMs, excerpt: '' },
    ifRevision: 0,
  });
  return { store, clock, retention, put, aside };
}

describe('Retention', () => {
  it('drops closed incidents that are old, never open ones', async () => {
    const { store, clock, retention, put } = setUp();
    const old = clock.nowMs() - 1001;
    await store.commit({
      writes: [
        put('open-old', { lastSeenAtMs: old }),
        put('closed-old', { state: 'closed', lastSeenAtMs: old }),
        put('closed-new', { state: 'closed', lastSeenAtMs: clock.nowMs() - 1000 }),
      ],
    });
    await retention.sweep();
    assert.deepEqual(
      (await store.list(prefixes.allIncidents)).map(({ value }) => value.id),
      ['closed-new', 'open-old'],
    );
  });

  it('keeps the newest messages that were set aside', async () => {
    const { store, clock, retention, aside } = setUp();
    const nowMs = clock.nowMs();
    await store.commit({
      writes: [aside('a', nowMs - 3), aside('b', nowMs - 1), aside('c', nowMs - 2), aside('d', nowMs - 5000)],
    });
    await retention.sweep();
    assert.deepEqual(
      (await store.list(prefixes.setAside)).map(({ value }) => value.id),
      ['b', 'c'],
    );
  });

  it('keeps the newest closed incidents, and their index', async () => {
    const { store, clock, retention, put } = setUp();
    const index = (id: string) => ({
      key: keys.incidentIndex(id),
      value: { groups: ['orders'], earlyClose: null },
      ifRevision: 0,
    });
    const nowMs = clock.nowMs();
    await store.commit({
      writes: ['a', 'b', 'c'].flatMap((id, age) => [
        put(id, { state: 'closed', lastSeenAtMs: nowMs - age }),
        index(id),
      ]),
    });
    await store.commit({ writes: [put('open', { lastSeenAtMs: 0 }), index('open')] });
    await retention.sweep();
    assert.deepEqual(
      (await store.list(prefixes.allIncidents)).map(({ value }) => value.id),
      ['a', 'b', 'open'],
    );
    assert.deepEqual(
      (await store.list(prefixes.incidentIndexes)).map(({ key }) => key),
      ['a', 'b', 'open'].map(keys.incidentIndex),
    );
  });

  it('waits as long for the incident of an early close', async () => {
    const { store, clock, retention } = setUp();
    const early = (id: string, lastSeenAtMs: number) => {
      const sighting = incident({ id, state: 'closed', lastSeenAtMs });
      const value = { groups: [], earlyClose: { sighting, setAsideId: 'x' } };
      return { key: keys.incidentIndex(id), value, ifRevision: 0 };
    };
    await store.commit({ writes: [early('new', clock.nowMs()), early('old', clock.nowMs() - 1001)] });
    await retention.sweep();
    assert.deepEqual(
      (await store.list(prefixes.incidentIndexes)).map(({ key }) => key),
      [keys.incidentIndex('new')],
    );
  });

  it('drops a text with its message, and those that are too much in size', async () => {
    const { store, clock, retention, aside } = setUp();
    const text = (id: string) => ({ key: keys.setAsideText(id), value: 'text', ifRevision: 0 });
    const big = aside('big', clock.nowMs() - 1);
    await store.commit({
      writes: [
        aside('small', clock.nowMs()),
        text('small'),
        { ...big, value: { ...big.value, bytes: 101 } },
        text('big'),
      ],
    });
    await retention.sweep();
    assert.deepEqual(
      (await store.list(prefixes.setAside)).map(({ value }) => value.id),
      ['small'],
    );
    assert.notEqual(await store.get(keys.setAsideText('small')), null);
    assert.equal(await store.get(keys.setAsideText('big')), null);
  });

  it('drops events by age', async () => {
    const { store, clock, retention } = setUp();
    const event: NewEvent = { atMs: 0, group: '', kind: 'GROUP', subject: '', reason: '', message: '' };
    const nowMs = clock.nowMs();
    await store.commit({
      writes: [],
      events: [event, { ...event, atMs: nowMs - 1001 }, { ...event, atMs: nowMs - 1000 }],
    });
    await retention.sweep();
    assert.deepEqual(
      (await store.readEvents({ afterSequence: 0, limit: 9 })).map(({ sequence }) => sequence),
      [3],
    );
    await clock.advance(1);
    await retention.sweep();
    assert.deepEqual(await store.readEvents({ afterSequence: 0, limit: 9 }), []);
  });

  it('keeps the newest events', async () => {
    const { store, clock, retention } = setUp();
    const event: NewEvent = { atMs: clock.nowMs(), group: '', kind: 'GROUP', subject: '', reason: '', message: '' };
    await store.commit({ writes: [], events: [event, event, event, event, event] });
    await retention.sweep();
    assert.deepEqual(
      (await store.readEvents({ afterSequence: 0, limit: 9 })).map(({ sequence }) => sequence),
      [3, 4, 5],
    );
  });

  it('goes on after a failure, and stops', async () => {
    const { store, clock, retention, aside } = setUp();
    store.nextError = new Error('disk');
    retention.start();
    await clock.advance(50);
    await store.commit({ writes: [aside('old', clock.nowMs() - 5000)] });
    await clock.advance(50);
    assert.equal((await store.list(prefixes.setAside)).length, 0);
    await retention.stop();
    assert.equal(clock.pendingTimers, 0);
  });
});
