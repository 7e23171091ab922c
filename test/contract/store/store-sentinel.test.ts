import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RedisStore } from '../../../coordinator/adapters/store-redis.ts';
import { CoordinatorError } from '../../../coordinator/errors.ts';
import type { HistoryLoss } from '../../../coordinator/ports.ts';
import { askRedis, type RedisServer, startRedis, startSentinel, withoutSentinel } from '../../redis-servers.ts';
import { redisStore } from './redis-store.ts';
import { committed, put } from './stores.ts';

const ends: (() => Promise<void> | void)[] = [];
after(async () => {
  for (const end of ends.reverse()) await end();
});

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await sleep(10);
}

/** Asks again while the store says that it cannot be used for now: it may come to the new primary later than another. */
async function answered<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof CoordinatorError) || error.code !== 'STORE_UNAVAILABLE') throw error;
      await sleep(50);
    }
  }
}

/** Asks again while the store is refused for another reason: on a busy machine the answer itself may come too late. */
async function refused(ask: () => Promise<unknown>, reason: RegExp): Promise<void> {
  for (;;) {
    const error = await ask().then(
      () => assert.fail('it was taken'),
      (failure: unknown) => failure,
    );
    assert.ok(error instanceof CoordinatorError && error.code === 'STORE_UNAVAILABLE', String(error));
    if (reason.test(error.message)) return;
    await sleep(50);
  }
}

/** Long enough that Sentinels on a busy machine see a dead primary only where there is one. */
const downAfterMs = 4000;

/** A primary with two replicas that are in step, and three Sentinels that know all of them. */
async function startWatched(): Promise<{ readonly primary: RedisServer; readonly sentinels: readonly RedisServer[] }> {
  const primary = await startRedis();
  ends.push(primary.stop);
  const from = ['--replicaof', `127.0.0.1 ${primary.port}`];
  const replicas = await Promise.all([startRedis(from), startRedis(from)]);
  ends.push(...replicas.map(({ stop }) => stop));
  await until(async () => {
    const info = String(await askRedis(primary.port, 'INFO', 'replication'));
    return info.split('state=online').length === 3;
  });
  const sentinels = await Promise.all([1, 2, 3].map(() => startSentinel(primary.port, downAfterMs)));
  ends.push(...sentinels.map(({ stop }) => stop));
  for (const { port } of sentinels) {
    await until(async () => {
      const facts = (await askRedis(port, 'SENTINEL', 'MASTER', 'orders')) as string[];
      const fact = (name: string) => facts[facts.indexOf(name) + 1];
      return fact('num-slaves') === '2' && fact('num-other-sentinels') === '2';
    });
  }
  return { primary, sentinels };
}

async function primaryOf(sentinels: readonly RedisServer[]): Promise<number> {
  const answer = await askRedis(sentinels[0]?.port ?? 0, 'SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'orders');
  return Number((answer as string[])[1]);
}

async function storeBehind(sentinels: readonly RedisServer[]): Promise<RedisStore> {
  const at = {
    kind: 'sentinel' as const,
    sentinels: sentinels.map(({ port }) => ({ host: '127.0.0.1', port })),
    primary: 'orders',
  };
  const store = redisStore(at, { acknowledging: 'all', deadlineMs: 3000 });
  ends.push(store.stop.bind(store));
  await store.start();
  return store;
}

describe('RedisStore behind Sentinels', { timeout: 400_000, skip: withoutSentinel }, () => {
  it('loses nothing acknowledged when the primary dies, gives no token twice, and tells every change', async () => {
    const { primary, sentinels } = await startWatched();
    const [one, other] = await Promise.all([storeBehind(sentinels), storeBehind(sentinels)]);
    const losses: HistoryLoss[] = [];
    other.watchHistory((loss) => losses.push(loss));
    const heard = new Set<string>();
    other.watch('a/', (keys) => {
      for (const changed of keys) heard.add(changed);
    });
    const first = await answered(() => one.acquireLease({ holder: 'one', ttlMs: 2000, nowMs: 1000 }));
    assert(first.outcome === 'held');
    const acknowledged: string[] = [];
    const tokens = [first.term.fencingToken];
    let failures = 0;
    let next = 0;
    const commitOne = async (): Promise<void> => {
      next += 1;
      const name = `a/${next}`;
      try {
        await committed(one, { writes: [put(name, next, 0)] });
        acknowledged.push(name);
      } catch {
        failures += 1;
        await sleep(10);
      }
    };
    while (acknowledged.length < 50) await commitOne();
    primary.kill('SIGKILL');
    // What is in flight while the primary dies, and while there is none.
    await Promise.all(Array.from({ length: 20 }, commitOne));
    const beforeFailover = acknowledged.length;
    while (acknowledged.length < beforeFailover + 50) await commitOne();
    assert(failures > 0, 'nothing happened while the primary died');
    assert.notEqual(await primaryOf(sentinels), primary.port);

    const stored = new Set((await answered(() => other.list('a/' as never))).map((entry) => String(entry.key)));
    assert.deepEqual(
      acknowledged.filter((name) => !stored.has(name)),
      [],
      'acknowledged and lost',
    );
    await until(() => acknowledged.every((name) => heard.has(name)));
    const acquire = () => answered(() => other.acquireLease({ holder: 'other', ttlMs: 2000, nowMs: 1000 }));
    let result = await acquire();
    while (result.outcome === 'taken') {
      await sleep(Math.min(result.remainingMs, 100));
      result = await acquire();
    }
    tokens.push(result.term.fencingToken);
    assert(new Set(tokens).size === tokens.length, `a token came twice: ${tokens.join(', ')}`);
    assert.equal(await answered(() => one.renewLease(first.term, 1000)), false);
    assert.deepEqual(losses, []);
  });

  it('takes neither commit nor lease that no replica has, and says so', async () => {
    const primary = await startRedis();
    ends.push(primary.stop);
    const replica = await startRedis(['--replicaof', `127.0.0.1 ${primary.port}`]);
    ends.push(replica.stop);
    const at = { kind: 'single' as const, host: '127.0.0.1', port: primary.port };
    const store = redisStore(at, { acknowledging: 1, deadlineMs: 3000 });
    ends.push(store.stop.bind(store));
    await store.start();
    await until(async () => String(await askRedis(primary.port, 'INFO', 'replication')).includes('state=online'));
    await committed(store, { writes: [put('a', 1)] });
    replica.kill('SIGSTOP');
    await refused(() => store.commit({ writes: [put('a', 2)] }), /0 of 1 replicas acknowledged/);
    await refused(() => store.acquireLease({ holder: 'one', ttlMs: 100, nowMs: 1000 }), /0 of 1 replicas acknowledged/);
    // Also while the connection is there: what counts is whether commits do.
    assert.match(store.problem ?? '', /0 of 1 replicas acknowledged/);
    replica.kill('SIGCONT');
    const acquire = () => answered(() => store.acquireLease({ holder: 'one', ttlMs: 1000, nowMs: 1000 }));
    await until(async () => (await acquire()).outcome === 'held');
    assert.equal(store.problem, null);
  });
});
