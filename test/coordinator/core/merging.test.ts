import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { endMerging, mergeChange, type Merging, notMerging } from '../../../coordinator/core/merging.ts';

const policy = { quietMs: 20, maxMs: 250 };

/** When each of the changes that come at these moments goes out, with those that wait with it. */
function departures(comeAtMs: readonly number[]): number[] {
  const left: number[] = [];
  let merging: Merging = notMerging;
  let dueMs: number | null = null;
  for (const nowMs of comeAtMs) {
    if (dueMs !== null && dueMs <= nowMs) {
      left.push(dueMs);
      merging = endMerging(merging);
      dueMs = null;
    }
    const next = mergeChange(merging, policy, nowMs);
    merging = next.merging;
    if (next.delayMs === 0) left.push(nowMs);
    else dueMs = nowMs + next.delayMs;
    if (next.delayMs === 0) merging = endMerging(merging);
  }
  return dueMs === null ? left : [...left, dueMs];
}

describe('mergeChange', () => {
  const cases: readonly (readonly [name: string, comeAtMs: readonly number[], goAtMs: readonly number[]])[] = [
    ['sends a change that comes alone at once', [1000], [1000]],
    ['sends changes that are far apart at once', [1000, 1020, 1040], [1000, 1020, 1040]],
    ['sends those that follow closely together', [1000, 1005, 1010], [1000, 1030]],
    ['waits for the last of them to be quiet', [0, 10, 25, 40], [0, 60]],
    ['lets no change wait longer than the limit', Array.from({ length: 40 }, (_, index) => index * 10), [0, 260, 410]],
  ];
  for (const [name, comeAtMs, goAtMs] of cases) {
    it(name, () => {
      assert.deepEqual(departures(comeAtMs), goAtMs);
    });
  }
});
