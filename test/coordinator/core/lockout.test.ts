import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Failures, isLocked, noteFailure } from '../../../coordinator/core/lockout.ts';

describe('noteFailure', () => {
  it('locks from the sixth failure on, twice as long each time, up to five minutes', () => {
    let failures: Failures | undefined;
    const locks: number[] = [];
    for (let count = 1; count <= 16; count += 1) {
      failures = noteFailure(failures, 1000);
      locks.push(failures.lockedUntilMs - 1000);
    }
    assert.deepEqual(locks.slice(0, 5), [0, 0, 0, 0, 0]);
    assert.deepEqual(locks.slice(5, 9), [1000, 2000, 4000, 8000]);
    assert.equal(locks.at(-1), 300_000);
  });

  it('forgets after a quarter of an hour', () => {
    const old = { count: 50, lastAtMs: 0, lockedUntilMs: 300_000 };
    assert.equal(noteFailure(old, 900_001).count, 1);
    assert.equal(isLocked(old, 299_999), true);
    assert.equal(isLocked(old, 300_000), false);
    assert.equal(isLocked(undefined, 0), false);
  });
});
