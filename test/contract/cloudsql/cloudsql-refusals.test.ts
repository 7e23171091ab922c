import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { CloudSqlAdapter } from '../../../coordinator/adapters/cloudsql.ts';
import { CoordinatorError } from '../../../coordinator/errors.ts';
import { type CloudSqlEmulator, startCloudSqlEmulator } from '../../../sandbox/cloudsql/emulator.ts';
import { acceptedName, instanceOf, requestOf } from './cloudsql-worlds.ts';

/** What each refusal of the Admin API comes to, by what was asked; a code in capitals is thrown. */
const rows = [
  { status: 409, reason: 'operationInProgress', create: 'busy', remove: 'busy', list: 'CLOUDSQL_INVALID' },
  { status: 409, reason: 'invalidState', create: 'busy', remove: 'busy', list: 'CLOUDSQL_INVALID' },
  { status: 409, reason: 'instanceAlreadyExists', create: 'nameTaken', remove: 'busy', list: 'CLOUDSQL_INVALID' },
  { status: 409, reason: 'errorMaxInstancePerLabel', create: 'CLOUDSQL_FORBIDDEN', remove: null, list: null },
  { status: 429, reason: 'errorMaxInstancePerLabel', create: 'CLOUDSQL_FORBIDDEN', remove: null, list: null },
  {
    status: 404,
    reason: 'instanceDoesNotExist',
    create: 'CLOUDSQL_INVALID',
    remove: 'stale',
    list: 'CLOUDSQL_INVALID',
  },
  {
    status: 403,
    reason: 'notAuthorized',
    create: 'CLOUDSQL_FORBIDDEN',
    remove: 'CLOUDSQL_FORBIDDEN',
    list: 'CLOUDSQL_FORBIDDEN',
  },
  { status: 400, reason: 'errorProtectedInstanceDeletionFailure', create: null, remove: 'stale', list: null },
  {
    status: 400,
    reason: 'errorReplicationMasterInvalidOperation',
    create: null,
    remove: 'CLOUDSQL_INVALID',
    list: null,
  },
  { status: 400, reason: 'errorReplicaDepthLimitExceeded', create: 'CLOUDSQL_INVALID', remove: null, list: null },
  { status: 400, reason: 'invalidFlagValue', create: 'CLOUDSQL_INVALID', remove: null, list: null },
  { status: 412, reason: 'staleData', create: null, remove: 'stale', list: null },
  {
    status: 429,
    reason: 'rateLimitExceeded',
    create: 'CLOUDSQL_RATE_LIMITED',
    remove: 'CLOUDSQL_RATE_LIMITED',
    list: 'CLOUDSQL_RATE_LIMITED',
  },
  {
    status: 500,
    reason: 'internalError',
    create: 'CLOUDSQL_UNAVAILABLE',
    remove: 'CLOUDSQL_UNAVAILABLE',
    list: 'read again',
  },
  {
    status: 503,
    reason: 'backendError',
    create: 'CLOUDSQL_UNAVAILABLE',
    remove: 'CLOUDSQL_UNAVAILABLE',
    list: 'read again',
  },
] as const;

const calls = { create: 'instances.insert', remove: 'instances.delete', list: 'instances.list' } as const;

describe('the refusals of the Admin API, on the emulator', { timeout: 300_000 }, () => {
  let emulator: CloudSqlEmulator;
  let cloudSql: CloudSqlAdapter;
  before(async () => {
    emulator = await startCloudSqlEmulator({
      primaries: [{ name: 'orders-primary', replicas: [{ name: 'orders-static' }] }],
      mysqlPort: 36064,
      addressPrefix: '127.64',
      createMs: 30,
      operationPendingMs: 10,
    });
    cloudSql = new CloudSqlAdapter({ rootUrl: emulator.url, auth: 'none', deadlineMs: 20_000 });
  });
  afterEach(() => {
    emulator.clearFaults();
  });
  after(() => emulator.close());

  const ask = {
    remove: () => cloudSql.deleteInstance('demo', 'orders-static'),
    list: () => cloudSql.listInstances('demo'),
  };

  /** The outcome in a word; what is thrown, by its code. */
  async function outcomeOf(asked: Promise<object>): Promise<string> {
    try {
      const answer = await asked;
      return 'outcome' in answer ? String(answer.outcome) : 'read again';
    } catch (error) {
      assert(error instanceof CoordinatorError);
      return error.code;
    }
  }

  for (const { status, reason, ...expected } of rows) {
    for (const kind of ['create', 'remove', 'list'] as const) {
      const means = expected[kind];
      if (means === null) continue;
      it(`${status} ${reason} of ${calls[kind]} is ${means}, and nothing changes`, async () => {
        const request = await requestOf(cloudSql, 'orders-ro-1');
        const before = { instances: emulator.instances().length, calls: emulator.calls()[calls[kind]] };
        emulator.addFault({ kind: 'httpError', call: calls[kind], status, reason });
        const asked = { ...ask, create: () => cloudSql.createReplica(request) }[kind]();
        assert.equal(await outcomeOf(asked), means);
        assert.equal(emulator.instances().length, before.instances);
        const times = means === 'read again' ? 2 : 1;
        assert.equal(emulator.calls()[calls[kind]] - before.calls, times, 'only reads are repeated');
      });
    }
  }

  it('a storm of 409 ends in a creation, asked once each time', async () => {
    const reason = 'operationInProgress';
    emulator.addFault({ kind: 'httpError', call: 'instances.insert', status: 409, reason, times: 3 });
    const request = await requestOf(cloudSql, 'orders-ro-1');
    const outcomes: string[] = [];
    for (let tries = 0; tries < 4; tries += 1) outcomes.push(await outcomeOf(cloudSql.createReplica(request)));
    assert.deepEqual(outcomes, ['busy', 'busy', 'busy', 'accepted']);
    assert.match((await instanceOf(cloudSql, 'orders-ro-1'))?.state ?? '', /^(PENDING_CREATE|RUNNABLE)$/);
  });

  it('a slow creation is pending for as long as it takes', async () => {
    await eventuallyIdle();
    emulator.addFault({ kind: 'operationSlow', operationType: 'CREATE_REPLICA', durationMs: 60_000 });
    const name = acceptedName(await cloudSql.createReplica(await requestOf(cloudSql, 'orders-ro-2')));
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.deepEqual(await cloudSql.readOperation('demo', name), { name, isDone: false, error: null });
    assert.equal((await instanceOf(cloudSql, 'orders-ro-2'))?.state, 'PENDING_CREATE');
  });

  async function eventuallyIdle(): Promise<void> {
    while (emulator.instances().some(({ state }) => state !== 'RUNNABLE')) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
});
