import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { groupOfKey, keys } from '../../../coordinator/core/records.ts';
import { isPlausibleEpoch, leaseTimes, waitMs } from '../../../coordinator/core/lease.ts';
import { startMs } from '../builders.ts';

describe('isPlausibleEpoch', () => {
  it('believes up to 24 hours ahead', () => {
    assert.equal(isPlausibleEpoch(0, 0, startMs), true);
    assert.equal(isPlausibleEpoch(startMs + 24 * 3_600_000, 0, startMs), true);
    assert.equal(isPlausibleEpoch(startMs + 24 * 3_600_000 + 1, 0, startMs), false);
  });

  it('believes what its own term reached while the clock was wrong', () => {
    const ahead = startMs + 72 * 3_600_000;
    assert.equal(isPlausibleEpoch(ahead, ahead, startMs), true);
    assert.equal(isPlausibleEpoch(ahead + 1, ahead, startMs), false);
  });
});

describe('waitMs', () => {
  const times = leaseTimes(12_000);
  const cases: readonly (readonly [name: string, othersMs: number | null, expectedMs: number])[] = [
    ['tries soon while nobody is known to have the lease', null, 1000],
    ['looks now and then whether a long lease is still kept', 9000, 4000],
    ['comes just when a lease that nobody renews is over', 700, 701],
    ['does not press a store whose clock stands still', 0, 50],
  ];
  for (const [name, othersMs, expectedMs] of cases) {
    it(name, () => {
      assert.equal(waitMs(times, othersMs), expectedMs);
    });
  }
});

describe('groupOfKey', () => {
  it('finds the group of every key that belongs to one', () => {
    const ofGroup = [
      keys.group('g'),
      keys.scaling('g'),
      keys.topology('g'),
      keys.snapshot('g'),
      keys.replica('g', 'r'),
      keys.voter('g', 'a'),
      keys.returned('g'),
      keys.incident('g', 'i/1'),
    ];
    for (const key of ofGroup) assert.equal(groupOfKey(key), 'g');
    for (const key of [keys.fleet('f'), keys.setAside('s'), keys.decision('g')]) assert.equal(groupOfKey(key), null);
  });
});
