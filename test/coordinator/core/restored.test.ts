import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Freeze } from '../../../coordinator/core/freeze.ts';
import { type Key, keys } from '../../../coordinator/core/records.ts';
import { restoredEntries } from '../../../coordinator/core/restored.ts';
import { groupSpec, published, startMs } from '../builders.ts';

const [revision, nowMs] = [40, startMs + 5000];
const entry = <T>(key: Key<T>, value: T) => ({ key, value, revision: 7 });
const group = entry(keys.group('orders'), groupSpec());
const fresh = {
  group: 'orders',
  aboveRevision: 2 ** 20,
  reason: 'the store was restored from a backup',
  sinceMs: nowMs,
  isListed: false,
};

describe('restoredEntries', () => {
  const older: Freeze = {
    ...fresh,
    aboveRevision: 2 ** 21,
    reason: 'a new term',
    sinceMs: nowMs + 60_000,
    isListed: true,
  };
  const cases: readonly (readonly [string, Parameters<typeof restoredEntries>[0], Freeze | null])[] = [
    ['a group without a snapshot', [group], fresh],
    [
      'a group above what it holds of it',
      [entry(keys.snapshot('orders'), published({ revision: 6 })), group],
      { ...fresh, aboveRevision: 6 + 2 ** 20 },
    ],
    [
      'a frozen group anew',
      [group, entry(keys.freeze('orders'), older)],
      { ...fresh, aboveRevision: 2 ** 21, sinceMs: older.sinceMs + 1 },
    ],
    ['nothing of what nobody declares', [entry(keys.snapshot('orders'), published())], null],
    ['nothing where there is nothing', [], null],
  ];
  for (const [what, backup, expected] of cases) {
    it(`freezes ${what}, and keeps all else`, () => {
      const freezeKey = keys.freeze('orders');
      const entries = restoredEntries(backup, revision, nowMs);
      const frozen = entries.filter(({ key }) => key === freezeKey);
      assert.deepEqual(frozen, expected === null ? [] : [{ key: freezeKey, value: expected, revision }]);
      const others = (all: typeof backup) => all.filter(({ key }) => key !== freezeKey);
      assert.deepEqual(others(entries), others(backup));
    });
  }
});
