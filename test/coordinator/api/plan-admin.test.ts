import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { type Client, type ServiceError, status } from '@grpc/grpc-js';
import { CoordinatorError } from '../../../coordinator/errors.ts';
import { prefixes } from '../../../coordinator/core/records.ts';
import type { Group__Output } from '../../../proto/gen/chester/v1/Group.ts';
import type { PlanGroupsResponse__Output } from '../../../proto/gen/chester/v1/PlanGroupsResponse.ts';
import { groupInput, primaryInstance } from '../builders.ts';
import { TestServer } from './server.ts';

type Unary = (this: Client, request: object, done: (error: ServiceError | null, answer: unknown) => void) => void;

describe('PlanGroups and ApplyGroups', () => {
  let server: TestServer;
  let client: Client;
  beforeEach(async () => {
    server = await new TestServer().start();
    client = server.admin();
    server.cloudSql.addInstance('orders-primary', primaryInstance());
    server.secrets.values.set('app', '*6C8989366EAF75BB670AD8EA7A7FC1176A95CEF4');
  });
  afterEach(() => server.stop());

  const ask = (method: string, request: object) =>
    new Promise<{ readonly error: ServiceError | null; readonly answer: unknown }>((resolve) => {
      const call = (client as unknown as Record<string, Unary>)[method];
      assert(call);
      call.call(client, request, (error, answer) => {
        resolve({ error, answer });
      });
    });
  const planOf = async (spec: object) => {
    const { error, answer } = await ask('planGroups', { fleets, groups: [spec] });
    assert.equal(error, null);
    const [plan] = (answer as PlanGroupsResponse__Output).groups;
    assert(plan);
    return plan;
  };
  const fleets = [{ name: 'main' }];
  const users = [{ username: 'app', passwordSecret: 'app' }];
  const stored = async () => (await server.store.list(prefixes.groups)).length;

  it('plans rows with the address that Cloud SQL names, masks hashes, counts replicas, and writes nothing', async () => {
    const spec = { ...groupInput, users, policy: { replicasMin: 2 } };
    const plan = await planOf(spec);
    assert.deepEqual(
      plan.rows.map(({ table, change, key }) => [table, change, key]),
      [
        ['mysql_servers', 'add', '5 10.0.1.1:3306'],
        ['mysql_users', 'add', 'app'],
      ],
    );
    assert.deepEqual([plan.cloud?.create, plan.cloud?.delete, plan.change, plan.notes], [2, 0, 'create', []]);
    assert(!JSON.stringify(plan).includes('6C8989'), 'no hash is shown');
    assert.equal(await stored(), 0);
  });

  it('says what is not known instead of waiting for it', async () => {
    server.cloudSql.nextError = new CoordinatorError('CLOUDSQL_UNAVAILABLE', 'Cloud SQL does not answer');
    const spec = { ...groupInput, primary: 'another', users: [{ username: 'app', passwordSecret: 'gone' }] };
    const notes = (await planOf(spec)).notes.join('\n');
    assert.match(notes, /user app: secret gone is not there/);
    assert.match(notes, /the address of primary another is not known/);
  });

  it('refuses all of a set for what Cloud SQL says against one of it', async () => {
    const connectivity = { hasPsc: true, requiresConnector: false, hasPublicAddress: false };
    server.cloudSql.addInstance('users-primary', primaryInstance({ name: 'users-primary', connectivity }));
    const bad = { ...groupInput, name: 'users', primary: 'users-primary', writerHostgroup: 6, readerHostgroup: 11 };
    const groups = [{ spec: groupInput }, { spec: bad }];
    const { error } = await ask('applyGroups', { fleets, groups });
    assert.equal(error?.code, status.INVALID_ARGUMENT);
    assert.match(error.details, /^groups\.1\.primary users-primary/);
    assert.equal(await stored(), 0);
  });

  it('shows what is stored although its project cannot be asked, and says why', async () => {
    await ask('applyGroups', { fleets, groups: [{ spec: groupInput }] });
    await server.clock.advance(60_000);
    server.cloudSql.nextError = new CoordinatorError('CLOUDSQL_FORBIDDEN', 'not allowed to list');
    const { spec, live } = (await ask('getGroup', { name: 'orders' })).answer as Group__Output;
    assert.equal(spec?.primary, 'orders-primary');
    assert.match(live?.problem ?? '', /not allowed to list/);
  });
});
