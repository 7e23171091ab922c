import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { renderAge, renderUntil } from '../../cli/age.ts';

const nowMs = 1_700_000_000_000;
const cases = [
  { ageMs: 0, expected: '0s' },
  { ageMs: 12_900, expected: '12s' },
  { ageMs: 119_999, expected: '119s' },
  { ageMs: 120_000, expected: '2m' },
  { ageMs: 3_600_000, expected: '60m' },
  { ageMs: 7_200_000, expected: '2h' },
  { ageMs: 172_799_999, expected: '47h' },
  { ageMs: 172_800_000, expected: '2d' },
  { ageMs: -5000, expected: '0s' },
] as const;

describe('renderAge', () => {
  for (const { ageMs, expected } of cases) {
    it(`says ${expected} after ${ageMs} ms`, () => {
      assert.equal(renderAge(nowMs - ageMs, nowMs), expected);
    });
  }

  it('says - of a time that is not known', () => {
    assert.equal(renderAge(0, nowMs), '-');
  });
});

describe('renderUntil', () => {
  for (const { leftMs, expected } of [
    { leftMs: 0, expected: 'over' },
    { leftMs: -1, expected: 'over' },
    { leftMs: 3_500_000, expected: '58m left' },
    { leftMs: 999, expected: '0s left' },
  ]) {
    it(`says ${expected} with ${leftMs} ms to go`, () => {
      assert.equal(renderUntil(nowMs + leftMs, nowMs), expected);
    });
  }
});
