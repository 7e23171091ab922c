import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { keys } from '../../../coordinator/core/records.ts';
import { commitDecision, commitFact, confirmTerm } from '../../../coordinator/loops/commits.ts';
import { TermKeeper } from '../../../coordinator/loops/term-keeper.ts';
import { createLogger } from '../../../process/log.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { FakeStore } from '../../fakes/fake-store.ts';

const key = keys.fleet('main');
const write = { key, value: { name: 'main', cell: 'default' }, ifRevision: null };

const ttlMs = 9000;

function setUp(world: { store?: FakeStore; clock?: FakeClock } = {}, holder = 'c1', mayDecide = true) {
  const clock = world.clock ?? new FakeClock();
  const store = world.store ?? new FakeStore(() => clock.monotonicMs());
  const log = createLogger('test', 'silent');
  const term = new TermKeeper({ store, clock, log }, holder, { leaseTtlMs: ttlMs, mayDecide });
  return { store, clock, term };
}

/** Two coordinators on one store; the first holds the term. */
async function setUpTwo() {
  const { store, clock, term } = setUp();
  const other = setUp({ store, clock }, 'c2').term;
  await term.start();
  await other.start();
  return { store, clock, term, other };
}

describe('TermKeeper', () => {
  it('holds a term from its start to its stop', async () => {
    const { clock, term } = setUp();
    assert.equal(term.isHeld, false);
    await term.start();
    assert.equal(term.isHeld, true);
    assert(term.fencingToken >= clock.nowMs());
    await clock.advance(20 * ttlMs);
    assert.equal(term.isHeld, true);
    await term.stop();
    assert.equal(term.isHeld, false);
    await term.raiseAbove(term.fencingToken + 5);
    assert.equal(term.isHeld, false);
    assert.equal(clock.pendingTimers, 0);
  });

  it('begins a term above an epoch that somebody saw, once', async () => {
    const { term } = setUp();
    await term.start();
    const first = term.fencingToken;
    await term.raiseAbove(first - 1);
    assert.equal(term.fencingToken, first);
    await Promise.all([term.raiseAbove(first + 100), term.raiseAbove(first + 100), term.raiseAbove(first + 50)]);
    assert.equal(term.fencingToken, first + 101);
  });

  it('does not take a decision for lost that crossed its own new term', async () => {
    const { store, term } = setUp();
    await term.start();
    const raising = term.raiseAbove(term.fencingToken);
    const results: Promise<boolean>[] = [];
    for (let microtasks = 0; microtasks < 12; microtasks += 1) {
      results.push(commitDecision({ store, term }, { writes: [write] }, term.fencingToken));
      await Promise.resolve();
    }
    await raising;
    const committed = await Promise.all(results);
    assert(committed.includes(false), 'one of them crossed the new term');
    assert.equal(term.isHeld, true);
    assert.equal(await commitDecision({ store, term }, { writes: [write] }, term.fencingToken), true);
  });

  it('waits while another coordinator holds the term, under whose token it serves', async () => {
    const { clock, term, other } = await setUpTwo();
    assert.deepEqual([term.isHeld, other.isHeld, other.holder], [true, false, 'c1']);
    assert.equal(other.fencingToken, term.fencingToken);
    await other.raiseAbove(term.fencingToken + 5);
    await clock.advance(5 * ttlMs);
    assert.deepEqual([term.isHeld, other.isHeld], [true, false]);
  });

  it('goes on at once when the holder stops', async () => {
    const { clock, term, other } = await setUpTwo();
    const first = term.fencingToken;
    const begun: number[] = [];
    other.whenBegun(() => Promise.resolve(void begun.push(other.fencingToken)));
    await term.stop();
    await clock.advance(0);
    assert.equal(other.isHeld, true);
    assert.deepEqual(begun, [other.fencingToken]);
    assert(other.fencingToken > first);
  });

  it('takes over within the lease and a second when the holder is gone', async () => {
    const { clock, store, other } = await setUpTwo();
    store.renewLease = () => new Promise(() => undefined);
    await clock.advance(ttlMs + 1000);
    assert.equal(other.isHeld, true);
  });

  it('never decides while another does, however the holder is cut off from the store', async () => {
    const { clock, store, term, other } = await setUpTwo();
    const renew = store.renewLease.bind(store);
    // The answer of the store to the holder is late, until it is lost for good.
    store.renewLease = async (lease, ms) => {
      const renewed = await renew(lease, ms);
      await new Promise<void>((resolve) => clock.setTimer(1500, resolve));
      if (clock.nowMs() > 1_800_000_030_000) throw new Error('connection lost');
      return renewed;
    };
    const held = { first: 0, second: 0 };
    for (let steps = 0; steps < 600; steps += 1) {
      await clock.advance(100);
      assert(!(term.isHeld && other.isHeld), `both decide after ${steps} steps`);
      if (term.isHeld) held.first += 1;
      if (other.isHeld) held.second += 1;
      if (steps === 250) store.renewLease = () => Promise.reject(new Error('connection lost'));
      if (other.isHeld) store.renewLease = renew;
    }
    assert(held.first > 200, 'late answers are counted from before the request, and suffice');
    assert(held.second > 200);
  });

  it('stops deciding when a frozen process thaws, before it does anything else', async () => {
    const { store, clock, term, other } = await setUpTwo();
    store.renewLease = () => new Promise(() => undefined);
    await clock.advance(ttlMs + 1000);
    assert.equal(term.isHeld, false);
    assert.equal(term.remainingMs, 0);
    assert.equal(await commitDecision({ store, term }, { writes: [write] }, term.fencingToken), false);
    assert.equal(await confirmTerm({ store, term }, term.fencingToken), false);
    assert.equal(await store.get(key), null);
    assert.equal(await commitDecision({ store, term: other }, { writes: [write] }, other.fencingToken), true);
  });

  it('takes no decision that rests on what an earlier term of its own read', async () => {
    const { store, term } = setUp();
    await term.start();
    const earlier = term.fencingToken;
    await term.raiseAbove(earlier);
    assert.equal(term.isHeld, true);
    assert.equal(await commitDecision({ store, term }, { writes: [write] }, earlier), false);
    assert.equal(await store.get(key), null);
    assert.equal(await commitDecision({ store, term }, { writes: [write] }, term.fencingToken), true);
  });

  it('learns from a refused write that somebody else decides, and comes back as a new term', async () => {
    const { store, clock, term } = setUp();
    await term.start();
    const usurper = await store.beginTerm('c2', clock.nowMs());
    assert.equal(await commitDecision({ store, term }, { writes: [write] }, term.fencingToken), false);
    assert.equal(term.isHeld, false);
    assert.equal(await store.get(key), null);
    await clock.advance(2000);
    assert.equal(term.isHeld, true, 'nobody keeps a lease');
    assert(term.fencingToken > usurper.fencingToken);
  });

  it('begins above its own tokens after the store went back', async () => {
    const { store, clock, term } = setUp();
    const before = store.moment();
    await term.start();
    const first = term.fencingToken;
    store.goBack(before);
    assert.equal(await commitDecision({ store, term }, { writes: [write] }, term.fencingToken), false);
    await clock.advance(2000);
    assert(term.isHeld && term.fencingToken > first);
  });

  it('never takes the lease where it may not decide', async () => {
    const { store, clock, term } = setUp();
    const guest = setUp({ store, clock }, 'c2', false).term;
    await guest.start();
    await clock.advance(3 * ttlMs);
    assert.equal(guest.isHeld, false);
    await term.start();
    await clock.advance(ttlMs);
    assert.equal(guest.fencingToken, term.fencingToken);
  });

  it('begins no term that was on its way when something came that has to be done first', async () => {
    const { store, clock, term } = setUp();
    let answer = (): void => undefined;
    const answered = new Promise<void>((resolve) => (answer = resolve));
    const acquire = store.acquireLease.bind(store);
    store.acquireLease = async (request) => {
      const result = await acquire(request);
      await answered;
      return result;
    };
    const starting = term.start();
    await Promise.resolve();
    const happened: string[] = [];
    term.whenBegun(() => Promise.resolve(void happened.push('a term began')));
    term.interrupt(() => Promise.resolve(void happened.push('the work was done')));
    answer();
    await starting;
    await clock.advance(ttlMs);
    assert.deepEqual(happened, ['the work was done', 'a term began']);
    assert.equal(term.isHeld, true);
  });

  it('survives a store that fails while it begins a term or keeps it', async () => {
    const { store, clock, term } = setUp();
    await term.start();
    store.nextError = new Error('disk');
    await assert.rejects(term.raiseAbove(term.fencingToken), /disk/);
    await term.raiseAbove(term.fencingToken);
    assert.equal(await commitDecision({ store, term }, { writes: [write] }, term.fencingToken), true);
    store.nextError = new Error('disk');
    await clock.advance(ttlMs);
    assert.equal(term.isHeld, true);
  });

  it('has what rested go on when its lease was renewed too late to go on deciding, and nobody took it', async () => {
    const { store, clock, term } = setUp();
    const renew = store.renewLease.bind(store);
    await term.start();
    const { fencingToken } = term;
    let wakes = 0;
    term.whenBegun(() => Promise.resolve(void (wakes += 1)));
    store.renewLease = () => Promise.reject(new Error('connection lost'));
    while (term.isHeld) await clock.advance(100);
    assert.equal(wakes, 0);
    store.renewLease = renew;
    await clock.advance(1000);
    assert.deepEqual([term.isHeld, term.fencingToken, wakes], [true, fencingToken, 1]);
    await clock.advance(3 * ttlMs);
    assert.equal(wakes, 1, 'and not with every renewal');
  });

  it('tells again that a term began until that was taken', async () => {
    const { clock, term } = setUp();
    let tries = 0;
    term.whenBegun(() => {
      tries += 1;
      return tries < 3 ? Promise.reject(new Error('disk')) : Promise.resolve();
    });
    await term.start();
    await clock.advance(5000);
    assert.equal(tries, 3);
  });
});

describe('commitFact', () => {
  it('decides again after a conflict', async () => {
    const { store } = setUp();
    let tries = 0;
    await commitFact(store, async () => {
      tries += 1;
      const stored = await store.get(key);
      if (tries === 1) await store.commit({ writes: [write] });
      return { writes: [{ key, value: { name: 'main', cell: 'mine' }, ifRevision: stored?.revision ?? 0 }] };
    });
    assert.equal(tries, 2);
    assert.equal((await store.get(key))?.value.cell, 'mine');
  });

  it('gives up when it is never let in', async () => {
    const { store } = setUp();
    await assert.rejects(
      commitFact(store, () => Promise.resolve({ writes: [{ key, value: null, ifRevision: 99 }] })),
      /20 times/,
    );
  });
});
