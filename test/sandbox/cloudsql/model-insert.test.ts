import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PrimarySeed } from '../../../sandbox/cloudsql/instance.ts';
import type { JsonObject } from '../../../sandbox/cloudsql/json.ts';
import { makeWorld, network, operationOf, refusal, replicaBody } from './model-fixture.ts';

describe('CloudSqlModel.insertInstance', () => {
  it('answers PENDING at once and shows the instance as PENDING_CREATE, without address or place at its primary', () => {
    const { model } = makeWorld();
    const operation = model.insertInstance(replicaBody(), 10);
    assert.equal(operation['status'], 'PENDING');
    assert.equal(operation['operationType'], 'CREATE_REPLICA');
    assert.equal(operation['targetId'], 'orders-ro-1');
    assert.equal(operation['startTime'], undefined);
    const instance = model.getInstance('orders-ro-1');
    assert.equal(instance['state'], 'PENDING_CREATE');
    assert.equal(instance['masterInstanceName'], 'demo:orders');
    assert.equal(instance['ipAddresses'], undefined);
    assert.deepEqual(model.getInstance('orders')['replicaNames'], ['orders-static']);
  });

  it('goes from PENDING through RUNNING to DONE at the configured times', () => {
    const { model } = makeWorld();
    const operation = model.insertInstance(replicaBody(), 0);
    model.assignAddress('orders-ro-1', '127.0.9.7');
    const seen = [49, 50, 1049, 1050].map((nowMs) => {
      model.advance(nowMs);
      return [operationOf(model, operation)['status'], model.getInstance('orders-ro-1')['state']];
    });
    assert.deepEqual(seen, [
      ['PENDING', 'PENDING_CREATE'],
      ['RUNNING', 'PENDING_CREATE'],
      ['RUNNING', 'PENDING_CREATE'],
      ['DONE', 'RUNNABLE'],
    ]);
    assert.equal(operationOf(model, operation)['endTime'], '1970-01-01T00:00:01.050Z');
    assert.equal(operationOf(model, operation)['error'], undefined);
  });

  it('shows a RUNNABLE replica with its private address, int64 as text, and at its primary', () => {
    const world = makeWorld();
    world.model.insertInstance(replicaBody({}, { dataDiskSizeGb: 20, settingsVersion: 0, userLabels: { a: 'b' } }), 0);
    world.model.assignAddress('orders-ro-1', '127.0.9.7');
    world.model.advance(2000);
    const instance = world.model.getInstance('orders-ro-1');
    assert.deepEqual(instance['ipAddresses'], [{ type: 'PRIVATE', ipAddress: '127.0.9.7' }]);
    const settings = instance['settings'] as JsonObject;
    assert.equal(settings['dataDiskSizeGb'], '20');
    assert.equal(settings['settingsVersion'], '1');
    assert.deepEqual(settings['userLabels'], { a: 'b' });
    assert.equal(instance['connectionName'], 'demo:europe-west1:orders-ro-1');
    assert.deepEqual(world.model.getInstance('orders')['replicaNames'], ['orders-static', 'orders-ro-1']);
  });

  it('has only a public address without a private network, and lists the public one first with both', () => {
    const types = [{}, { privateNetwork: network.privateNetwork }].map((ipConfiguration) => {
      const { model } = makeWorld();
      model.insertInstance(replicaBody({}, { ipConfiguration }), 0);
      model.assignAddress('orders-ro-1', '127.0.9.7');
      model.advance(2000);
      return (model.getInstance('orders-ro-1')['ipAddresses'] as JsonObject[]).map((address) => address['type']);
    });
    assert.deepEqual(types, [
      ['PRIMARY', 'OUTGOING'],
      ['PRIMARY', 'OUTGOING', 'PRIVATE'],
    ]);
  });

  it('waits for its address before it is DONE', () => {
    const { model } = makeWorld();
    const operation = model.insertInstance(replicaBody(), 0);
    model.advance(5000);
    assert.equal(operationOf(model, operation)['status'], 'RUNNING');
    assert.equal(model.nextChangeMs(), null);
    model.assignAddress('orders-ro-1', '127.0.9.7');
    assert.equal(model.nextChangeMs(), 1050);
    model.advance(5000);
    assert.equal(operationOf(model, operation)['status'], 'DONE');
  });

  it('ends FAILED when no address can be had', () => {
    const { model } = makeWorld();
    const operation = model.insertInstance(replicaBody(), 0);
    model.refuseAddress('orders-ro-1', 'port taken');
    model.advance(5000);
    assert.equal(operationOf(model, operation)['status'], 'DONE');
    assert.equal(model.getInstance('orders-ro-1')['state'], 'FAILED');
  });

  it('ends DONE with the error asked for, and leaves the instance FAILED, unjoined and deletable', () => {
    const { model, faults } = makeWorld();
    faults.add({
      kind: 'operationFails',
      operationType: 'CREATE_REPLICA',
      code: 'ERROR_GCE_STOCKOUT',
      message: 'none left',
    });
    const operation = model.insertInstance(replicaBody(), 0);
    assert.equal(operation['error'], undefined);
    model.assignAddress('orders-ro-1', '127.0.9.7');
    model.advance(2000);
    assert.deepEqual(operationOf(model, operation)['error'], {
      kind: 'sql#operationErrors',
      errors: [{ kind: 'sql#operationError', code: 'ERROR_GCE_STOCKOUT', message: 'none left' }],
    });
    assert.equal(model.getInstance('orders-ro-1')['state'], 'FAILED');
    assert.equal(model.getInstance('orders-ro-1')['ipAddresses'], undefined);
    assert.deepEqual(model.getInstance('orders')['replicaNames'], ['orders-static']);
    model.deleteInstance('orders-ro-1', 2000);
    model.advance(9000);
    assert.equal(refusal(() => model.getInstance('orders-ro-1')).status, 404);
  });

  const longName = `a${'b'.repeat(98 - 'demo:'.length)}`;
  const badNetwork = { ipv4Enabled: false, privateNetwork: 'projects/demo/global/networks/other' };
  const highFlag = { databaseFlags: [{ name: 'max_connections', value: '2000' }] };
  const lowFlag = { databaseFlags: [{ name: 'max_connections', value: '1000' }] };
  const refusals: readonly (readonly [string, JsonObject, number, string, Partial<PrimarySeed>?])[] = [
    ['no name', replicaBody({ name: '' }), 400, 'invalid'],
    ['upper case in the name', replicaBody({ name: 'Orders' }), 400, 'invalid'],
    ['a name that starts with a digit', replicaBody({ name: '1orders' }), 400, 'invalid'],
    ['project:name longer than 98', replicaBody({ name: longName }), 400, 'invalid'],
    ['a live name', replicaBody({ name: 'orders-static' }), 409, 'instanceAlreadyExists'],
    ['no primary named', replicaBody({ masterInstanceName: '' }), 400, 'invalid'],
    ['an unknown primary', replicaBody({ masterInstanceName: 'nobody' }), 404, 'instanceDoesNotExist'],
    ['another database version', replicaBody({ databaseVersion: 'MYSQL_8_4' }), 400, 'invalid'],
    ['no region', replicaBody({ region: '' }), 400, 'invalid'],
    ['no tier', replicaBody({}, { tier: '' }), 400, 'invalid'],
    [
      'a stopped replica',
      replicaBody({}, { activationPolicy: 'NEVER' }),
      400,
      'errorInvalidReadReplicaActivationPolicy',
    ],
    ['replication off', replicaBody({}, { databaseReplicationEnabled: false }), 400, 'invalid'],
    ['backups', replicaBody({}, { backupConfiguration: { enabled: true } }), 400, 'invalid'],
    ['a binary log', replicaBody({}, { backupConfiguration: { binaryLogEnabled: true } }), 400, 'invalid'],
    ['another network', replicaBody({}, { ipConfiguration: badNetwork }), 400, 'invalid'],
    ['no connectivity', replicaBody({}, { ipConfiguration: { ipv4Enabled: false } }), 400, 'invalid'],
    ['a bad label', replicaBody({}, { userLabels: { Team: 'shop' } }), 400, 'invalid'],
    [
      'a smaller disk',
      replicaBody({}, { dataDiskSizeGb: '10' }),
      400,
      'invalid',
      { settings: { dataDiskSizeGb: '50' } },
    ],
    ['max_connections too low', replicaBody({}, lowFlag), 400, 'invalidFlagValue', { settings: highFlag }],
    [
      'a primary without binary log',
      replicaBody(),
      400,
      'invalid',
      { settings: { backupConfiguration: { enabled: true } } },
    ],
    ['a misspelt field', { ...replicaBody(), databseVersion: 'x' }, 400, 'invalid'],
    ['another project', replicaBody({ project: 'other' }), 403, 'notAuthorized'],
  ];
  for (const [name, body, status, reason, seed] of refusals) {
    it(`refuses ${name} with ${status} ${reason} and changes nothing`, () => {
      const { model } = makeWorld(seed);
      const found = refusal(() => model.insertInstance(body, 0));
      assert.deepEqual([found.status, found.reason], [status, reason], found.message);
      assert.equal(model.state.operations.size, 0);
      assert.equal(model.state.instances.size, 2);
    });
  }

  it('words the refusal of backups as Cloud SQL does', () => {
    const { model } = makeWorld();
    const body = replicaBody({}, { backupConfiguration: { enabled: true } });
    assert.match(
      refusal(() => model.insertInstance(body, 0)).message,
      /^Invalid request: Invalid flag for instance role: Backups cannot be enabled for read replica instance/,
    );
  });

  it('takes the longest name there may be', () => {
    const { model } = makeWorld();
    model.insertInstance(replicaBody({ name: longName.slice(0, -1) }), 0);
    assert.equal(`demo:${longName.slice(0, -1)}`.length, 98);
  });

  it('takes the primary with its project and cascades from a replica with a binary log, four levels deep', () => {
    const seed = {
      replicas: [{ name: 'b', replicas: [{ name: 'c', replicas: [{ name: 'd', replicas: [{ name: 'e' }] }] }] }],
    };
    const { model } = makeWorld(seed);
    const insertBelow = (primary: string) => (): unknown =>
      model.insertInstance(replicaBody({ masterInstanceName: `demo:${primary}` }), 0);
    assert.equal(refusal(insertBelow('e')).reason, 'errorReplicaDepthLimitExceeded');
    assert.equal(refusal(insertBelow('d')).reason, 'errorReplicaDepthLimitExceeded');
    assert.doesNotThrow(insertBelow('c'));
  });
});
