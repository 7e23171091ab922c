import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { sqladmin_v1 } from 'googleapis/build/src/apis/sqladmin/index.js';
import { type CloudSqlEmulator, startCloudSqlEmulator } from '../../../sandbox/cloudsql/emulator.ts';
import {
  clientFor,
  createReplica,
  eventually,
  failureOf,
  project,
  quick,
  requestBody,
  type SqlAdmin,
  untilDone,
} from './emulator-fixture.ts';

describe('startCloudSqlEmulator, asked by the real client', () => {
  let emulator: CloudSqlEmulator;
  let client: SqlAdmin;
  before(async () => {
    emulator = await startCloudSqlEmulator(quick);
    client = clientFor(emulator);
  });
  after(() => emulator.close());

  it('creates, lists, patches and deletes a replica', async () => {
    const inserted = await client.instances.insert({ project, requestBody: { ...requestBody, name: 'orders-ro-1' } });
    assert.equal(inserted.data.status, 'PENDING');
    await untilDone(client, inserted.data.name!);
    const listed = await client.instances.list({ project, filter: 'settings.userLabels.chester-install:test' });
    assert.deepEqual(
      listed.data.items?.map(({ name, state }) => [name, state]),
      [['orders-ro-1', 'RUNNABLE']],
    );
    const settings = { settingsVersion: '1', deletionProtectionEnabled: true };
    const patched = await client.instances.patch({ project, instance: 'orders-ro-1', requestBody: { settings } });
    await untilDone(client, patched.data.name!);
    const refused = await failureOf(client.instances.delete({ project, instance: 'orders-ro-1' }));
    assert.equal(refused.status, 400);
    const off = { settingsVersion: '2', deletionProtectionEnabled: false };
    const freed = await client.instances.patch({ project, instance: 'orders-ro-1', requestBody: { settings: off } });
    await untilDone(client, freed.data.name!);
    const deleted = await client.instances.delete({ project, instance: 'orders-ro-1' });
    await untilDone(client, deleted.data.name!);
    const gone = await failureOf(client.instances.get({ project, instance: 'orders-ro-1' }));
    assert.equal(gone.status, 404);
    assert.equal(gone.response?.data.error.errors[0]?.reason, 'instanceDoesNotExist');
  });

  it('promotes a replica with a POST that has no body', async () => {
    await createReplica(client, 'orders-ro-p');
    const promoted = await client.instances.promoteReplica({ project, instance: 'orders-ro-p' });
    await untilDone(client, promoted.data.name!);
    const { data } = await client.instances.get({ project, instance: 'orders-ro-p' });
    assert.equal(data.instanceType, 'CLOUD_SQL_INSTANCE');
    await eventually(async () => {
      const { data: list } = await client.operations.list({ project, instance: 'orders' });
      return list.items?.every(({ status }) => status === 'DONE') === true ? true : null;
    });
  });

  it('refuses another project, an unknown operation and a wrong path in the shape of the API', async () => {
    const foreign = await failureOf(client.instances.list({ project: 'other' }));
    assert.deepEqual([foreign.status, foreign.response?.data.error.errors[0]?.reason], [403, 'notAuthorized']);
    const unknown = await failureOf(client.operations.get({ project, operation: 'nothing' }));
    assert.equal(unknown.response?.data.error.errors[0]?.reason, 'operationDoesNotExist');
    const lost = await fetch(`${emulator.url}v1/projects/demo/nothing`);
    assert.equal(((await lost.json()) as { error: { code: number } }).error.code, 404);
  });

  it('answers any body with 400 in the shape of the API, and lives on', async () => {
    const bodies = [
      '{',
      '[]',
      '7',
      'null',
      '',
      '{"name":{}}',
      '{"settings":{"userLabels":{"__proto__":"x"}},"name":"a"}',
    ];
    for (const body of bodies) {
      const url = `${emulator.url}v1/projects/demo/instances`;
      const answer = await fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
      const { error } = (await answer.json()) as { error: { code: number; errors: unknown[] } };
      assert.deepEqual([answer.status, error.code, error.errors.length], [400, 400, 1], body);
    }
    const badUrl = await fetch(`${emulator.url}v1/projects/demo/instances/%E0%A4%A`);
    assert.equal(badUrl.status, 400);
    assert.ok('error' in ((await badUrl.json()) as object));
    assert.equal((await client.instances.list({ project })).status, 200);
  });

  it('takes an empty body that is called JSON', async () => {
    const url = `${emulator.url}v1/projects/demo/instances/nobody/promoteReplica`;
    const answer = await fetch(url, { method: 'POST', body: '', headers: { 'content-type': 'application/json' } });
    assert.equal(answer.status, 404);
  });

  it('serves v1beta4 too', async () => {
    const answer = await fetch(`${emulator.url}sql/v1beta4/projects/demo/instances?filter=name:orders`);
    const { items } = (await answer.json()) as sqladmin_v1.Schema$InstancesListResponse;
    assert.deepEqual(
      items?.map(({ name }) => name),
      ['orders'],
    );
  });

  it('counts calls', async () => {
    await fetch(`${emulator.url}sandbox/calls`, { method: 'DELETE' });
    await client.instances.list({ project });
    await failureOf(client.instances.get({ project, instance: 'nobody' }));
    const { calls } = (await (await fetch(`${emulator.url}sandbox/calls`)).json()) as { calls: Record<string, number> };
    assert.deepEqual([calls['instances.list'], calls['instances.get'], calls['instances.insert']], [1, 1, 0]);
  });
});

describe('startCloudSqlEmulator: faults', () => {
  let emulator: CloudSqlEmulator;
  let client: SqlAdmin;
  before(async () => {
    emulator = await startCloudSqlEmulator(quick);
    client = clientFor(emulator);
  });
  after(() => emulator.close());

  async function addFault(fault: object): Promise<number> {
    const init = { method: 'POST', body: JSON.stringify(fault), headers: { 'content-type': 'application/json' } };
    return (await fetch(`${emulator.url}sandbox/faults`, init)).status;
  }

  it('answers the next calls of a kind with an HTTP error', async () => {
    assert.equal(await addFault({ kind: 'httpError', call: 'instances.insert', status: 429 }), 200);
    const name = 'orders-ro-1';
    const refused = await failureOf(client.instances.insert({ project, requestBody: { ...requestBody, name } }));
    assert.equal(refused.status, 429);
    assert.equal(emulator.instance(name), null);
  });

  it('drops the answer of an insert after doing it', async () => {
    await addFault({ kind: 'dropAnswer', call: 'instances.insert' });
    const name = 'orders-ro-2';
    const lost = await failureOf(client.instances.insert({ project, requestBody: { ...requestBody, name } }));
    assert.equal(lost.code, 'ECONNRESET');
    await eventually(() => (emulator.instance(name)?.state === 'RUNNABLE' ? true : null));
    const repeated = await failureOf(client.instances.insert({ project, requestBody: { ...requestBody, name } }));
    assert.equal(repeated.response?.data.error.errors[0]?.reason, 'instanceAlreadyExists');
  });

  it('fails the next create', async () => {
    emulator.failNextCreate('ERROR_GCE_STOCKOUT');
    const inserted = await client.instances.insert({ project, requestBody: { ...requestBody, name: 'orders-ro-3' } });
    const done = await untilDone(client, inserted.data.name!);
    assert.equal(done.error?.errors?.[0]?.code, 'ERROR_GCE_STOCKOUT');
    assert.equal(emulator.instance('orders-ro-3')?.state, 'FAILED');
    assert.equal(emulator.mysqlAddress('orders-ro-3'), null);
  });

  it('lists with a warning and a gap', async () => {
    await addFault({ kind: 'listWarning', hiddenNames: ['orders'] });
    const { data } = await client.instances.list({ project });
    assert.equal(data.warnings?.[0]?.code, 'REGION_UNREACHABLE');
    assert.equal(
      data.items?.some(({ name }) => name === 'orders'),
      false,
    );
    assert.equal((await client.instances.list({ project })).data.warnings, undefined);
  });

  it('answers late', async () => {
    await addFault({ kind: 'delayAnswer', call: 'instances.get', delayMs: 3000 });
    const late = await failureOf(client.instances.get({ project, instance: 'orders' }, { timeout: 30, retry: false }));
    assert.equal(late.status, undefined);
  });

  it('refuses a fault it does not know', async () => {
    assert.equal(await addFault({ kind: 'fire' }), 400);
  });
});
