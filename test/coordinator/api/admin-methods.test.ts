import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Client, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { SecretBox } from '../../../coordinator/adapters/secret-box.ts';
import { SecretAdmin } from '../../../coordinator/api/secret-admin.ts';
import { keys } from '../../../coordinator/core/records.ts';
import { loadChesterV1 } from '../../../proto/load.ts';
import { groupInput, incident, primaryInstance, replica, replicaInstance, richInput, voter } from '../builders.ts';
import { openIncident } from '../notifications.ts';
import { TestServer } from './server.ts';

/**
 * Every method of AdminService, once as it should go and once with a bad request. A method without a row fails here; that
 * every one is denied to those who may not is asked of the guard in auth/.
 */
type Row = {
  /** A request that is answered; several are sent in turn. */
  readonly good: readonly object[];
  /** Null: there is no request that is bad. */
  readonly bad: object | null;
  readonly code?: status;
};

const by = { owner: 'ada', reason: 'test' };
const spec = { ...richInput, staticReaders: [{ hostname: '10.9.9.9', port: 3306 }] };
const other = { ...groupInput, name: 'users', primary: 'users-primary', writerHostgroup: 6, readerHostgroup: 11 };
const notFound = { code: status.NOT_FOUND };

const rows: Readonly<Record<string, Row>> = {
  PutFleet: { good: [{ fleet: { name: 'main' } }, { fleet: { name: 'old' } }], bad: { fleet: { name: 'Main' } } },
  GetFleet: { good: [{ name: 'main' }], bad: { name: 'nobody' }, ...notFound },
  ListFleets: { good: [{ pageSize: 1 }], bad: { pageToken: 'x' } },
  CreateGroup: { good: [{ spec }], bad: { spec }, code: status.ALREADY_EXISTS },
  PutGroup: { good: [{ spec }, { spec: other }], bad: { spec, expectedVersion: 1 }, code: status.ABORTED },
  DeleteFleet: { good: [{ name: 'old' }], bad: { name: 'main' }, code: status.FAILED_PRECONDITION },
  GetGroup: { good: [{ name: 'orders' }], bad: { name: '' }, ...notFound },
  ListGroups: { good: [{ fleet: 'main', nameContains: 'ord' }], bad: { pageSize: 1001 } },
  PlanGroups: { good: [{ groups: [spec] }], bad: { groups: [{ name: 'Bad' }] } },
  ApplyGroups: { good: [{ groups: [{ spec }] }], bad: { groups: [{ spec }, { spec }] } },
  ListServers: { good: [{ group: 'orders' }], bad: { group: 'orders', role: 'boss' } },
  PutServer: { good: [{ group: 'orders', server: { hostname: '10.0.0.9' } }], bad: { group: 'orders', server: {} } },
  DeleteServer: { good: [{ group: 'orders', server: '10.0.0.9' }], bad: { group: 'orders', server: 'x' } },
  ListUsers: { good: [{ group: 'orders' }], bad: { group: 'orders', pageSize: -1 } },
  PutUser: {
    good: [{ group: 'orders', user: { username: 'new', passwordSecret: 'new' } }],
    bad: { group: 'orders', user: { username: 'admin', passwordSecret: 'new' } },
  },
  DeleteUser: { good: [{ group: 'orders', username: 'new' }], bad: { group: 'orders', username: 'new' } },
  ListQueryRules: { good: [{ group: 'orders' }], bad: { group: 'orders', pageToken: 'x' } },
  AddQueryRule: {
    good: [{ group: 'orders', rule: { username: 'app', apply: true }, beforeRuleId: 100 }],
    bad: { group: 'orders', rule: { username: 'app' }, beforeRuleId: 7 },
  },
  DeleteQueryRule: { good: [{ group: 'orders', ruleId: 100 }], bad: { group: 'orders', ruleId: 99 } },
  PutQueryRules: {
    good: [{ group: 'orders', queryRules: [{ username: 'app', apply: true }] }],
    bad: { group: 'orders', queryRules: [{ username: 'app' }] },
  },
  GetPolicy: { good: [{ group: 'orders' }], bad: { group: 'nobody' }, ...notFound },
  PutPolicy: {
    good: [{ group: 'orders', policy: { replicasMax: 4 } }],
    bad: { group: 'orders', policy: { replicasMin: 5, replicasMax: 4 } },
  },
  ListHistory: { good: [{ group: 'orders' }], bad: { group: 'nobody' }, ...notFound },
  DiffSnapshots: { good: [{ group: 'orders', fromRevision: 1 }], bad: { group: 'orders', fromRevision: 99 } },
  Rollback: {
    good: [{ group: 'orders', revision: 1, ...by }],
    bad: { group: 'orders', revision: 1, version: 1, ...by },
  },
  ListAgents: { good: [{ connected: false }], bad: { state: 'GOOD' } },
  GetAgent: { good: [{ agentId: 'gone' }], bad: { agentId: 'nobody' }, ...notFound },
  ForgetAgent: { good: [{ agentId: 'gone', reason: 'test' }], bad: { agentId: 'gone' } },
  ListLoad: { good: [{ group: 'orders' }], bad: { group: 'nobody' }, ...notFound },
  Resync: { good: [{ group: 'orders', ...by }], bad: { group: 'orders' } },
  Scale: { good: [{ group: 'orders', replicas: 2 }], bad: { group: 'orders', replicas: 9 } },
  ReleaseScale: { good: [{ group: 'orders' }], bad: { group: 'nobody' }, ...notFound },
  Pause: { good: [{ group: 'orders', direction: 'in', ...by }], bad: { group: 'orders', direction: 'up', ...by } },
  Resume: { good: [{ group: 'orders', direction: 'in' }], bad: { group: 'orders', direction: 'up' } },
  Cordon: { good: [{ group: 'orders', server: 'r1', ...by }], bad: { group: 'orders', server: 'r9', ...by } },
  Uncordon: { good: [{ group: 'orders', server: 'r1', ...by }], bad: { group: 'orders', server: 'r1', ...by } },
  Drain: { good: [{ group: 'orders', server: 'r1', ...by }], bad: { group: 'orders', server: 'r9', ...by } },
  CancelDrain: {
    good: [{ group: 'orders', server: 'r1', ...by }],
    bad: { group: 'orders', server: 'r1', ...by },
    code: status.FAILED_PRECONDITION,
  },
  Adopt: {
    good: [{ group: 'orders', instance: 'made-by-hand', ...by }],
    bad: { group: 'orders', instance: 'nobody', ...by },
  },
  Release: { good: [{ group: 'orders', instance: 'r1', ...by }], bad: { group: 'orders', instance: 'r9', ...by } },
  AcceptPrimary: {
    good: [{ group: 'orders', instance: 'orders-primary', ...by }],
    bad: { group: 'orders', instance: 'nobody', ...by },
  },
  ListIncidents: { good: [{ group: 'orders' }], bad: { state: 'ajar' } },
  GetIncident: { good: [{ incidentId: '0.abc' }], bad: { incidentId: 'x' }, ...notFound },
  CloseIncident: { good: [{ incidentId: '0.abc', reason: 'over' }], bad: { incidentId: '0.abc' } },
  ListSetAside: { good: [{}], bad: { pageSize: 5000 } },
  GetSetAside: { good: [{ id: 'x1' }], bad: { id: 'x2' }, ...notFound },
  ReplaySetAside: { good: [{ id: 'x1' }], bad: { id: 'x2' }, ...notFound },
  Explain: { good: [{ subject: 'orders' }], bad: { subject: 'nobody' }, ...notFound },
  ListCells: { good: [{}], bad: null },
  RetireCell: {
    good: [{ cell: 'gone', ...by }],
    bad: { cell: 'here', ...by },
    code: status.FAILED_PRECONDITION,
  },
  ListAudit: { good: [{ group: 'orders', refused: true }], bad: { pageSize: 1001 } },
  PutSecret: {
    good: [
      { name: 'spare', value: 's' },
      { name: 'far', resource: 'projects/p/secrets/s/versions/latest' },
    ],
    bad: { name: 'spare', value: 's', resource: 'projects/p/secrets/s/versions/1' },
  },
  ListSecrets: { good: [{}], bad: null },
  RotateSecretKey: { good: [{}], bad: null },
  DeleteSecret: { good: [{ name: 'spare' }], bad: { name: 'spare' }, ...notFound },
  Diagnose: { good: [{ group: 'orders' }], bad: { group: 'nobody' }, ...notFound },
  DeleteGroup: { good: [{ name: 'users' }], bad: { name: 'orders' }, code: status.FAILED_PRECONDITION },
};

/** A stream: event-watch.test.ts. */
const elsewhere = ['WatchEvents'];

type Unary = (this: Client, ...args: [object, Metadata, object, Done]) => void;
type Done = (error: ServiceError | null, answer: unknown) => void;

describe('every method of AdminService', () => {
  let server: TestServer;
  let client: Client;
  let folder = '';

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'chester-methods-'));
    await writeFile(path.join(folder, 'keys'), `${randomBytes(32).toString('base64')}\n`);
    server = await new TestServer(1000, undefined, ({ store, clock }) => ({
      secretAdmin: new SecretAdmin({ store, clock, box: new SecretBox(path.join(folder, 'keys')) }),
      cells: {
        views: () => Promise.resolve([]),
        standings: () => [{ name: 'here', sinceMs: 0, retired: null, isSilent: false, signAgeMs: 0, coordinators: [] }],
        alive: () => [],
        retire: (cell) => Promise.resolve(cell === 'gone' ? null : `cell ${cell} gives signs of life`),
      },
    })).start();
    client = server.admin();
    server.cloudSql.addInstance('orders-primary', primaryInstance());
    server.cloudSql.addInstance('made-by-hand', replicaInstance('made-by-hand', { labels: {}, address: '10.0.0.77' }));
  });
  after(async () => {
    await server.stop();
    await rm(folder, { recursive: true });
  });

  const ask = (method: string, request: object, options = {}) =>
    new Promise<{ readonly error: ServiceError | null; readonly answer: unknown }>((resolve) => {
      const call = (client as unknown as Record<string, Unary>)[method];
      assert(call, `the client has no ${method}`);
      call.call(client, request, new Metadata(), options, (error, answer) => {
        resolve({ error, answer });
      });
    });

  it('has a row here', () => {
    const methods = Object.keys(loadChesterV1().AdminService.service).filter((name) => !elsewhere.includes(name));
    assert.deepEqual(Object.keys(rows).sort(), methods.sort());
  });

  for (const [method, row] of Object.entries(rows)) {
    it(`${method} answers a good request, and names what is wrong with a bad one`, async () => {
      if (method === 'ListServers') await fill(server);
      for (const request of row.good) {
        const { error } = await ask(method, request);
        assert.equal(error, null, `${method}: ${error?.message ?? ''}`);
      }
      if (row.bad === null) return;
      const { error } = await ask(method, row.bad);
      assert(error !== null, `${method} answered a bad request`);
      checkRefusal(error, row.code ?? status.INVALID_ARGUMENT);
    });
  }

  it('does nothing of a call whose time is over', async () => {
    const events = await server.store.lastEventSequence();
    const request = { group: 'orders', direction: 'out', ...by };
    const { error } = await ask('Pause', request, { deadline: Date.now() - 1 });
    assert.equal(error?.code, status.DEADLINE_EXCEEDED);
    assert.equal(await server.store.lastEventSequence(), events);
  });
});

/** A refusal says what is wrong, to people and to programs. */
function checkRefusal({ code, details: text, metadata, message }: ServiceError, expected: status): void {
  assert.equal(code, expected, message);
  assert.notEqual(text, '');
  const [details] = metadata.get('grpc-status-details-bin');
  assert(Buffer.isBuffer(details), 'a refusal has details');
  const content = details.toString('latin1');
  assert(content.includes('type.googleapis.com/google.rpc.ErrorInfo') && content.includes('chester'));
  if (code === status.INVALID_ARGUMENT) assert(content.includes('google.rpc.BadRequest'), content);
}

/** What methods after the first ones find: replicas, incidents, a voter that is away, what proxies were told. */
async function fill({ store, secrets, publisher }: TestServer): Promise<void> {
  for (const name of ['app-password', 'report', 'batch', 'new', 'client-cert', 'client-key'])
    secrets.values.set(name, name);
  const text = JSON.stringify({ version: '1.2', incident: openIncident });
  await store.commit({
    writes: [
      { key: keys.topology('orders'), value: { primaryAddress: '10.0.1.1', serverCa: null }, ifRevision: null },
      { key: keys.replica('orders', 'r1'), value: replica.serving('r1'), ifRevision: null },
      { key: keys.incident('orders', '0.abc'), value: incident(), ifRevision: null },
      { key: keys.incidentIndex('0.abc'), value: { groups: ['orders'], earlyClose: null }, ifRevision: null },
      { key: keys.voter('orders', 'gone'), value: voter('gone'), ifRevision: null },
      { key: keys.setAside('x1'), value: setAside(text), ifRevision: null },
      { key: keys.setAsideText('x1'), value: text, ifRevision: null },
    ],
  });
  await publisher.publish('orders');
  assert.notEqual(await store.get(keys.pastSnapshot('orders', 1)), null, 'a first snapshot is kept');
}

function setAside(text: string) {
  return {
    id: 'x1',
    source: 'webhook',
    reason: 'test',
    receivedAtMs: 1,
    excerpt: '{',
    bytes: text.length,
    isWhole: true,
  };
}
