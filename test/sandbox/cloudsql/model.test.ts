import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { JsonObject } from '../../../sandbox/cloudsql/json.ts';
import type { CloudSqlModel } from '../../../sandbox/cloudsql/model.ts';
import { dayMs, makeWorld, operationOf, refusal, replicaBody } from './model-fixture.ts';

describe('CloudSqlModel: one operation at a time', () => {
  const acts: readonly (readonly [string, (model: CloudSqlModel) => unknown])[] = [
    ['an insert', (model) => model.insertInstance(replicaBody({ name: 'orders-ro-2' }), 1)],
    ['a delete of a sibling', (model) => model.deleteInstance('orders-static', 1)],
    [
      'a patch of the primary',
      (model) => model.changeInstance('orders', { body: { settings: {} }, isWhole: false }, 1),
    ],
    ['a promotion', (model) => model.promoteReplica('orders-static', 1)],
    ['a delete of the one being created', (model) => model.deleteInstance('orders-ro-1', 1)],
  ];
  for (const [name, act] of acts) {
    it(`refuses ${name} while a create of the family is in flight`, () => {
      const { model } = makeWorld();
      model.insertInstance(replicaBody(), 0);
      const found = refusal(() => act(model));
      assert.deepEqual([found.status, found.reason], [409, 'operationInProgress']);
    });
  }

  it('lets another primary go on, and the same one after the operation', () => {
    const world = makeWorld();
    world.model.seed({ name: 'users' }, 0);
    world.model.insertInstance(replicaBody(), 0);
    world.model.assignAddress('orders-ro-1', '127.0.9.7');
    world.model.insertInstance(replicaBody({ name: 'users-ro-1', masterInstanceName: 'users' }), 0);
    world.model.advance(1050);
    assert.doesNotThrow(() => world.model.insertInstance(replicaBody({ name: 'orders-ro-2' }), 1050));
  });

  it('holds the family for ever when an operation hangs', () => {
    const { model, faults } = makeWorld();
    faults.add({ kind: 'operationHangs', operationType: 'CREATE_REPLICA' });
    const operation = model.insertInstance(replicaBody(), 0);
    model.assignAddress('orders-ro-1', '127.0.9.7');
    model.advance(dayMs);
    assert.equal(operationOf(model, operation)['status'], 'RUNNING');
    assert.equal(refusal(() => model.deleteInstance('orders-static', dayMs)).reason, 'operationInProgress');
  });
});

describe('CloudSqlModel.deleteInstance', () => {
  it('is PENDING_DELETE, then gone, and leaves its primary', () => {
    const { model } = makeWorld();
    const operation = model.deleteInstance('orders-static', 0);
    assert.equal(operation['operationType'], 'DELETE');
    assert.equal(model.getInstance('orders-static')['state'], 'PENDING_DELETE');
    model.advance(549);
    assert.equal(model.getInstance('orders-static')['state'], 'PENDING_DELETE');
    model.advance(550);
    assert.equal(refusal(() => model.getInstance('orders-static')).reason, 'instanceDoesNotExist');
    assert.equal(model.getInstance('orders')['replicaNames'], undefined);
    assert.equal(operationOf(model, operation)['status'], 'DONE');
  });

  it('keeps the name for seven days', () => {
    const { model } = makeWorld();
    model.deleteInstance('orders-static', 0);
    model.advance(550);
    const insert = (nowMs: number) => (): unknown =>
      model.insertInstance(replicaBody({ name: 'orders-static' }), nowMs);
    const found = refusal(insert(550 + 7 * dayMs - 1));
    assert.deepEqual([found.status, found.reason], [409, 'instanceAlreadyExists']);
    assert.match(
      found.message,
      /you can't reuse the name of the deleted instance until one week from the deletion date/,
    );
    assert.doesNotThrow(insert(550 + 7 * dayMs));
  });

  it('refuses a protected instance until the protection is patched away', () => {
    const { model } = makeWorld({
      replicas: [{ name: 'orders-static', settings: { deletionProtectionEnabled: true } }],
    });
    const found = refusal(() => model.deleteInstance('orders-static', 0));
    assert.equal(found.status, 400);
    assert.match(found.message, /^The instance is protected\. Please disable the deletion protection/);
    const body = { settings: { deletionProtectionEnabled: false, settingsVersion: '1' } };
    model.changeInstance('orders-static', { body, isWhole: false }, 0);
    model.advance(150);
    assert.doesNotThrow(() => model.deleteInstance('orders-static', 150));
  });

  it('refuses a primary that has replicas', () => {
    const { model } = makeWorld();
    const found = refusal(() => model.deleteInstance('orders', 0));
    assert.deepEqual([found.status, found.reason], [400, 'errorReplicationMasterInvalidOperation']);
  });

  it('leaves the instance RUNNABLE when the operation fails', () => {
    const { model, faults } = makeWorld();
    faults.add({ kind: 'operationFails', operationType: 'DELETE', code: 'INTERNAL_ERROR' });
    model.deleteInstance('orders-static', 0);
    model.advance(1000);
    assert.equal(model.getInstance('orders-static')['state'], 'RUNNABLE');
  });
});

describe('CloudSqlModel.changeInstance', () => {
  it('merges a patch when its operation is done, and raises the settingsVersion', () => {
    const { model } = makeWorld({ userLabels: { team: 'shop', old: 'x' } });
    const body = { settings: { settingsVersion: 1, userLabels: { old: null, stage: 'live' } } };
    model.changeInstance('orders', { body, isWhole: false }, 0);
    model.advance(149);
    assert.equal((model.getInstance('orders')['settings'] as JsonObject)['settingsVersion'], '1');
    model.advance(150);
    const settings = model.getInstance('orders')['settings'] as JsonObject;
    assert.equal(settings['settingsVersion'], '2');
    assert.deepEqual(settings['userLabels'], { team: 'shop', stage: 'live' });
    assert.equal(settings['tier'], 'db-custom-2-8192');
  });

  it('replaces the settings on an update', () => {
    const { model } = makeWorld({ userLabels: { team: 'shop' } });
    model.changeInstance(
      'orders',
      { body: { settings: { settingsVersion: '1', tier: 'db-g1-small' } }, isWhole: true },
      0,
    );
    model.advance(150);
    const settings = model.getInstance('orders')['settings'] as JsonObject;
    assert.equal(settings['tier'], 'db-g1-small');
    assert.equal(settings['userLabels'], undefined);
  });

  const cases: readonly (readonly [string, JsonObject, boolean, string])[] = [
    ['a patch with an old settingsVersion', { settingsVersion: '0' }, false, '412 staleData'],
    ['an update with a later settingsVersion', { settingsVersion: 2 }, true, '412 staleData'],
    ['an update without settingsVersion', {}, true, '400 invalid'],
    ['a bad label', { userLabels: { Team: 'x' } }, false, '400 invalid'],
    ['backups on a replica', { backupConfiguration: { enabled: true } }, false, '400 invalid'],
  ];
  for (const [name, settings, isWhole, expected] of cases) {
    it(`refuses ${name} with ${expected}`, () => {
      const { model } = makeWorld();
      const found = refusal(() => model.changeInstance('orders-static', { body: { settings }, isWhole }, 0));
      assert.equal(`${found.status} ${found.reason}`, expected);
    });
  }
});

describe('CloudSqlModel: roles', () => {
  it('promotes a replica to a primary of its own, then reconfigures the old primary', () => {
    const { model } = makeWorld();
    model.promoteReplica('orders-static', 0);
    model.advance(150);
    const promoted = model.getInstance('orders-static');
    assert.equal(promoted['instanceType'], 'CLOUD_SQL_INSTANCE');
    assert.equal(promoted['masterInstanceName'], undefined);
    assert.equal(promoted['replicaConfiguration'], undefined);
    assert.equal(model.getInstance('orders')['replicaNames'], undefined);
    const [newest] = model.listOperations({ instance: 'orders' })['items'] as JsonObject[];
    assert.equal(newest?.['operationType'], 'RECONFIGURE_OLD_PRIMARY');
    assert.equal(refusal(() => model.insertInstance(replicaBody(), 150)).reason, 'operationInProgress');
    model.advance(300);
    assert.doesNotThrow(() => model.insertInstance(replicaBody(), 300));
  });

  it('swaps the roles on a switchover', () => {
    const { model } = makeWorld();
    model.switchover('orders-static', 0);
    model.advance(150);
    assert.equal(model.getInstance('orders-static')['instanceType'], 'CLOUD_SQL_INSTANCE');
    assert.deepEqual(model.getInstance('orders-static')['replicaNames'], ['orders']);
    assert.equal(model.getInstance('orders')['instanceType'], 'READ_REPLICA_INSTANCE');
    assert.equal(model.getInstance('orders')['masterInstanceName'], 'demo:orders-static');
    const types = (model.listOperations({})['items'] as JsonObject[]).map((item) => item['operationType']);
    assert.deepEqual(types, ['SWITCHOVER_TO_REPLICA', 'SWITCHOVER']);
  });

  it('refuses to promote a primary', () => {
    const { model } = makeWorld();
    assert.equal(refusal(() => model.promoteReplica('orders', 0)).status, 400);
  });
});
