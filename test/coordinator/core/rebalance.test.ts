import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { balancePauseMs, type Balancing, notBalancing, planRebalance } from '../../../coordinator/core/rebalance.ts';

const { min, max } = balancePauseMs;
const tried = (had: number, count: number, pauseMs = min): Balancing => ({ asked: { had, count }, pauseMs });

describe('planRebalance', () => {
  const cases: readonly (readonly [
    name: string,
    balancing: Balancing,
    own: number,
    peers: readonly number[],
    count: number,
    pauseMs: number,
  ])[] = [
    ['does nothing alone', notBalancing, 10_000, [], 0, min],
    ['does nothing for a few', notBalancing, 20, [0], 0, min],
    ['does nothing within a quarter', notBalancing, 120, [80], 0, min],
    ['asks what is above its share', notBalancing, 10_000, [0], 5000, min],
    ['counts all that live', notBalancing, 9000, [300, 600], 5700, min],
    ['does nothing where it has fewer', notBalancing, 0, [10_000], 0, min],
    ['goes on while it helps', tried(10_000, 5000), 7400, [2600], 2400, min],
    ['waits longer when it did not help', tried(10_000, 5000), 9900, [100], 4900, 2 * min],
    ['and longer, up to an hour', tried(10_000, 5000, max), 10_000, [0], 5000, max],
    ['begins anew once all is well', tried(10_000, 5000, max), 5000, [5000], 0, min],
  ];
  for (const [name, balancing, own, peers, count, pauseMs] of cases) {
    it(name, () => {
      const found = planRebalance(balancing, own, peers);
      assert.equal(found.count, count);
      assert.equal(found.balancing.pauseMs, pauseMs);
    });
  }
});
