import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Key, keys, prefixes } from '../../../coordinator/core/records.ts';
import { upgradeRecords } from '../../../coordinator/loops/record-upgrade.ts';
import { contentHash } from '../../../process/content-hash.ts';
import { createLogger } from '../../../process/log.ts';
import { FakeStore } from '../../fakes/fake-store.ts';
import { groupInput, groupSpec, replica, richInput, voter } from '../builders.ts';

const deps = (store: FakeStore) => ({ store, hash: contentHash, log: createLogger('test', 'silent') });
const older = <T extends object>(value: T, ...fields: readonly (keyof T)[]) =>
  Object.fromEntries(Object.entries(value).filter(([name]) => !fields.includes(name as keyof T)));

async function storeOf(...records: readonly (readonly [Key<unknown>, unknown])[]): Promise<FakeStore> {
  const store = new FakeStore();
  await store.commit({ writes: records.map(([key, value]) => ({ key, value, ifRevision: 0 })) });
  return store;
}

describe('upgradeRecords', () => {
  it('fills in what records of an earlier version lack', async () => {
    const group = older(groupSpec(), 'agents', 'users', 'queryRules', 'hostgroupAttributes');
    const store = await storeOf(
      [keys.fleet('main'), { name: 'main', cell: 'default' }],
      [keys.group('orders'), group],
      [keys.topology('orders'), { primaryAddress: '10.0.1.1' }],
      [keys.replica('orders', 'r1'), older(replica.serving('r1'), 'serverCa')],
    );
    await upgradeRecords(deps(store));
    assert.deepEqual((await store.get(keys.fleet('main')))?.value.variables, {});
    assert.deepEqual((await store.get(keys.group('orders')))?.value, groupSpec());
    assert.equal((await store.get(keys.topology('orders')))?.value.serverCa, null);
    assert.deepEqual((await store.get(keys.replica('orders', 'r1')))?.value, replica.serving('r1'));
  });

  it('moves voters under their cell, once, with all that they voted', async () => {
    const value = voter('p1', { cell: 'east', absent: [{ hostname: '10.0.0.1', port: 3306, revision: 3 }] });
    const store = await storeOf(['roster/orders/p1' as Key<unknown>, value]);
    await upgradeRecords(deps(store));
    await upgradeRecords(deps(store));
    const voters = await store.list(prefixes.allVoters);
    assert.deepEqual(
      voters.map((stored) => [stored.key, stored.value]),
      [[keys.voter('orders', 'p1', 'east'), value]],
    );
  });

  it('writes nothing that is up to date, so that versions stay', async () => {
    const store = await storeOf(
      [keys.fleet('main'), { name: 'main', cell: 'default', variables: {} }],
      [keys.group('orders'), groupSpec(richInput)],
      [keys.topology('orders'), { primaryAddress: '10.0.1.1', serverCa: null }],
      [keys.replica('orders', 'r1'), replica.serving('r1')],
    );
    await upgradeRecords(deps(store));
    assert.equal((await store.get(keys.group('orders')))?.revision, 1);
  });

  it('drops a decision that does not say what it was made from', async () => {
    const bare = { desired: 1, reason: 'STEADY', incidentId: null, untilMs: null, atMs: 1 };
    const store = await storeOf([keys.decision('orders'), bare], [keys.decision('users'), { ...bare, inputs: {} }]);
    await upgradeRecords(deps(store));
    assert.deepEqual(
      (await store.list(prefixes.decisions)).map(({ key }) => key),
      [keys.decision('users')],
    );
  });

  it('leaves a declaration that would be refused now', async () => {
    const store = await storeOf([keys.group('orders'), { ...groupInput, writerHostgroup: -1 }]);
    await upgradeRecords(deps(store));
    const stored = await store.get(keys.group('orders'));
    assert.deepEqual([stored?.value.writerHostgroup, stored?.revision], [-1, 1]);
  });
});
