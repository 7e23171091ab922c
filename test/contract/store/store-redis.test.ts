import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RedisTarget } from '../../../coordinator/adapters/store-redis-client.ts';
import type { RedisStore, RedisStoreOptions } from '../../../coordinator/adapters/store-redis.ts';
import type { HistoryLoss } from '../../../coordinator/ports.ts';
import { askRedis, type RedisServer, startRedis, withoutRedis } from '../../redis-servers.ts';
import { startFaultProxy } from './fault-proxy.ts';
import { redisStore } from './redis-store.ts';
import { committed, event, key, keysOf, put, settled } from './stores.ts';

const ends: (() => Promise<void> | void)[] = [];
after(async () => {
  for (const end of ends.reverse()) await end();
});
const folder = mkdtempSync(path.join(tmpdir(), 'chester-redis-store-'));
ends.push(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function serverWith(options: readonly string[] = [], port?: number): Promise<RedisServer> {
  const server = await startRedis(options, port);
  ends.push(server.stop);
  return server;
}

const at = (port: number): RedisTarget['at'] => ({ kind: 'single', host: '127.0.0.1', port });

async function storeAt(port: number, options: Partial<RedisStoreOptions> = {}): Promise<RedisStore> {
  const store = redisStore(at(port), options);
  ends.push(store.stop.bind(store));
  await store.start();
  return store;
}

/** Waits until `isSo`, for as long as the test may take. */
async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await sleep(5);
}

const unavailable = { code: 'STORE_UNAVAILABLE' };

describe('RedisStore', { timeout: 300_000, skip: withoutRedis }, () => {
  describe('when an answer is lost', () => {
    it('repeats the commit, which is done once', async () => {
      const server = await serverWith();
      const proxy = await startFaultProxy(server.port);
      ends.push(proxy.stop);
      const store = await storeAt(proxy.port);
      const witness = await storeAt(server.port);
      const before = await committed(store, { writes: [put('a', 1)] });
      proxy.cutAnswers();
      const committing = store.commit({ writes: [put('a', 2, before)], events: [event('once')] });
      await until(async () => (await witness.get(key('a')))?.value.n === 2);
      proxy.heal();
      assert.deepEqual(await committing, { outcome: 'committed', revision: before + 1 });
      assert.equal((await witness.readEvents({ afterSequence: 0, limit: 9 })).length, 1);
    });

    it('repeats the taking of a lease, which begins one term', async () => {
      const server = await serverWith();
      const proxy = await startFaultProxy(server.port);
      ends.push(proxy.stop);
      const store = await storeAt(proxy.port);
      const witness = await storeAt(server.port);
      proxy.cutAnswers();
      const acquiring = store.acquireLease({ holder: 'one', ttlMs: 60_000, nowMs: 1000 });
      await until(async () => (await witness.head()).fencingToken === 1000);
      proxy.heal();
      assert.deepEqual(await acquiring, { outcome: 'held', term: { holder: 'one', fencingToken: 1000 } });
    });

    it('says that it does not know when the server stays away', async () => {
      const server = await serverWith();
      const proxy = await startFaultProxy(server.port);
      ends.push(proxy.stop);
      const store = await storeAt(proxy.port, { deadlineMs: 1000 });
      proxy.cutAnswers();
      await assert.rejects(store.commit({ writes: [put('a', 1)] }), unavailable);
      proxy.heal();
      await until(() => store.problem === null);
      assert.equal((await store.get(key('a')))?.value.n, 1);
    });
  });

  it('lets nothing take effect after its deadline, on a server that was frozen', async () => {
    const server = await serverWith();
    const store = await storeAt(server.port, { deadlineMs: 4000 });
    const revision = await committed(store, { writes: [put('a', 1)] });
    server.kill('SIGSTOP');
    await Promise.all([
      assert.rejects(store.commit({ writes: [put('a', 2)] }), unavailable),
      assert.rejects(store.acquireLease({ holder: 'one', ttlMs: 60_000, nowMs: 1000 }), unavailable),
      assert.rejects(store.get(key('a')), unavailable),
    ]);
    server.kill('SIGCONT');
    const witness = await storeAt(server.port);
    assert.deepEqual(await witness.get(key('a')), { key: 'a', value: { n: 1 }, revision });
    assert.equal((await witness.head()).fencingToken, 0);
    await until(() => store.problem === null);
    assert.equal(await committed(store, { writes: [put('a', 3)] }), revision + 1);
  });

  it('takes only so many calls at once', async () => {
    const server = await serverWith();
    const store = await storeAt(server.port, { deadlineMs: 1000 });
    server.kill('SIGSTOP');
    const calls = Array.from({ length: 1024 }, () => store.get(key('a')));
    await assert.rejects(store.get(key('a')), { ...unavailable, message: /1024 calls wait for it already/ });
    server.kill('SIGCONT');
    await Promise.allSettled(calls);
  });

  it('goes on when its scripts were thrown away', async () => {
    const server = await serverWith();
    const store = await storeAt(server.port);
    await askRedis(server.port, 'SCRIPT', 'FLUSH');
    await committed(store, { writes: [put('a', 1)] });
  });

  it('tells all stores of a commit, each in its order', async () => {
    const server = await serverWith();
    const [one, other] = await Promise.all([storeAt(server.port), storeAt(server.port)]);
    const heard: string[] = [];
    other.watch('a/', (keys) => heard.push(...keys));
    for (let n = 0; n < 30; n += 1) await committed(n % 2 === 0 ? one : other, { writes: [put(`a/${n}`, n)] });
    await settled(other);
    assert.deepEqual(
      heard,
      Array.from({ length: 30 }, (_, n) => `a/${n}`),
    );
  });

  it('tells all keys to who was cut off for longer than changes are kept', async () => {
    const server = await serverWith();
    const proxy = await startFaultProxy(server.port);
    ends.push(proxy.stop);
    const cut = await storeAt(proxy.port);
    const other = await storeAt(server.port);
    await committed(other, { writes: [put('a/1', 1), put('a/2', 1), put('b', 1)] });
    await settled(cut);
    const heard: string[] = [];
    let events = 0;
    cut.watch('a/', (keys) => heard.push(...keys));
    cut.watchEvents(() => (events += 1));
    proxy.refuse();
    await committed(other, { writes: [put('a/3', 1)] });
    await committed(other, { writes: [put('a/3', 2), { key: key('a/1'), value: null, ifRevision: null }] });
    await askRedis(server.port, 'XTRIM', '{test}:changes', 'MAXLEN', '1');
    proxy.heal();
    await until(() => heard.includes('a/1') && heard.includes('a/2') && heard.includes('a/3') && events > 0);
    assert(!heard.includes('b'));
  });

  describe('when the server lost commits', () => {
    const dataAt = (name: string): string[] => {
      const dir = mkdtempSync(path.join(folder, name));
      return ['--dir', dir, '--save', ''];
    };

    it('says so before any other answer, uses no revision again, and lets the lease run its whole time', async () => {
      const options = dataAt('lost-');
      const server = await serverWith(options);
      const store = await storeAt(server.port);
      const held = await store.acquireLease({ holder: 'one', ttlMs: 60_000, nowMs: 5000 });
      assert(held.outcome === 'held');
      const keptRevision = await committed(store, { writes: [put('a', 1)] });
      await askRedis(server.port, 'SAVE');
      const seenRevision = await committed(store, { writes: [put('a', 2), put('b', 1)] });
      const second = await store.acquireLease({
        ...{ holder: 'one', ttlMs: 60_000, nowMs: 9000 },
        replaces: held.term.fencingToken,
      });
      assert(second.outcome === 'held' && second.term.fencingToken === 9000);
      const told: (HistoryLoss | string)[] = [];
      store.watchHistory((loss) => told.push(loss));
      server.kill('SIGKILL');
      await until(() => store.problem !== null);
      await serverWith(options, server.port);
      await until(() => store.problem === null);
      const read = await store.get(key('a'));
      told.push('read');
      assert.deepEqual(told, [{ kind: 'writesLost', keptRevision, seenRevision }, 'read']);
      assert.deepEqual(read, { key: 'a', value: { n: 1 }, revision: keptRevision });
      assert.equal(await store.renewLease(second.term, 1000), false);
      const late = await store.commit({ writes: [put('a', 9)], fencingToken: 9000 });
      assert.deepEqual(late, { outcome: 'fenced', fencingToken: 5000 });
      const next = await store.acquireLease({ holder: 'two', ttlMs: 1000, nowMs: 9500 });
      assert(next.outcome === 'taken' && next.holder === 'one' && next.remainingMs > 50_000);
      const wrong = await store.commit({ writes: [put('b', 2, seenRevision)] });
      assert.deepEqual(wrong, { outcome: 'conflict', key: 'b' });
      assert((await committed(store, { writes: [put('b', 2)] })) > seenRevision + 1000);
    });

    it('numbers no event as one that is gone, and keeps and drops those from before as ever', async () => {
      const options = dataAt('events-');
      const server = await serverWith(options);
      const store = await storeAt(server.port);
      const messages = async (afterSequence: number) =>
        (await store.readEvents({ afterSequence, limit: 9 })).map(({ message }) => message);
      await committed(store, { writes: [], events: [event('1'), event('2')] });
      await askRedis(server.port, 'SAVE');
      await committed(store, { writes: [], events: [event('lost'), event('lost too')] });
      const seen = await store.lastEventSequence();
      server.kill('SIGKILL');
      await until(() => store.problem !== null);
      await serverWith(options, server.port);
      await until(() => store.problem === null);
      assert((await store.lastEventSequence()) >= seen, 'who goes on from there is not refused');
      await committed(store, { writes: [], events: [event('3', 'users'), event('4')] });
      assert.deepEqual(await messages(seen), ['3', '4']);
      assert.deepEqual(await messages(0), ['1', '2', '3', '4']);
      const [own] = await store.readEvents({ afterSequence: 2, limit: 9, group: 'orders' });
      assert.deepEqual([own?.message, own?.sequence], ['4', await store.lastEventSequence()]);
      await store.pruneEvents(3);
      assert.deepEqual(await messages(0), ['2', '3', '4']);
      await store.pruneEvents(1);
      assert.deepEqual(await messages(0), ['4']);
    });

    it('tells a watcher the keys that are gone', async () => {
      const options = dataAt('gone-');
      const server = await serverWith(options);
      const store = await storeAt(server.port);
      await committed(store, { writes: [put('a', 1)] });
      await askRedis(server.port, 'SAVE');
      const heard: string[] = [];
      store.watch('', (keys) => heard.push(...keys));
      await committed(store, { writes: [put('b', 1)] });
      await until(() => heard.includes('b'));
      heard.length = 0;
      server.kill('SIGKILL');
      await until(() => store.problem !== null);
      await serverWith(options, server.port);
      await until(() => heard.includes('a') && heard.includes('b'));
      assert.deepEqual(await keysOf(store, ''), ['a']);
    });

    it('tells nothing of a restart that lost nothing', async () => {
      const options = [...dataAt('kept-'), '--appendonly', 'yes', '--appendfsync', 'always'];
      const server = await serverWith(options);
      const store = await storeAt(server.port);
      const told: unknown[] = [];
      store.watchHistory((loss) => told.push(loss));
      store.watch('', (keys) => told.push(keys));
      const revision = await committed(store, { writes: [put('a', 1)] });
      await until(() => told.length === 1);
      server.kill('SIGKILL');
      await until(() => store.problem !== null);
      await serverWith(options, server.port);
      await until(() => store.problem === null);
      assert((await committed(store, { writes: [put('b', 1)] })) > revision);
      await until(() => told.length === 2);
      assert.deepEqual(told, [['a'], ['b']]);
    });

    it('says that an emptied server is another store, and answers nothing from it before', async () => {
      const server = await serverWith();
      const store = await storeAt(server.port, { firstLeaseAfterMs: 60_000 });
      await committed(store, { writes: [put('a', 1)] });
      const told: HistoryLoss[] = [];
      store.watchHistory((loss) => told.push(loss));
      const { storeId } = await store.head();
      await askRedis(server.port, 'FLUSHALL');
      assert.equal(await store.get(key('a')), null);
      assert.equal(told.length, 1);
      assert(told[0]?.kind === 'otherStore' && told[0].storeId !== storeId);
      const lease = await store.acquireLease({ holder: 'one', ttlMs: 1000, nowMs: 1000 });
      assert(lease.outcome === 'taken' && lease.remainingMs > 50_000, 'who decided before may not know yet');
    });

    it('says so too when somebody else has begun another store there before, whose numbers are lower', async () => {
      const options = [...dataAt('anew-'), '--appendonly', 'yes', '--appendfsync', 'always'];
      const before = await serverWith(options);
      await committed(await storeAt(before.port), { writes: [put('a', 1)] });
      before.kill('SIGKILL');
      await before.stop();
      const server = await serverWith(options);
      const [store, other] = [await storeAt(server.port), await storeAt(server.port)];
      const told: HistoryLoss['kind'][] = [];
      store.watchHistory(({ kind }) => told.push(kind));
      await askRedis(server.port, 'FLUSHALL');
      const { revision } = await other.head();
      assert.equal(await store.get(key('a')), null);
      assert.deepEqual(told, ['otherStore']);
      assert((await store.head()).revision === revision);
    });

    it('refuses keys of a store without its head', async () => {
      const server = await serverWith();
      const store = await storeAt(server.port);
      await committed(store, { writes: [put('a', 1)] });
      await askRedis(server.port, 'DEL', '{test}:meta');
      await assert.rejects(storeAt(server.port), { ...unavailable, message: /keys of a store are there/ });
    });
  });
});
