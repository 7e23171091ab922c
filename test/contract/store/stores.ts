import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe } from 'node:test';
import { EmbeddedStore } from '../../../coordinator/adapters/store-embedded.ts';
import type { Key, NewEvent, Prefix } from '../../../coordinator/core/records.ts';
import type { Commit, Store, Write } from '../../../coordinator/ports.ts';
import { FakeStore } from '../../fakes/fake-store.ts';

/** Describes what holds for every store. `start` opens an empty one, which is closed at the end. */
export function describeStores(title: string, suite: (start: () => Promise<Store>) => void): void {
  for (const { name, open } of kinds) {
    describe(`${title}: ${name}`, { timeout: 120_000 }, () => {
      const opened: EmbeddedStore[] = [];
      after(() => {
        for (const store of opened) store.close();
      });
      suite(async () => {
        const store = await open();
        if (store instanceof EmbeddedStore) opened.push(store);
        return store;
      });
    });
  }
}

const folder = mkdtempSync(path.join(tmpdir(), 'chester-store-'));
after(() => {
  rmSync(folder, { recursive: true });
});
let files = 0;
const kinds: readonly { readonly name: string; readonly open: () => Promise<Store> }[] = [
  { name: 'FakeStore', open: () => Promise.resolve(new FakeStore()) },
  {
    name: 'EmbeddedStore',
    open: () => {
      files += 1;
      return Promise.resolve(EmbeddedStore.open({ file: path.join(folder, `${files}.db`) }));
    },
  },
];

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
