import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StoreMirror } from '../../../coordinator/api/store-mirror.ts';
import type { Key } from '../../../coordinator/core/records.ts';
import type { Stored } from '../../../coordinator/ports.ts';
import { prefix, put } from '../../contract/store/stores.ts';
import { FakeStore } from '../../fakes/fake-store.ts';

/** A store whose `get` takes its time, and a mirror that has read `g/1`; `g/2` came after that. */
async function slowWorld() {
  const store = new FakeStore();
  const mirror = new StoreMirror(store, prefix('g/'));
  await store.commit({ writes: [put('g/1', 1)] });
  const list = async () => (await mirror.list()).map(({ key }) => String(key));
  assert.deepEqual(await list(), ['g/1']);
  const get = store.get.bind(store);
  let answer: () => void = () => undefined;
  const mayAnswer = new Promise<void>((resolve) => {
    answer = resolve;
  });
  store.get = async <T>(key: Key<T>): Promise<Stored<T> | null> => {
    await mayAnswer;
    return get(key);
  };
  await store.commit({ writes: [put('g/2', 2)] });
  return { mirror, list, answer };
}

describe('StoreMirror', () => {
  it('waits for what another reader is about to learn', async () => {
    const { list, answer } = await slowWorld();
    const first = list();
    await new Promise(setImmediate);
    const second = list();
    answer();
    assert.deepEqual(await Promise.all([first, second]), [
      ['g/1', 'g/2'],
      ['g/1', 'g/2'],
    ]);
  });

  it('is never empty for a reader in whose midst it is told to forget', async () => {
    const { mirror, list, answer } = await slowWorld();
    const first = list();
    await new Promise(setImmediate);
    mirror.forget();
    answer();
    assert.deepEqual(await first, ['g/1', 'g/2']);
    assert.deepEqual(await list(), ['g/1', 'g/2']);
  });
});
