import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { keys } from '../../../coordinator/core/records.ts';
import { commitDecision, commitFact } from '../../../coordinator/loops/commits.ts';
import { TermKeeper } from '../../../coordinator/loops/term-keeper.ts';
import { createLogger } from '../../../process/log.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { FakeStore } from '../../fakes/fake-store.ts';

const key = keys.fleet('main');
const write = { key, value: { name: 'main', cell: 'default' }, ifRevision: null };

function setUp(store = new FakeStore()) {
  const clock = new FakeClock();
  const term = new TermKeeper({ store, clock, log: createLogger('test', 'silent') }, 'c1');
  return { store, clock, term };
}

describe('TermKeeper', () => {
  it('holds a term from its start to its stop', async () => {
    const { clock, term } = setUp();
    assert.equal(term.isHeld, false);
    await term.start();
    assert.equal(term.isHeld, true);
    assert(term.fencingToken >= clock.nowMs());
    term.stop();
    assert.equal(term.isHeld, false);
    await term.raiseAbove(term.fencingToken + 5);
    assert.equal(term.isHeld, false);
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
      results.push(commitDecision({ store, term }, { writes: [write] }));
      await Promise.resolve();
    }
    await raising;
    const committed = await Promise.all(results);
    assert(committed.includes(false), 'one of them crossed the new term');
    assert.equal(term.isHeld, true);
    assert.equal(await commitDecision({ store, term }, { writes: [write] }), true);
  });

  it('stops deciding once another coordinator has begun a term, and does not take it back', async () => {
    const { store, term } = setUp();
    const other = setUp(store).term;
    await term.start();
    await other.start();
    assert.equal(await commitDecision({ store, term }, { writes: [write] }), false);
    assert.equal(term.isHeld, false);
    assert.equal(await store.get(key), null);
    await term.raiseAbove(other.fencingToken);
    assert.equal(term.isHeld, false);
    assert.equal(await commitDecision({ store, term: other }, { writes: [write] }), true);
  });

  it('survives a store that fails while it begins a term', async () => {
    const { store, term } = setUp();
    await term.start();
    store.nextError = new Error('disk');
    await assert.rejects(term.raiseAbove(term.fencingToken), /disk/);
    await term.raiseAbove(term.fencingToken);
    assert.equal(await commitDecision({ store, term }, { writes: [write] }), true);
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
