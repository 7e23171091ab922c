import assert from 'node:assert/strict';
import type { Write } from '../ports.ts';

/** A commit that writes a key twice, or one without a name, is a bug. */
export function assertDistinctKeys(writes: readonly Write[]): void {
  const keys = new Set<string>();
  for (const { key } of writes) {
    assert(key.length > 0, 'a key has at least one character');
    assert(!keys.has(key), `one commit writes ${key} twice`);
    keys.add(key);
  }
}

/** The JSON of a value; one that has none is a bug. */
export function jsonOf(key: string, value: unknown): string {
  const json = JSON.stringify(value) as string | undefined;
  assert(json !== undefined, `the value of ${key} has no JSON form`);
  return json;
}
