import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RedisHistory } from '../../../coordinator/adapters/store-redis-history.ts';
import type { HistoryLoss } from '../../../coordinator/ports.ts';

describe('RedisHistory', () => {
  it('tells a loss once, although two calls that were under way find it', () => {
    const history = new RedisHistory();
    const told: HistoryLoss[] = [];
    history.watch((loss) => told.push(loss));
    const head = { storeId: 's', fencingToken: 1 };
    history.compare({ ...head, revision: 8, seals: [] }, 0);
    const after = { ...head, revision: 2000, seals: [[6, 2000] as const] };
    history.compare(after, 8);
    history.compare(after, 8);
    assert.deepEqual(told, [{ kind: 'writesLost', keptRevision: 6, seenRevision: 8 }]);
    assert.equal(history.seenRevision, 2000);
    history.compare({ ...head, revision: 5000, seals: [[2001, 5000] as const] }, 2002);
    assert.deepEqual(told.at(-1), { kind: 'writesLost', keptRevision: 2001, seenRevision: 2002 });
    assert.equal(told.length, 2);
  });
});
