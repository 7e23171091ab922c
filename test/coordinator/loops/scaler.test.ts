import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { keys } from '../../../coordinator/core/records.ts';
import { CoordinatorError } from '../../../coordinator/errors.ts';
import { serverCaOf } from '../../fakes/fake-cloudsql.ts';
import { groupSpec, incident } from '../builders.ts';
import { Harness } from './harness.ts';

/** Brings a group to one serving replica. */
async function serving(desired = 1): Promise<Harness> {
  const harness = await Harness.start(groupSpec(), desired);
  await harness.until('creating');
  await harness.step();
  harness.cloudSql.finishOperations();
  await harness.until('gating');
  harness.answer();
  await harness.until('serving');
  return harness;
}

describe('Scaler, out', () => {
  it('answers an open incident with one replica, gated before it serves', async () => {
    const harness = await Harness.start();
    await harness.store.commit({
      writes: [{ key: keys.incident('orders', 'i'), value: incident({ id: 'i' }), ifRevision: 0 }],
    });
    await harness.until('creating');
    await harness.step();
    assert.deepEqual(harness.created(), ['orders-ro-1']);
    assert.deepEqual(await harness.states(), ['creating']);
    harness.cloudSql.finishOperations();
    await harness.until('gating');
    for (let steps = 0; steps < 5; steps += 1) await harness.step();
    assert.deepEqual(await harness.states(), ['gating'], 'a replica that does not answer does not serve');
    harness.answer({ lagSeconds: 11 });
    for (let steps = 0; steps < 5; steps += 1) await harness.step();
    assert.deepEqual(await harness.states(), ['gating'], 'nor one that lags');
    harness.answer({ lagSeconds: null });
    for (let steps = 0; steps < 5; steps += 1) await harness.step();
    assert.deepEqual(await harness.states(), ['gating'], 'nor one that does not replicate');
    harness.answer({ lagSeconds: 10 });
    await harness.until('serving');
    assert.deepEqual(harness.metrics.groups.get('orders')?.desired, 1);
    for (let steps = 0; steps < 10; steps += 1) await harness.step();
    assert.deepEqual(harness.created(), ['orders-ro-1'], 'within the cool-down nothing more');
    assert.deepEqual(await harness.events('SCALING_DECISION'), [
      'i SCALE_OUT',
      'i OPERATION_IN_PROGRESS',
      'i WITHIN_COOLDOWN',
    ]);
  });

  it('serves only over an encrypted login where that is asked for', async () => {
    const harness = await Harness.start(groupSpec({ serverDefaults: { useSsl: true } }), 1);
    await harness.until('creating');
    await harness.step();
    harness.cloudSql.finishOperations();
    await harness.until('gating');
    harness.answer();
    for (let steps = 0; steps < 5; steps += 1) await harness.step();
    assert.equal((await harness.records())[0]?.reason, 'the login was not encrypted');
    harness.answer({ isEncrypted: true });
    await harness.until('serving');
  });

  it('stores the authority of each server with its address, and follows a rotation', async () => {
    const harness = await serving();
    const { cloudSql, store } = harness;
    const caIds = async () => [
      (await store.get(keys.topology('orders')))?.value.serverCa?.id,
      (await harness.records())[0]?.serverCa?.id,
    ];
    const name = (await harness.records())[0]!.name;
    assert.deepEqual(await caIds(), [serverCaOf('orders-primary').id, serverCaOf(name).id]);
    const [before] = await harness.records();
    for (const instance of cloudSql.instances.values())
      cloudSql.instances.set(instance.name, { ...instance, serverCa: serverCaOf(instance.name, 2) });
    for (let steps = 0; steps < 3; steps += 1) await harness.step();
    assert.deepEqual(await caIds(), [serverCaOf('orders-primary', 2).id, serverCaOf(name, 2).id]);
    assert.deepEqual((await harness.records())[0], { ...before, serverCa: serverCaOf(name, 2) });
    for (const instance of cloudSql.instances.values())
      cloudSql.instances.set(instance.name, { ...instance, serverCa: null });
    const { revision } = (await store.get(keys.topology('orders')))!;
    for (let steps = 0; steps < 3; steps += 1) await harness.step();
    assert.deepEqual(await caIds(), [serverCaOf('orders-primary', 2).id, serverCaOf(name, 2).id]);
    assert.equal((await store.get(keys.topology('orders')))?.revision, revision, 'written once');
  });

  it('creates once although the answer was lost', async () => {
    const harness = await Harness.start(groupSpec(), 1);
    await harness.until('creating');
    harness.cloudSql.losesNextAnswer = true;
    await assert.rejects(harness.step(), /hang up/);
    harness.cloudSql.finishOperations();
    await harness.until('gating');
    assert.deepEqual(harness.created(), ['orders-ro-1']);
  });

  it('creates once although the answer was lost and the listing lags', async () => {
    const harness = await Harness.start(groupSpec(), 1);
    await harness.until('creating');
    harness.cloudSql.losesNextAnswer = true;
    await assert.rejects(harness.step(), /hang up/);
    const hidden = harness.cloudSql.instances.get('orders-ro-1');
    assert(hidden);
    harness.cloudSql.instances.delete('orders-ro-1');
    harness.cloudSql.namesTaken.add('orders-ro-1');
    for (let steps = 0; steps < 5; steps += 1) await harness.step();
    assert.equal((await harness.records())[0]?.name, 'orders-ro-1');
    assert((await harness.events('WAIT')).includes('orders-ro-1 INSTANCE_NOT_READY'));
    harness.cloudSql.instances.set('orders-ro-1', { ...hidden, state: 'RUNNABLE', address: '10.0.0.1' });
    await harness.until('gating');
    assert.deepEqual(harness.created(), ['orders-ro-1']);
  });

  it('takes another name in the end when its name is taken by nobody that is listed', async () => {
    const harness = await Harness.start(groupSpec(), 1);
    await harness.until('creating');
    harness.cloudSql.namesTaken.add('orders-ro-1');
    for (let steps = 0; steps < 70; steps += 1) await harness.step();
    assert.equal(harness.created().length, 1);
    assert.notEqual((await harness.records())[0]?.name, 'orders-ro-1');
  });

  it('waits while Cloud SQL is busy with the primary, and says so', async () => {
    const harness = await Harness.start(groupSpec(), 1);
    harness.cloudSql.addInstance('foreign', {
      isDeletionProtected: true,
      primary: 'orders-primary',
      instanceType: 'READ_REPLICA_INSTANCE',
    });
    await harness.cloudSql.unprotect('shop-prod-1', 'foreign', '1');
    await harness.until('creating');
    for (let steps = 0; steps < 3; steps += 1) await harness.step();
    assert.deepEqual(harness.created(), []);
    assert((await harness.events('WAIT')).some((wait) => wait.endsWith('OPERATION_IN_PROGRESS')));
    harness.cloudSql.finishOperations();
    await harness.step();
    assert.equal(harness.created().length, 1);
  });

  it('backs off after a refusal, and tries again with another name', async () => {
    const harness = await Harness.start(groupSpec(), 1);
    await harness.until('creating');
    const { cloudSql } = harness;
    const create = cloudSql.createReplica.bind(cloudSql);
    cloudSql.createReplica = () => Promise.reject(new CoordinatorError('CLOUDSQL_FORBIDDEN', 'quota of instances'));
    await harness.step();
    assert.deepEqual(await harness.states(), []);
    assert.deepEqual(await harness.events('ALARM'), ['orders-ro-1 CREATE_FAILED']);
    cloudSql.createReplica = create;
    for (let steps = 0; steps < 50; steps += 1) await harness.step();
    assert.deepEqual(harness.created(), []);
    assert((await harness.events('WAIT')).includes('orders CREATE_BACKOFF'));
    for (let steps = 0; steps < 15; steps += 1) await harness.step();
    assert.equal(harness.created().length, 1);
  });

  it('asks a busy primary once, however often the group is woken', async () => {
    const harness = await Harness.start(groupSpec(), 1);
    await harness.until('creating');
    let calls = 0;
    harness.cloudSql.createReplica = () => {
      calls += 1;
      return Promise.resolve({ outcome: 'busy' });
    };
    for (let look = 0; look < 5; look += 1) await harness.scaler.step('orders');
    const asked = () => calls;
    assert.equal(asked(), 1, 'asked again within the pause');
    for (let steps = 0; steps < 4; steps += 1) await harness.step();
    assert.ok(asked() > 1, 'never asked again');
  });

  it('waits after a refusal when an earlier call may have created it', async () => {
    const harness = await Harness.start(groupSpec(), 1);
    await harness.until('creating');
    const { cloudSql } = harness;
    cloudSql.losesNextAnswer = true;
    await assert.rejects(harness.step(), /socket hang up/);
    const create = cloudSql.createReplica.bind(cloudSql);
    cloudSql.createReplica = () => Promise.reject(new CoordinatorError('CLOUDSQL_FORBIDDEN', 'quota of instances'));
    const hidden = cloudSql.instances.get('orders-ro-1');
    assert(hidden);
    cloudSql.instances.delete('orders-ro-1');
    for (let steps = 0; steps < 5; steps += 1) await harness.step();
    assert.deepEqual(await harness.states(), ['creating'], 'forgotten, although it may exist');
    cloudSql.createReplica = create;
    cloudSql.instances.set('orders-ro-1', { ...hidden, state: 'RUNNABLE', address: '10.0.0.1' });
    await harness.until('gating');
    assert.deepEqual(harness.created(), ['orders-ro-1']);
  });

  it('removes a creation that failed, and backs off', async () => {
    const harness = await Harness.start(groupSpec(), 1);
    await harness.until('creating');
    await harness.step();
    harness.cloudSql.finishOperations('INTERNAL');
    await harness.until('deleting');
    for (let steps = 0; steps < 6; steps += 1) {
      await harness.step();
      harness.cloudSql.finishOperations();
    }
    assert.deepEqual(harness.deleted(), ['orders-ro-1']);
    assert((await harness.events('ALARM')).includes('orders-ro-1 CREATE_FAILED'));
    assert.equal(harness.created().length, 1, 'the next one waits');
    for (let steps = 0; steps < 70; steps += 1) await harness.step();
    assert.equal(harness.created().length, 2);
  });

  it('does nothing without a verified primary, with one alarm each time', async () => {
    const harness = await Harness.start(groupSpec(), 1);
    const primary = harness.cloudSql.instances.get('orders-primary');
    assert(primary);
    for (const change of [{ state: 'MAINTENANCE' }, { address: null }]) {
      harness.cloudSql.instances.set('orders-primary', { ...primary, ...change });
      for (let steps = 0; steps < 3; steps += 1) await harness.step();
    }
    assert.deepEqual(await harness.states(), []);
    assert.equal(await harness.store.get(keys.topology('orders')), null);
    harness.cloudSql.instances.set('orders-primary', primary);
    await harness.step();
    assert.equal((await harness.store.get(keys.topology('orders')))?.value.primaryAddress, '10.0.1.1');
    harness.cloudSql.instances.set('orders-primary', { ...primary, state: 'MAINTENANCE' });
    await harness.step();
    assert.equal((await harness.events('ALARM')).length, 3);
  });

  it('never follows a primary to another address by itself', async () => {
    const harness = await serving();
    const primary = harness.cloudSql.instances.get('orders-primary');
    assert(primary);
    harness.cloudSql.instances.set('orders-primary', { ...primary, address: '10.0.1.99' });
    for (let steps = 0; steps < 3; steps += 1) await harness.step();
    assert.equal((await harness.store.get(keys.snapshot('orders')))?.value.servers[0]?.hostname, '10.0.1.1');
    assert.deepEqual(await harness.events('ALARM'), ['orders-primary PRIMARY_ADDRESS_CHANGED']);
  });
});

describe('Scaler, in', () => {
  it('deletes a replica only when every voter has proven it absent and nobody is connected', async () => {
    const harness = await serving();
    await harness.vote('a', false);
    await harness.order(0);
    await harness.until('draining');
    await harness.step();
    await harness.vote('b', true);
    for (let steps = 0; steps < 5; steps += 1) await harness.step();
    assert.deepEqual(await harness.states(), ['draining'], 'one voter is outstanding');
    harness.answer({ users: ['app'] });
    await harness.vote('a', true);
    for (let steps = 0; steps < 5; steps += 1) await harness.step();
    assert.deepEqual(await harness.states(), ['draining'], 'somebody is connected');
    harness.probe.replicas.clear();
    for (let steps = 0; steps < 5; steps += 1) await harness.step();
    assert.deepEqual(await harness.states(), ['draining'], 'silence is not consent');
    harness.answer({ users: [] });
    await harness.until('deleting');
    for (let steps = 0; steps < 6; steps += 1) {
      harness.cloudSql.finishOperations();
      await harness.step();
    }
    assert.deepEqual(await harness.states(), []);
    assert.deepEqual(harness.deleted(), ['orders-ro-1']);
    assert.deepEqual([...harness.cloudSql.instances.keys()], ['orders-primary']);
  });

  it('deletes on a listing of this very moment only', async () => {
    const harness = await serving();
    await harness.order(0);
    await harness.until('deleting');
    await harness.step();
    harness.cloudSql.finishOperations();
    await harness.vote('a', false);
    await harness.scaler.step('orders');
    const instance = harness.cloudSql.instances.get('orders-ro-1');
    assert(instance?.isDeletionProtected === false);
    harness.cloudSql.instances.set('orders-ro-1', { ...instance, replicaNames: ['somebody-elses'] });
    await harness.vote('a', true);
    for (let steps = 0; steps < 3; steps += 1) await harness.scaler.step('orders');
    assert.deepEqual(harness.deleted(), []);
    assert((await harness.events('WAIT')).includes('orders-ro-1 NOT_DELETABLE'));
  });

  it('holds on a partial list, and says so', async () => {
    const harness = await serving();
    harness.cloudSql.warnings = ['europe-west1 did not answer'];
    await harness.order(0);
    for (let steps = 0; steps < 3; steps += 1) await harness.step();
    assert.deepEqual(await harness.states(), ['serving']);
    assert((await harness.events('WAIT')).includes('orders PARTIAL_VIEW'));
  });

  it('brings a draining replica back instead of creating one', async () => {
    const harness = await serving();
    await harness.vote('a', false);
    await harness.order(0);
    await harness.until('draining');
    await harness.order(1);
    await harness.until('serving');
    assert.deepEqual(harness.created(), ['orders-ro-1']);
  });

  it('starts over when the settings changed between reading and changing them', async () => {
    const harness = await serving();
    await harness.order(0);
    await harness.until('deleting');
    const { cloudSql } = harness;
    const unprotect = cloudSql.unprotect.bind(cloudSql);
    cloudSql.unprotect = (project, name) => unprotect(project, name, 'an older version');
    await harness.step();
    assert.equal(cloudSql.instances.get('orders-ro-1')?.isDeletionProtected, true);
    cloudSql.unprotect = unprotect;
    for (let steps = 0; steps < 6; steps += 1) {
      await harness.step();
      cloudSql.finishOperations();
    }
    assert.deepEqual(harness.deleted(), ['orders-ro-1']);
  });
});
