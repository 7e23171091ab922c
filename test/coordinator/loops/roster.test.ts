import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { keys, prefixes } from '../../../coordinator/core/records.ts';
import { Roster } from '../../../coordinator/loops/roster.ts';
import { TermKeeper } from '../../../coordinator/loops/term-keeper.ts';
import { createLogger } from '../../../process/log.ts';
import { FakeClock, settled } from '../../fakes/fake-clock.ts';
import { FakeMetrics } from '../../fakes/fake-metrics.ts';
import { FakeStore } from '../../fakes/fake-store.ts';
import { published } from '../builders.ts';

const agent = { agentId: 'a', fleet: 'main', cell: 'default', podUid: 'uid', proxyBoot: 'boot-1' };
const address = { hostname: '10.0.0.1', port: 3306 };
const votes = (change = {}) => ({
  proxyBoot: 'boot-1',
  removing: [],
  absent: [{ ...address, revision: 3 }],
  ...change,
});

async function setUp() {
  const store = new FakeStore();
  const clock = new FakeClock();
  const log = createLogger('test', 'silent');
  const term = new TermKeeper({ store, clock, log }, 'c1');
  await term.start();
  const metrics = new FakeMetrics();
  const roster = new Roster({
    store,
    clock,
    log,
    term,
    metrics,
  });
  const snapshot = published({ revision: 3, leaving: [{ ...address, sinceRevision: 3 }] });
  await store.commit({ writes: [{ key: keys.snapshot('orders'), value: snapshot, ifRevision: 0 }] });
  const read = async () => (await store.get(keys.voter('orders', 'a')))?.value ?? null;
  const events = async () =>
    (await store.readEvents({ afterSequence: 0, limit: 100 })).map(
      ({ kind, subject, reason }) => `${kind} ${subject} ${reason}`,
    );
  return { store, clock, term, metrics, roster, read, events };
}

describe('Roster', () => {
  it('has an agent durably before enrol resolves, and only once', async () => {
    const { store, roster, events } = await setUp();
    await roster.enrol('orders', agent);
    await roster.enrol('orders', agent);
    assert.equal((await store.list(prefixes.voters('orders'))).length, 1);
    assert.deepEqual(await events(), ['AGENT a ENROLLED']);
    store.nextError = new Error('disk');
    await assert.rejects(roster.enrol('billing', agent), /disk/);
  });

  it('keeps the votes of the same proxy, and voids those of another boot or pod', async () => {
    for (const [change, expected] of [
      [{}, 1],
      [{ proxyBoot: 'boot-2' }, 0],
      [{ podUid: 'other' }, 0],
    ] as const) {
      const { clock, roster, read } = await setUp();
      await roster.enrol('orders', agent);
      await roster.recordVotes('orders', agent, votes());
      const joinedAtMs = clock.nowMs();
      await clock.advance(5);
      await roster.enrol('orders', { ...agent, ...change });
      assert.equal((await read())?.absent.length, expected);
      assert.equal((await read())?.joinedAtMs, joinedAtMs);
    }
  });

  it('notes what a proxy may have whose agent comes back, for those alone that were not on the roster', async () => {
    const { store, roster } = await setUp();
    const row = { hostname: '10.0.0.7', port: '3306' };
    const named = { hostname: address.hostname, port: String(address.port) };
    const past = { revision: 2, hash: 'h', committedAtMs: 1, version: 1, summary: '', tables: {} };
    const kept = { ...past, tables: { mysql_servers: { one: row, two: named } } };
    const returned = async () => (await store.get(keys.returned('orders')))?.value.addresses ?? null;
    await store.commit({ writes: [{ key: keys.pastSnapshot('orders', 2), value: kept, ifRevision: 0 }] });
    await roster.enrol('orders', agent);
    await roster.enrol('orders', agent, [2]);
    assert.equal(await returned(), null, 'it was waited for');
    await roster.enrol('orders', { ...agent, agentId: 'b' }, [1]);
    assert.equal(await returned(), null, 'nobody knows any more what it had');
    await roster.enrol('orders', { ...agent, agentId: 'c' }, [1, 2]);
    await roster.enrol('orders', { ...agent, agentId: 'd' }, [2]);
    assert.deepEqual(await returned(), [{ hostname: '10.0.0.7', port: 3306 }]);
  });

  it('stores a vote once, and nothing for an agent or group that it does not know', async () => {
    const { store, roster, read, events } = await setUp();
    await roster.recordVotes('orders', agent, votes());
    assert.equal(await read(), null);
    await roster.enrol('orders', agent);
    await roster.recordVotes('orders', agent, votes());
    await roster.recordVotes('orders', agent, votes());
    await roster.recordVotes('unknown', agent, votes());
    assert.deepEqual((await read())?.absent, [{ ...address, revision: 3 }]);
    assert.deepEqual(await events(), ['AGENT a ENROLLED', 'VOTE a ABSENT']);
    assert.equal((await store.list(prefixes.allVoters)).length, 1);
  });

  it('loses no vote of two agents that tell at once', async () => {
    const { store, roster } = await setUp();
    const ids = ['a', 'b', 'c'];
    await Promise.all(ids.map((agentId) => roster.enrol('orders', { ...agent, agentId })));
    await Promise.all(ids.map((agentId) => roster.recordVotes('orders', { ...agent, agentId }, votes())));
    assert((await store.list(prefixes.voters('orders'))).every(({ value }) => value.absent.length === 1));
  });

  it('takes an agent off every roster, and no other', async () => {
    const { store, roster } = await setUp();
    await roster.enrol('orders', agent);
    await roster.enrol('billing', agent);
    await roster.enrol('orders', { ...agent, agentId: 'b' });
    assert.deepEqual(await roster.leave({ agentId: 'a' }, 'Goodbye'), ['billing', 'orders']);
    assert.deepEqual(
      (await store.list(prefixes.allVoters)).map(({ value }) => value.agentId),
      ['b'],
    );
    assert.deepEqual(await roster.leave({ agentId: 'a' }, 'Goodbye'), []);
  });

  it('asks for a revision above one that the store lost, and for a term above one it never gave', async () => {
    const { store, clock, term, roster, events } = await setUp();
    await roster.noteRevisionAhead('orders', 3);
    assert.deepEqual(await store.list(prefixes.freezes), [], 'the store has it');
    await roster.noteRevisionAhead('orders', 50);
    await clock.advance(5);
    await roster.noteRevisionAhead('orders', 60);
    await roster.noteRevisionAhead('orders', 55);
    const [freeze] = await store.list(prefixes.freezes);
    assert.deepEqual([freeze?.value.group, freeze?.value.aboveRevision], ['orders', 60]);
    assert.equal(freeze?.value.sinceMs, clock.nowMs() - 5);
    assert.deepEqual(await events(), ['ALARM orders STORE_WENT_BACK']);
    const epoch = term.fencingToken + 1000;
    await roster.noteEpochAhead(epoch);
    assert(term.fencingToken > epoch);
  });

  it('holds nothing up for an event that cannot be stored', async () => {
    const { store, metrics, roster, events } = await setUp();
    store.nextError = new Error('disk');
    roster.noteAgent('a', 'CONNECTED', '');
    await settled();
    const slowest = [
      { agentId: 'b', ms: 12.345 },
      { agentId: 'a', ms: 3 },
    ];
    roster.noteConverged(published(), { agents: 3, tookMs: 12.345, mergedMs: 0, canaryMs: 1.25, slowest });
    await settled();
    const [told] = await store.readEvents({ afterSequence: 0, limit: 9 });
    assert.equal(told?.message, '3 of 3 agents, 12.3 ms after commit; first wave 1.3 ms, b 12.3 ms, a 3.0 ms');
    assert.deepEqual(metrics.convergenceSeconds, [0.012345]);
    assert.deepEqual(await events(), ['SNAPSHOT_CONVERGED 1 APPLIED']);
  });
});
