import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Key } from '../../../coordinator/core/records.ts';
import { CoordinatorError } from '../../../coordinator/errors.ts';
import { type Fact, FactWriter } from '../../../coordinator/loops/fact-writer.ts';
import type { Commit } from '../../../coordinator/ports.ts';
import { FakeClock, settled } from '../../fakes/fake-clock.ts';
import { FakeStore } from '../../fakes/fake-store.ts';

const key = (name: string) => `test/${name}` as Key<number>;

/** Adds one to a key, and returns what it found. */
function increment(name: string): Fact<number> {
  return {
    reads: [key(name)],
    decide: (read) => {
      const found = read(key(name)) ?? 0;
      return { result: found, puts: [{ key: key(name), value: found + 1 }] };
    },
  };
}

function setUp(intervalMs = 10, batchMax = 3) {
  const store = new FakeStore();
  const clock = new FakeClock();
  const commits: Commit[] = [];
  const commit = store.commit.bind(store);
  store.commit = (change) => {
    commits.push(change);
    return commit(change);
  };
  const writer = new FactWriter({ store, clock }, { intervalMs, batchMax });
  const value = async (name: string) => (await store.get(key(name)))?.value ?? 0;
  return { store, clock, commits, writer, value };
}

describe('FactWriter', () => {
  it('stores the first fact at once, and those that follow closely together', async () => {
    const { clock, commits, writer, value } = setUp();
    assert.equal(await writer.write(increment('a')), 0);
    const others = Promise.all([
      writer.write(increment('b')),
      writer.write(increment('a')),
      writer.write(increment('c')),
    ]);
    await settled();
    assert.equal(commits.length, 1);
    await clock.advance(10);
    assert.deepEqual(await others, [0, 1, 0]);
    assert.equal(commits.length, 2);
    assert.equal(await value('a'), 2);
  });

  it('has a fact see what those before it in the same commit decided', async () => {
    const { clock, commits, writer } = setUp();
    await writer.write(increment('x'));
    const found = Promise.all([
      writer.write(increment('a')),
      writer.write(increment('a')),
      writer.write(increment('a')),
    ]);
    await clock.advance(10);
    assert.deepEqual(await found, [0, 1, 2]);
    assert.equal(commits[1]?.writes.length, 1);
  });

  it('takes no more at once than it may, and leaves none behind', async () => {
    const { clock, commits, writer, value } = setUp();
    const all = Promise.all(Array.from({ length: 8 }, () => writer.write(increment('a'))));
    for (let times = 0; times < 4; times += 1) await clock.advance(10);
    await all;
    assert.equal(await value('a'), 8);
    assert.equal(commits.length, 4);
  });

  it('commits nothing where nothing is to be stored', async () => {
    const { commits, writer } = setUp();
    assert.equal(await writer.write({ reads: [key('a')], decide: () => ({ result: 'known' }) }), 'known');
    assert.deepEqual(commits, []);
  });

  it('decides again when somebody was in between', async () => {
    const { store, writer, value } = setUp(0);
    const commit = store.commit.bind(store);
    let isFirst = true;
    store.commit = async (change) => {
      if (isFirst) {
        isFirst = false;
        await commit({ writes: [{ key: key('a'), value: 41, ifRevision: null }] });
      }
      return commit(change);
    };
    assert.equal(await writer.write(increment('a')), 41);
    assert.equal(await value('a'), 42);
  });

  it('keeps a fact that cannot be stored from taking others with it', async () => {
    const { clock, store, writer, value } = setUp();
    const commit = store.commit.bind(store);
    await writer.write(increment('x'));
    store.commit = (change) =>
      change.writes.some(({ key: written }) => written === key('bad'))
        ? Promise.reject(new Error('no JSON'))
        : commit(change);
    const [good, bad, other] = [increment('a'), increment('bad'), increment('b')].map((fact) => writer.write(fact));
    bad?.catch(() => undefined);
    await clock.advance(10);
    await assert.rejects(bad!, /no JSON/);
    assert.deepEqual(await Promise.all([good, other]), [0, 0]);
    assert.equal(await value('b'), 1);
  });

  it('tells all at once that the store is away, and goes on when it is back', async () => {
    const { clock, store, commits, writer } = setUp();
    await writer.write(increment('x'));
    store.nextError = new CoordinatorError('STORE_UNAVAILABLE', 'gone');
    const lost = [writer.write(increment('a')), writer.write(increment('a'))];
    for (const one of lost) one.catch(() => undefined);
    await clock.advance(10);
    for (const one of lost) await assert.rejects(one, /gone/);
    assert.equal(commits.length, 1);
    const again = writer.write(increment('a'));
    await clock.advance(10);
    assert.equal(await again, 0);
  });

  it('leaves a slow store three quarters of the time', async () => {
    const { clock, store, commits, writer } = setUp();
    const commit = store.commit.bind(store);
    store.commit = async (change) => {
      await clock.advance(100);
      return commit(change);
    };
    await writer.write(increment('a'));
    const second = writer.write(increment('a'));
    await clock.advance(299);
    assert.equal(commits.length, 1);
    await clock.advance(1);
    await second;
    assert.equal(commits.length, 2);
  });
});
