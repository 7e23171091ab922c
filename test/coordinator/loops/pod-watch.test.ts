import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { keys, prefixes } from '../../../coordinator/core/records.ts';
import { PodWatch } from '../../../coordinator/loops/pod-watch.ts';
import { Roster } from '../../../coordinator/loops/roster.ts';
import { TermKeeper } from '../../../coordinator/loops/term-keeper.ts';
import { createLogger } from '../../../process/log.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { FakeMetrics } from '../../fakes/fake-metrics.ts';
import { FakeStore } from '../../fakes/fake-store.ts';
import { voter } from '../builders.ts';

function setUp(scope = 'east|proxysql|', store = new FakeStore()) {
  const clock = new FakeClock();
  const log = createLogger('test', 'silent');
  const shared = { store, clock, log };
  const roster = new Roster({ ...shared, metrics: new FakeMetrics(), term: new TermKeeper(shared, 'c') });
  let uids: readonly string[] | null = [];
  const pods = {
    list: () =>
      uids === null ? Promise.reject(new Error('403')) : Promise.resolve(uids.map((uid) => ({ name: uid, uid }))),
  };
  const connected = new Set<string>();
  const watch = new PodWatch(
    { ...shared, pods, facts: roster, connectedUids: () => connected },
    { scope, intervalMs: 10_000 },
  );
  const put = async (agentId: string, podUid = agentId) => {
    for (const group of ['orders', 'users']) {
      const value = voter(agentId, { podUid });
      await store.commit({ writes: [{ key: keys.voter(group, agentId), value, ifRevision: null }] });
    }
  };
  /** Looks so often at these pods; null: the list fails. */
  const look = async (listed: readonly string[] | null, times = 1) => {
    uids = listed;
    for (let count = 0; count < times; count += 1) await watch.look();
    const voters = await store.list(prefixes.voters('orders'));
    return voters.map(({ value }) => value.agentId).join(' ');
  };
  return { store, clock, watch, put, look, connected };
}

describe('PodWatch', () => {
  it('lets a voter go whose pod is missing from three complete lists in a row, from every roster', async () => {
    const { store, put, look } = setUp();
    await put('a');
    await put('b');
    assert.equal(await look(['a', 'b']), 'a b');
    assert.equal(await look(['b'], 2), 'a b');
    assert.equal(await look(['b']), 'b');
    assert.equal((await store.list(prefixes.allVoters)).length, 2);
    const events = await store.readEvents({ afterSequence: 0, limit: 9 });
    assert(events.some(({ reason, message }) => reason === 'LEFT_ROSTER' && message.includes('UID a')));
  });

  it('begins the count anew when a list fails, or the pod is there again', async () => {
    const { put, look } = setUp();
    await put('a');
    await look(['a']);
    await look([], 2);
    assert.equal(await look(null), 'a');
    await look([], 2);
    await look(['a']);
    assert.equal(await look([], 2), 'a');
    assert.equal(await look([]), '');
  });

  it('keeps whom no such list ever had, who has no UID, and who is connected', async () => {
    const { put, look, connected } = setUp();
    await put('elsewhere');
    await put('bare', '');
    await put('here');
    connected.add('here');
    await look(['here']);
    assert.equal(await look([], 5), 'bare elsewhere here');
  });

  it('does not judge by a list of other pods than those that it had looked through before', async () => {
    const { store, put, look } = setUp();
    await put('a');
    await look(['a']);
    const other = setUp('east|other|', store);
    assert.equal(await other.look([], 5), 'a');
  });

  it('keeps the successor of a pod under the same name', async () => {
    const { put, look } = setUp();
    await put('a', 'old');
    await look(['old']);
    await look([], 2);
    await put('a', 'new');
    assert.equal(await look([], 5), 'a');
  });

  it('looks again and again, and stops', async () => {
    const { clock, watch, put, look, store } = setUp();
    await put('a');
    await look(['a']);
    await look([], 1);
    watch.start();
    await clock.advance(30_000);
    await watch.stop();
    assert.deepEqual(await store.list(prefixes.allVoters), []);
    assert.equal(clock.pendingTimers, 0);
  });
});
