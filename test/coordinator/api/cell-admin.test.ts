import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { retireCell } from '../../../coordinator/api/cell-admin.ts';

const order = { owner: 'ann', reason: 'dissolved' };
const standing = { sinceMs: 0, retired: null, isSilent: false, signAgeMs: 0, coordinators: [] };
const cells = {
  views: () => Promise.resolve([]),
  standings: () => [{ name: 'here', ...standing }],
  alive: () => [],
  retire: () => Promise.resolve('it gives signs of life'),
};

describe('retireCell', () => {
  it('tells a cell that there is not from one that is alive', async () => {
    const cases = [
      [{}, 'west', 'NOT_FOUND'],
      [{ cells }, 'west', 'NOT_FOUND'],
      [{ cells }, 'here', 'PRECONDITION'],
    ] as const;
    for (const [deps, cell, code] of cases) {
      const answer = await retireCell(deps, { cell, ...order });
      assert(!answer.ok);
      assert.equal(answer.code, code);
    }
  });
});
