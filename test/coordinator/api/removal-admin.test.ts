import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RemovalAdmin } from '../../../coordinator/api/removal-admin.ts';
import { keys } from '../../../coordinator/core/records.ts';
import type { Replica } from '../../../coordinator/core/replica.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { FakeStore } from '../../fakes/fake-store.ts';
import { groupSpec, replica, scalingRecord } from '../builders.ts';

const order = { group: 'orders', server: 'r1', owner: 'ada', reason: 'a batch job', withoutReplacement: false };

async function setUp(...replicas: readonly Replica[]) {
  const store = new FakeStore();
  const writes = [
    { key: keys.group('orders'), value: groupSpec(), ifRevision: 0 },
    { key: keys.scaling('orders'), value: scalingRecord({ desired: 1 }), ifRevision: 0 },
    ...replicas.map((value) => ({ key: keys.replica('orders', value.name), value, ifRevision: 0 })),
  ];
  await store.commit({ writes });
  const admin = new RemovalAdmin({ store, clock: new FakeClock() });
  const removal = async () => (await store.get(keys.removal('orders', 'r1')))?.value ?? null;
  const reasons = async () => (await store.readEvents({ afterSequence: 0, limit: 9 })).map(({ reason }) => reason);
  return { store, admin, removal, reasons };
}

describe('RemovalAdmin with force', () => {
  it('has the sessions ended of what drains, and says so', async () => {
    const { admin, removal, reasons } = await setUp(replica.draining('r1'), replica.serving('r2'));
    assert.deepEqual(await admin.drain({ ...order, force: true }), { ok: true, value: null });
    assert.equal((await removal())?.isForced, true);
    assert.deepEqual(await reasons(), ['DRAIN_FORCED']);
  });

  it('can be taken back while it drains', async () => {
    const { admin, removal, reasons } = await setUp(replica.draining('r1'));
    await admin.drain({ ...order, force: true });
    assert.deepEqual(await admin.cancel(order), { ok: true, value: null });
    assert.equal(await removal(), null);
    assert.deepEqual(await reasons(), ['DRAIN_FORCED', 'FORCE_CANCELLED']);
  });

  const refused: readonly { readonly name: string; readonly replicas: readonly Replica[]; readonly says: RegExp }[] = [
    { name: 'serves', replicas: [replica.serving('r1')], says: /r1 is serving .*replica that drains/ },
    { name: 'is deleted', replicas: [replica.deleting('r1')], says: /r1 is deleting/ },
    { name: 'is given back', replicas: [replica.draining('r1', { reason: 'RELEASED' })], says: /RELEASED/ },
    {
      name: 'does not drain alone',
      replicas: [replica.draining('r1'), replica.draining('r2')],
      says: /r2 drains too/,
    },
  ];
  for (const { name, replicas, says } of refused) {
    it(`is refused for one that ${name}`, async () => {
      const { admin, removal } = await setUp(...replicas);
      assert.match(JSON.stringify(await admin.drain({ ...order, force: true })), says);
      assert.equal(await removal(), null);
    });
  }
});
