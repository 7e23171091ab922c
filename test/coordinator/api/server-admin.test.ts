import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ServerAdmin } from '../../../coordinator/api/server-admin.ts';
import type { CloudInstance } from '../../../coordinator/core/cloud.ts';
import { keys, prefixes } from '../../../coordinator/core/records.ts';
import type { Replica } from '../../../coordinator/core/replica.ts';
import { CoordinatorError } from '../../../coordinator/errors.ts';
import { CloudView } from '../../../coordinator/loops/cloud-view.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { FakeCloudSql } from '../../fakes/fake-cloudsql.ts';
import { FakeStore } from '../../fakes/fake-store.ts';
import { groupInput, groupSpec, install, replica, scalingRecord } from '../builders.ts';

const by = { group: 'orders', owner: 'ann', reason: 'because' };

async function world(records: readonly Replica[] = [], desired = records.length) {
  const store = new FakeStore();
  const clock = new FakeClock();
  const cloudSql = new FakeCloudSql('shop-prod-1');
  cloudSql.addInstance('orders-primary', { address: '10.0.1.1' });
  const spec = groupSpec({ policy: { replicasMin: 0, replicasMax: 2 }, staticReaders: [{ hostname: 'legacy' }] });
  const writes = [
    { key: keys.group('orders'), value: spec, ifRevision: 0 },
    { key: keys.scaling('orders'), value: scalingRecord({ desired }), ifRevision: 0 },
    ...records.map((value) => ({ key: keys.replica('orders', value.name), value, ifRevision: 0 })),
  ];
  await store.commit({ writes });
  const cloud = new CloudView({ cloudSql, clock }, 0);
  const admin = new ServerAdmin({ store, clock, cloud, install });
  const addReplica = (name: string, change: Partial<CloudInstance> = {}) =>
    cloudSql.addInstance(name, { instanceType: 'READ_REPLICA_INSTANCE', primary: 'orders-primary', ...change });
  return { store, clock, cloudSql, admin, addReplica };
}

type World = Awaited<ReturnType<typeof world>>;

const desiredOf = async ({ store }: World) => (await store.get(keys.scaling('orders')))?.value.desired;
const cordonsOf = async ({ store }: World) =>
  (await store.list(prefixes.cordons('orders'))).map(({ value }) => value.server);

function refusal(result: { readonly ok: boolean; readonly message?: string; readonly code?: string }): string {
  assert.equal(result.ok, false);
  return `${result.code ?? ''}: ${result.message ?? ''}`;
}

describe('ServerAdmin, cordons', () => {
  it('keeps who, why and until when, and takes it back', async () => {
    const here = await world([replica.serving('r1')]);
    assert.deepEqual(await here.admin.cordon({ ...by, server: 'r1', seconds: 60 }), { ok: true, value: null });
    const stored = await here.store.get(keys.cordon('orders', 'r1'));
    const atMs = here.clock.nowMs();
    assert.deepEqual(stored?.value, { ...by, server: 'r1', atMs, untilMs: atMs + 60_000 });
    assert.deepEqual(await here.admin.uncordon({ ...by, server: 'r1' }), { ok: true, value: null });
    assert.deepEqual(await cordonsOf(here), []);
  });

  it('names a static reader by host and port, however it was named', async () => {
    for (const server of ['legacy', 'legacy:3306']) {
      const here = await world();
      assert((await here.admin.cordon({ ...by, server, seconds: null })).ok);
      assert.deepEqual(await cordonsOf(here), ['legacy:3306']);
      assert((await here.admin.uncordon({ ...by, server })).ok);
      assert.deepEqual(await cordonsOf(here), []);
    }
  });

  const refused = [
    [
      'the writer',
      { server: 'orders-primary' },
      /INVALID: server is "orders-primary"; allowed: .* r1, r2, legacy:3306/,
    ],
    ['one that is being deleted', { server: 'r2' }, /PRECONDITION: r2 is being deleted/],
    ['an order of nobody', { server: 'r1', owner: '' }, /INVALID: owner is ""/],
    ['an order without a cause', { server: 'r1', reason: ' ' }, /INVALID: reason/],
    ['an order for no time', { server: 'r1', seconds: 0 }, /INVALID: durationSeconds is 0/],
    ['a group that is not there', { server: 'r1', group: 'x' }, /NOT_FOUND/],
  ] as const;
  for (const [name, change, expected] of refused) {
    it(`refuses ${name}`, async () => {
      const here = await world([replica.serving('r1'), replica.deleting('r2')]);
      assert.match(refusal(await here.admin.cordon({ ...by, seconds: null, ...change })), expected);
      assert.deepEqual(await cordonsOf(here), []);
    });
  }

  it('says what is cordoned when something else is to be taken back', async () => {
    const here = await world([replica.serving('r1')]);
    await here.admin.cordon({ ...by, server: 'r1', seconds: null });
    assert.match(refusal(await here.admin.uncordon({ ...by, server: 'r9' })), /allowed: one of r1/);
  });
});

describe('ServerAdmin, adoption and release', () => {
  it('writes the record of an adopted instance, and wants one more', async () => {
    const here = await world();
    here.addReplica('orders-read-2');
    assert((await here.admin.adopt({ ...by, instance: 'orders-read-2' })).ok);
    const record = await here.store.get(keys.replica('orders', 'orders-read-2'));
    assert.equal(record?.value.adoptedAtMs, here.clock.nowMs());
    assert.equal(record.value.state, 'creating');
    assert.equal(await desiredOf(here), 1);
    assert.deepEqual(here.cloudSql.effects, [], 'labels are the scaler’s to write');
    assert.match(refusal(await here.admin.adopt({ ...by, instance: 'orders-read-2' })), /already/);
  });

  const against: readonly (readonly [string, Partial<CloudInstance>, RegExp])[] = [
    ['a primary', { instanceType: 'CLOUD_SQL_INSTANCE', primary: null }, /instanceType/],
    ['another primary’s replica', { primary: 'x' }, /masterInstanceName is "x"; allowed: orders-primary/],
    ['a standby for disasters', { isDisasterRecoveryReplica: true }, /disaster recovery/],
    ['what has replicas', { replicaNames: ['y'] }, /replicaNames/],
    ['another installation’s', { labels: { 'chester-install': 'other' } }, /chester-install is "other"/],
  ];
  for (const [name, change, expected] of against) {
    it(`refuses to adopt ${name}`, async () => {
      const here = await world();
      here.addReplica('orders-read-2', change);
      assert.match(refusal(await here.admin.adopt({ ...by, instance: 'orders-read-2' })), expected);
      assert.deepEqual(await here.store.list(prefixes.replicas('orders')), []);
    });
  }

  it('refuses to adopt above max, what is not listed, and what cannot be asked about', async () => {
    const full = await world([replica.serving('r1'), replica.serving('r2')]);
    full.addReplica('orders-read-2');
    assert.match(refusal(await full.admin.adopt({ ...by, instance: 'orders-read-2' })), /its max is 2/);
    assert.match(refusal(await full.admin.adopt({ ...by, instance: 'nothing' })), /instance is "nothing"/);
    full.cloudSql.nextError = new CoordinatorError('CLOUDSQL_UNAVAILABLE', 'no answer');
    assert.match(refusal(await full.admin.adopt({ ...by, instance: 'x' })), /PRECONDITION: .* no answer/);
  });

  it('drains a released replica and wants one less, but not less than min', async () => {
    const here = await world([replica.serving('r1')], 1);
    assert((await here.admin.release({ ...by, instance: 'r1' })).ok);
    const record = await here.store.get(keys.replica('orders', 'r1'));
    assert.deepEqual([record?.value.state, record?.value.reason], ['draining', 'RELEASED']);
    assert.equal(await desiredOf(here), 0);
    assert.match(refusal(await here.admin.release({ ...by, instance: 'r1' })), /being released already/);
  });

  it('wants as many as before when what is released was kept out: another one would have to go', async () => {
    const here = await world([replica.serving('r1'), replica.serving('r2')], 1);
    assert((await here.admin.cordon({ ...by, server: 'r1', seconds: null })).ok);
    assert((await here.admin.release({ ...by, instance: 'r1' })).ok);
    assert.equal(await desiredOf(here), 1);
  });

  it('refuses to adopt while a count is held: the adopted one would be the first to go', async () => {
    const here = await world([replica.serving('r1')], 1);
    here.addReplica('orders-read-2');
    const nowMs = here.clock.nowMs();
    const value = { owner: 'bob', reason: 'sale', sinceMs: nowMs, replicas: 1, untilMs: nowMs + 1000 };
    await here.store.commit({ writes: [{ key: keys.override('orders'), value, ifRevision: 0 }] });
    const adopt = () => here.admin.adopt({ ...by, instance: 'orders-read-2' });
    assert.match(refusal(await adopt()), /PRECONDITION: group orders is held at 1 replicas by bob until/);
    await here.clock.advance(1000);
    assert((await adopt()).ok, 'the hold is over');
  });

  it('refuses to release what is not there yet, not any more, or not ours', async () => {
    const here = await world([replica.creating('r1'), replica.deleting('r2')]);
    assert.match(refusal(await here.admin.release({ ...by, instance: 'r1' })), /r1 is creating/);
    assert.match(refusal(await here.admin.release({ ...by, instance: 'r2' })), /r2 is deleting/);
    assert.match(refusal(await here.admin.release({ ...by, instance: 'r3' })), /one of r1, r2/);
  });
});

describe('ServerAdmin, the writer', () => {
  it('stores the order for another writer', async () => {
    const here = await world();
    here.cloudSql.addInstance('orders-b');
    assert((await here.admin.acceptPrimary({ ...by, instance: 'orders-b', oldIsGone: true })).ok);
    const order = await here.store.get(keys.writerOrder('orders'));
    assert.deepEqual([order?.value.instance, order?.value.isOldGone], ['orders-b', true]);
  });

  it('refuses a writer that is a replica, does not run, or is this group’s own replica', async () => {
    const here = await world([replica.serving('r1')]);
    here.addReplica('orders-b');
    here.cloudSql.addInstance('orders-c', { state: 'MAINTENANCE' });
    here.cloudSql.addInstance('r1');
    const asked = (instance: string) => here.admin.acceptPrimary({ ...by, instance, oldIsGone: false });
    assert.match(refusal(await asked('orders-b')), /a replica of orders-primary/);
    assert.match(refusal(await asked('orders-c')), /MAINTENANCE/);
    assert.match(refusal(await asked('r1')), /still a replica/);
    assert.equal(await here.store.get(keys.writerOrder('orders')), null);
  });
});

describe('ServerAdmin, declarations', () => {
  const connectivity = { hasPsc: true, requiresConnector: false, hasPublicAddress: false };

  it('refuses a group whose primary the proxies cannot reach, with field, value and what is allowed', async () => {
    const here = await world();
    here.cloudSql.addInstance('orders-primary', { connectivity });
    const refused = await here.admin.checkDeclared(groupInput);
    assert(refused !== null);
    assert.match(refusal(refused), /primary orders-primary, .*pscEnabled is true; allowed: false/);
  });

  it('takes what cannot be asked about, or waits for too long', async () => {
    const here = await world();
    here.cloudSql.addInstance('orders-primary', { connectivity });
    here.cloudSql.nextError = new CoordinatorError('CLOUDSQL_UNAVAILABLE', 'no answer');
    assert.equal(await here.admin.checkDeclared(groupInput), null);
    here.cloudSql.listInstances = () => new Promise(() => undefined);
    const checking = here.admin.checkDeclared(groupInput);
    await here.clock.advance(3000);
    assert.equal(await checking, null);
  });
});
