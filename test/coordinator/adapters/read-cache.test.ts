import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ReadCache, type StoredText } from '../../../coordinator/adapters/read-cache.ts';
import type { Key, Prefix } from '../../../coordinator/core/records.ts';

type Value = { readonly names: readonly string[] };
const key = 'replica/orders/r1' as Key<Value>;
const prefix = 'replica/orders/' as Prefix<Value>;

/** Reads that are counted, of a row that may change. */
function rows() {
  let reads = 0;
  let text = '{"names":["a"]}';
  let revision = 1;
  const row = (): StoredText<Value> => {
    reads += 1;
    return { key, text, revision };
  };
  return {
    get: row,
    list: () => [row()],
    reads: () => reads,
    change: (to: string) => {
      text = to;
      revision += 1;
    },
  };
}

describe('ReadCache', () => {
  it('reads a key, a missing key and a list once, and shares what it parsed', () => {
    const [cache, row] = [new ReadCache(), rows()];
    const first = cache.get(key, row.get);
    assert.deepEqual(first, { key, value: { names: ['a'] }, revision: 1 });
    assert.equal(cache.get(key, row.get), first);
    const listed = cache.list(prefix, row.list);
    assert.equal(listed[0], first);
    assert.equal(cache.list(prefix, row.list), listed);
    assert.equal(row.reads(), 2);
    let misses = 0;
    const miss = () => ((misses += 1), null);
    const missing = 'replica/orders/r2' as Key<Value>;
    assert.deepEqual([cache.get(missing, miss), cache.get(missing, miss), misses], [null, null, 1]);
  });

  it('forgets a written key and each list that it stands in', () => {
    const [cache, row] = [new ReadCache(), rows()];
    const prefixes = ['replica/', 'replica/orders/'] as Prefix<Value>[];
    cache.get(key, row.get);
    for (const one of prefixes) cache.list(one, row.list);
    row.change('{"names":["b"]}');
    cache.forget([key]);
    assert.deepEqual(cache.get(key, row.get)?.value.names, ['b']);
    for (const one of prefixes) assert.deepEqual(cache.list(one, row.list)[0]?.value.names, ['b']);
  });

  it('keeps no list whose prefix ends within a name', () => {
    const [cache, row] = [new ReadCache(), rows()];
    const within = 'replica/ord' as Prefix<Value>;
    cache.list(within, row.list);
    cache.list(within, row.list);
    assert.equal(row.reads(), 2);
  });

  it('gives what nobody can change', () => {
    const value = new ReadCache().get(key, rows().get)?.value as { names: string[] };
    assert.throws(() => value.names.push('b'), TypeError);
  });
});
