import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { orderResync } from '../../../coordinator/api/resync-admin.ts';
import { keys } from '../../../coordinator/core/records.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { FakeStore } from '../../fakes/fake-store.ts';
import { groupSpec, voter } from '../builders.ts';

describe('orderResync', () => {
  it('takes the name of an agent on the roster, whatever its cell, and refuses any other', async () => {
    const store = new FakeStore();
    const writes = [
      { key: keys.group('orders'), value: groupSpec(), ifRevision: 0 },
      { key: keys.voter('orders', 'p1', 'west'), value: voter('p1', { cell: 'west' }), ifRevision: 0 },
    ];
    await store.commit({ writes });
    const clock = new FakeClock();
    const order = (agentId: string) =>
      orderResync({ store, clock }, { group: 'orders', agentId, owner: 'ann', reason: 'edited by hand' });
    const refused = await order('p2');
    assert(!refused.ok);
    assert.equal(refused.code, 'NOT_FOUND');
    assert.match(refused.message, /agent "p2" is not on the roster of group orders/);
    assert.equal(await store.get(keys.resync('orders')), null);
    assert.equal((await order('p1')).ok, true);
    assert.equal((await store.get(keys.resync('orders')))?.value.agentId, 'p1');
  });
});
