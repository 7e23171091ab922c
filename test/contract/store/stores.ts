import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe } from 'node:test';
import { EmbeddedStore } from '../../../coordinator/adapters/store-embedded.ts';
import type { Key, NewEvent, Prefix, Term } from '../../../coordinator/core/records.ts';
import type { Commit, Store, Write } from '../../../coordinator/ports.ts';
import { FakeStore } from '../../fakes/fake-store.ts';
import { type RedisServer, startRedis, withoutRedis } from '../../redis-servers.ts';
import { redisStore } from './redis-store.ts';

/** Describes what holds for every store. `start` opens an empty one, which is closed at the end. */
export function describeStores(title: string, suite: (start: () => Promise<Store>) => void): void {
  for (const { name, open, skip = false } of kinds) {
    describe(`${title}: ${name}`, { timeout: 300_000, skip }, () => {
      suite(open);
    });
  }
}

/** To be ended after the tests of a file, the newest first. */
const ends: (() => Promise<void> | void)[] = [];

const folder = mkdtempSync(path.join(tmpdir(), 'chester-store-'));
after(async () => {
  for (const end of ends.reverse()) await end();
  rmSync(folder, { recursive: true });
});
let stores = 0;
let redis: Promise<RedisServer> | null = null;

const kinds: readonly { readonly name: string; readonly open: () => Promise<Store>; readonly skip?: string | false }[] =
  [
    { name: 'FakeStore', open: () => Promise.resolve(new FakeStore()) },
    {
      name: 'EmbeddedStore',
      open: () => {
        stores += 1;
        const store = EmbeddedStore.open({ file: path.join(folder, `${stores}.db`) });
        ends.push(store.close.bind(store));
        return Promise.resolve(store);
      },
    },
    { name: 'RedisStore', open: openRedis, skip: withoutRedis },
  ];

/** Opens an empty store under a prefix of its own, on one server for all tests of a file. */
async function openRedis(): Promise<Store> {
  redis ??= startRedis(['--appendonly', 'yes']).then((server) => {
    ends.unshift(server.stop);
    return server;
  });
  const { port } = await redis;
  stores += 1;
  const store = redisStore({ kind: 'single', host: '127.0.0.1', port }, { prefix: `test-${stores}` });
  await store.start();
  ends.push(store.stop.bind(store));
  return store;
}

export type Value = { readonly n: number };
export const key = (text: string): Key<Value> => text as Key<Value>;
export const prefix = (text: string): Prefix<Value> => text as Prefix<Value>;
export const put = (text: string, n: number, ifRevision: number | null = null): Write => ({
  key: key(text),
  value: { n },
  ifRevision,
});
export const remove = (text: string, ifRevision: number | null = null): Write => ({
  key: key(text),
  value: null,
  ifRevision,
});
export const event = (message: string, group = 'orders'): NewEvent => ({
  atMs: 1_795_300_000_000.5,
  group,
  kind: 'WAIT',
  subject: 'orders-ro-1',
  reason: 'busy',
  message,
});

export async function committed(store: Store, commit: Commit): Promise<number> {
  const result = await store.commit(commit);
  assert.equal(result.outcome, 'committed');
  return result.revision;
}

/** Begins a term, also while another's lease runs. */
export async function beginTerm(store: Store, holder: string, nowMs = 1000): Promise<Term> {
  const { fencingToken: replaces } = await store.head();
  const result = await store.acquireLease({ holder, ttlMs: 3_600_000, nowMs, replaces });
  assert.equal(result.outcome, 'held');
  return result.term;
}

export async function keysOf(store: Store, begin: string): Promise<string[]> {
  return (await store.list(prefix(begin))).map((entry) => entry.key);
}

/**
 * Waits until all that was committed so far was told to those who watch: one who begins to watch now is told of the
 * next commit after them.
 */
export async function settled(store: Store): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const end = store.watch('settled', () => {
      end();
      setImmediate(resolve);
    });
    store.commit({ writes: [put('settled', 1)] }).catch(reject);
  });
}
