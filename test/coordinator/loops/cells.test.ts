import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isGone } from '../../../coordinator/core/cells.ts';
import { keys, prefixes } from '../../../coordinator/core/records.ts';
import { BallotWriter } from '../../../coordinator/loops/ballot-writer.ts';
import { CellKeeper } from '../../../coordinator/loops/cell-keeper.ts';
import { createLogger } from '../../../process/log.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { FakeFanout } from '../../fakes/fake-fanout.ts';
import { FakeStore } from '../../fakes/fake-store.ts';
import { groupSpec, published, voter } from '../builders.ts';

const address = { hostname: '10.0.0.1', port: 3306 };
const leaving = [{ ...address, sinceRevision: 5 }];
const absent = [{ ...address, revision: 5 }];
const log = createLogger('test', 'silent');
const silentMs = 15_000;

/** One coordinator of a cell: its signs and its ballots. */
class CellProcess {
  readonly keeper: CellKeeper;
  readonly fanout = new FakeFanout();
  readonly silent = new Map<string, boolean>();
  readonly #writer: BallotWriter | null;

  constructor(store: FakeStore, clock: FakeClock, cell: string) {
    const shared = { store, clock, log };
    const onSilent = (name: string, isSilent: boolean) => this.silent.set(name, isSilent);
    const options = { coordinatorId: `c-${cell}`, cell, mayDecide: true, signMs: 3000, silentMs };
    this.keeper = new CellKeeper({ ...shared, fanout: this.fanout, agents: () => 1, onSilent }, options);
    this.#writer = cell === '' ? null : new BallotWriter(shared, cell);
  }

  async start(): Promise<this> {
    await this.keeper.start();
    await this.#writer?.start();
    return this;
  }

  async stop(): Promise<void> {
    await this.#writer?.stop();
    await this.keeper.stop();
  }

  /** What the holder would be told of the address. */
  async asks(store: FakeStore): Promise<string> {
    const voters = (await store.list(prefixes.voters('orders'))).map(({ value }) => value);
    const gone = isGone(address, { leaving, voters, cells: await this.keeper.views('orders') });
    return gone.isGone ? 'gone' : `${gone.reason} ${gone.waitingFor}`;
  }
}

async function setUp() {
  const clock = new FakeClock();
  const store = new FakeStore(() => clock.monotonicMs());
  await store.commit({
    writes: [
      { key: keys.group('orders'), value: groupSpec(), ifRevision: 0 },
      { key: keys.snapshot('orders'), value: published({ revision: 5, leaving }), ifRevision: 0 },
    ],
  });
  const put = (agentId: string, cell: string, hasVoted: boolean) => {
    const value = voter(agentId, { cell, absent: hasVoted ? absent : [] });
    return store.commit({ writes: [{ key: keys.voter('orders', agentId, cell), value, ifRevision: null }] });
  };
  const east = await new CellProcess(store, clock, 'east').start();
  const west = await new CellProcess(store, clock, 'west').start();
  await clock.advance(10_000);
  return { clock, store, put, east, west };
}

const by = { owner: 'ann', reason: 'the cluster was dissolved' };

describe('cells', () => {
  it('agree that an address is gone when the voters of all have proven it', async () => {
    const { clock, store, put, east, west } = await setUp();
    await put('p1', 'east', true);
    await put('p1', 'west', false);
    await clock.advance(1000);
    assert.equal(await east.asks(store), 'VOTERS_OUTSTANDING p1');
    const ballot = (await store.get(keys.ballot('orders')))?.value.cells ?? {};
    const outstanding = Object.entries(ballot).map(([name, entry]) => [name, entry.waiting[0]?.outstanding]);
    assert.deepEqual(outstanding, [
      ['east', 0],
      ['west', 1],
    ]);
    await put('p1', 'west', true);
    assert.match(await east.asks(store), /^VOTERS_OUTSTANDING cell west has not said/, 'its ballot is of before');
    await clock.advance(1000);
    assert.equal(await east.asks(store), 'gone');
    await store.commit({
      writes: [{ key: keys.snapshot('orders'), value: published({ revision: 6 }), ifRevision: null }],
    });
    await clock.advance(1000);
    assert.equal(await store.get(keys.ballot('orders')), null, 'there is nothing to vote on');
    await Promise.all([east.stop(), west.stop()]);
  });

  it('hold while one is silent, until an operator gives it up; and count it again when it comes back', async () => {
    const { clock, store, put, east, west } = await setUp();
    await put('p1', 'east', true);
    await put('p1', 'west', false);
    assert.equal(await east.keeper.retire('west', by), 'cell west gives signs of life: stop its coordinators first');
    assert.equal(await east.keeper.retire('north', by), 'there is no cell north');
    await west.stop();
    await put('p1', 'west', true);
    await clock.advance(silentMs + 5000);
    assert.equal(await east.asks(store), 'CELL_SILENT cell west gives no sign of life');
    assert.deepEqual([...east.silent].sort(), [
      ['east', false],
      ['west', true],
    ]);
    assert.equal(await east.keeper.retire('west', by), null);
    await clock.advance(1000);
    assert.equal(await east.asks(store), 'gone');
    assert.deepEqual(await store.list(prefixes.votersOfCell('orders', 'west')), []);
    const standing = east.keeper.standings().find(({ name }) => name === 'west');
    assert.deepEqual(standing?.retired?.owner, 'ann');
    const back = await new CellProcess(store, clock, 'west').start();
    await clock.advance(10_000);
    assert.deepEqual(back.fanout.recompared, ['orders'], 'its agents are voters again');
    assert.equal(await east.asks(store), 'gone');
    await back.stop();
    await clock.advance(silentMs + 5000);
    assert.match(await east.asks(store), /^CELL_SILENT/);
    await east.stop();
    assert.equal(clock.pendingTimers, 0);
  });

  it('give up no agent of one that comes back in the middle of it', async () => {
    const { clock, store, put, east, west } = await setUp();
    for (let agent = 0; agent < 501; agent += 1) await put(`p${agent}`, 'west', false);
    await west.stop();
    await clock.advance(silentMs + 5000);
    const commit = store.commit.bind(store);
    let back: CellProcess | null = null;
    store.commit = async (intent) => {
      const result = await commit(intent);
      if (back === null && intent.writes.length === 501) {
        store.commit = commit;
        back = await new CellProcess(store, clock, 'west').start();
        await put('p0', 'west', false);
      }
      return result;
    };
    assert.match((await east.keeper.retire('west', by)) ?? '', /came back meanwhile/);
    const left = await store.list(prefixes.votersOfCell('orders', 'west'));
    assert.deepEqual(
      left.map(({ value }) => value.agentId).sort(),
      ['p0', 'p99'],
      'the one that left last, and who came again',
    );
    await east.stop();
  });

  it('count again when the store has lost that they are there', async () => {
    const clock = new FakeClock();
    const store = new FakeStore(() => clock.monotonicMs());
    await store.commit({ writes: [{ key: keys.group('orders'), value: groupSpec(), ifRevision: 0 }] });
    const before = store.moment();
    const west = await new CellProcess(store, clock, 'west').start();
    store.goBack(before);
    await clock.advance(5000);
    assert.deepEqual(
      west.keeper.standings().map(({ name, retired }) => [name, retired]),
      [['west', null]],
    );
    assert.equal((await store.list(prefixes.cells)).length, 1);
    assert(west.fanout.recompared.includes('orders'), 'its agents are voters again');
    await west.stop();
  });

  it('do not take a sign of yesterday for one of life', async () => {
    const { clock, store, put, east, west } = await setUp();
    await put('p1', 'east', true);
    await Promise.all([east.stop(), west.stop()]);
    const sign = { id: 'c-west', cell: 'west', beat: 7, agents: 1, mayDecide: true, atMs: clock.nowMs() };
    await store.commit({ writes: [{ key: keys.coordinator('c-west'), value: sign, ifRevision: null }] });
    const later = await new CellProcess(store, clock, 'east').start();
    await clock.advance(1000);
    assert.match(await later.asks(store), /^CELL_SILENT cell west/);
    await store.commit({
      writes: [{ key: keys.coordinator('c-west'), value: { ...sign, beat: 8 }, ifRevision: null }],
    });
    await clock.advance(0);
    assert.equal(await later.asks(store), 'gone');
    await clock.advance(5000);
    assert.deepEqual(
      later.keeper
        .alive()
        .map(({ id }) => id)
        .sort(),
      ['c-east', 'c-west'],
    );
    await later.stop();
  });

  it('are nobody where nobody named one', async () => {
    const clock = new FakeClock();
    const store = new FakeStore(() => clock.monotonicMs());
    const lone = await new CellProcess(store, clock, '').start();
    assert.deepEqual(await lone.keeper.views('orders'), []);
    assert.deepEqual(lone.keeper.standings(), []);
    await lone.stop();
    assert.deepEqual(await store.list(prefixes.coordinators), []);
  });
});
