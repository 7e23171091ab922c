import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RedisStore, RedisStoreOptions } from '../../../coordinator/adapters/store-redis.ts';
import { type RedisServer, startRedis, withoutRedis } from '../../redis-servers.ts';
import { redisStore } from './redis-store.ts';
import { committed, key, put } from './stores.ts';

const ends: (() => Promise<void> | void)[] = [];
after(async () => {
  for (const end of ends.reverse()) await end();
});

async function serverAt(port?: number): Promise<RedisServer> {
  const server = await startRedis([], port);
  ends.push(server.stop);
  return server;
}

async function storeOf({ port }: RedisServer, options: Partial<RedisStoreOptions> = {}): Promise<RedisStore> {
  const store = redisStore({ kind: 'single', host: '127.0.0.1', port }, options);
  ends.push(store.stop.bind(store));
  await store.start();
  return store;
}

describe('RedisStore, loading', { timeout: 300_000, skip: withoutRedis }, () => {
  it('does not go on loading where what came before is not', async () => {
    const server = await serverAt();
    const store = await storeOf(server, { forLoad: true });
    const rows = Array.from({ length: 700 }, (_, n) => ({ key: key(`a/${n}`), value: { n }, revision: 1 }));
    const slice = rows.slice.bind(rows);
    // When the second part is asked for, the server is no more.
    const entries = Object.assign(rows, {
      slice: (from?: number, to?: number) => {
        if (from !== 0) server.kill('SIGKILL');
        return slice(from, to);
      },
    });
    const head = { storeId: 'of the dump', revision: 5, fencingToken: 5 };
    const loading = store.load({ head, lastSequence: 0, entries, events: [] });
    const refused = assert.rejects(loading, {
      code: 'STORE_UNAVAILABLE',
      message: /while it was loaded: load it again/,
    });
    while (store.problem === null) await sleep(5);
    await serverAt(server.port);
    await refused;
    assert.notEqual((await store.head()).storeId, 'of the dump');
  });

  it('shows nobody a store by half while it is loaded', async () => {
    const server = await serverAt();
    const [witness, store] = [await storeOf(server), await storeOf(server, { forLoad: true })];
    await committed(witness, { writes: [put('a', 1)] });
    const numbered = (name: string, n: number) => ({ key: key(name), value: { n }, revision: 1 });
    const rows = Array.from({ length: 5000 }, (_, n) => numbered(`b/${n}`, n));
    const head = { storeId: 'of the dump', revision: 5, fencingToken: 5 };
    const state = { isLoading: true };
    const loading = store
      .load({ head, lastSequence: 0, entries: [...rows, numbered('a', 2)], events: [] })
      .finally(() => {
        state.isLoading = false;
      });
    const seen = new Set<number | string | undefined>();
    while (state.isLoading) {
      seen.add(
        await witness.get(key('a')).then(
          (entry) => entry?.value.n,
          (error: unknown) => (error as { code: string }).code,
        ),
      );
    }
    await loading;
    const allowed = [1, 2, 'STORE_UNAVAILABLE'];
    assert.deepEqual(
      [...seen].filter((one) => one === undefined || !allowed.includes(one)),
      [],
    );
    assert.equal((await store.get(key('a')))?.value.n, 2);
  });
});
