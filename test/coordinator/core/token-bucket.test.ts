import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { newBucket, reconnectWindowMs, takeToken } from '../../../coordinator/core/token-bucket.ts';
import { fc } from '../../properties.ts';

const policy = { perSecond: 100, burst: 5, waitMaxMs: 1000 };

/** What those that come at these moments are told: null is let in. */
function answers(comeAtMs: readonly number[]): (number | null)[] {
  let bucket = newBucket(policy, 0);
  return comeAtMs.map((nowMs) => {
    const taken = takeToken(bucket, policy, nowMs);
    bucket = taken.bucket;
    return taken.retryAfterMs;
  });
}

describe('takeToken', () => {
  const cases: readonly (readonly [name: string, comeAtMs: readonly number[], told: readonly (number | null)[]])[] = [
    ['lets a burst in', [0, 0, 0, 0, 0], [null, null, null, null, null]],
    [
      'gives those beyond it moments that follow each other',
      [0, 0, 0, 0, 0, 0, 0, 0],
      [null, null, null, null, null, 10, 20, 30],
    ],
    [
      'lets them in when they come as told',
      [0, 0, 0, 0, 0, 0, 0, 10, 20],
      [null, null, null, null, null, 10, 20, null, null],
    ],
    [
      'fills up again, and not beyond its size',
      [0, 0, 0, 0, 0, 10_000, 10_000, 10_000, 10_000, 10_000, 10_000],
      [...[null, null, null, null, null, null, null, null, null, null], 10],
    ],
  ];
  for (const [name, comeAtMs, told] of cases) {
    it(name, () => {
      assert.deepEqual(answers(comeAtMs), told);
    });
  }

  it('never tells to wait longer than the limit, nor shorter than no time', () => {
    const told = answers(Array.from({ length: 500 }, () => 0)).filter((one) => one !== null);
    assert.equal(Math.max(...told), policy.waitMaxMs);
    assert(Math.min(...told) > 0);
  });

  it('lets in at most its rate and one burst, whenever they come', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 200 }), { maxLength: 300 }), (pauses) => {
        let nowMs = 0;
        const times = pauses.map((pauseMs) => (nowMs += pauseMs));
        const admitted = answers(times).filter((one) => one === null).length;
        assert(admitted <= policy.burst + (nowMs * policy.perSecond) / 1000 + 1e-6);
      }),
    );
  });
});

describe('reconnectWindowMs', () => {
  for (const [agents, perSecond, windowMs] of [
    [0, 1500, 500],
    [100, 1500, 500],
    [10_000, 1500, 10_000],
    [10_000, 400, 37_500],
    [1_000_000, 400, 120_000],
  ] as const) {
    it(`is ${windowMs} ms for ${agents} agents at ${perSecond} a second`, () => {
      assert.equal(reconnectWindowMs(agents, { perSecond }), windowMs);
    });
  }
});
