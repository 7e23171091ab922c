import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { CloudSqlAdapter } from '../../../coordinator/adapters/cloudsql.ts';
import type { ReplicaRequest } from '../../../coordinator/core/cloud.ts';
import { CoordinatorError } from '../../../coordinator/errors.ts';
import { fakeWorld, requestOf } from './cloudsql-worlds.ts';

/** Answers every request with the same text. */
async function withServer(
  answer: { readonly status: number; readonly body: string | null; readonly deadlineMs?: number },
  use: (cloudSql: CloudSqlAdapter, received: string[]) => Promise<void>,
): Promise<void> {
  const received: string[] = [];
  const server: Server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      received.push(`${request.method ?? ''} ${request.url ?? ''} ${body}`.trim());
      if (answer.body === null) return; // never answers
      const contentType = answer.body.startsWith('<') ? 'text/html' : 'application/json';
      response.writeHead(answer.status, { 'content-type': contentType }).end(answer.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    await use(
      new CloudSqlAdapter({
        rootUrl: `http://127.0.0.1:${port}/`,
        auth: 'none',
        deadlineMs: answer.deadlineMs ?? 20_000,
      }),
      received,
    );
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

function refusal(status: number, reason: string, message = 'because'): { status: number; body: string } {
  return { status, body: JSON.stringify({ error: { code: status, message, errors: [{ message, reason }] } }) };
}

const page = (instance: object) => ({
  status: 200,
  body: JSON.stringify({ kind: 'sql#instancesList', items: [instance] }),
});

describe('CloudSqlAdapter on answers that go wrong', { timeout: 300_000 }, () => {
  const refusals = [
    { status: 429, reason: 'rateLimitExceeded', code: 'CLOUDSQL_RATE_LIMITED' },
    { status: 403, reason: 'quotaExceeded', code: 'CLOUDSQL_RATE_LIMITED' },
    { status: 403, reason: 'notAuthorized', code: 'CLOUDSQL_FORBIDDEN' },
    { status: 401, reason: 'required', code: 'CLOUDSQL_FORBIDDEN' },
    { status: 400, reason: 'invalid', code: 'CLOUDSQL_INVALID' },
    { status: 500, reason: 'internalError', code: 'CLOUDSQL_UNAVAILABLE' },
  ] as const;
  for (const { status, reason, code } of refusals) {
    it(`takes ${status} ${reason} for ${code}, whatever was asked`, async () => {
      await withServer(refusal(status, reason), async (cloudSql) => {
        await assert.rejects(cloudSql.listInstances('demo'), { code });
        await assert.rejects(cloudSql.deleteInstance('demo', 'orders-ro-1'), { code });
        await assert.rejects(cloudSql.createReplica(await anyRequest()), { code });
      });
    });
  }

  const outcomes = [
    { status: 409, reason: 'operationInProgress', create: 'busy', change: 'busy' },
    { status: 409, reason: 'invalidState', create: 'busy', change: 'busy' },
    { status: 409, reason: 'instanceAlreadyExists', create: 'nameTaken', change: 'busy' },
    { status: 412, reason: 'staleData', create: null, change: 'stale' },
    { status: 404, reason: 'instanceDoesNotExist', create: null, change: 'stale' },
    { status: 400, reason: 'errorProtectedInstanceDeletionFailure', create: null, change: 'stale' },
    { status: 409, reason: 'errorMaxInstancePerLabel', create: null, change: null },
  ] as const;
  for (const { status, reason, create, change } of outcomes) {
    it(`takes ${status} ${reason} for ${create ?? 'an error'} of a create and ${change ?? 'an error'} of a change`, async () => {
      await withServer(refusal(status, reason), async (cloudSql) => {
        const creating = cloudSql.createReplica(await anyRequest());
        if (create === null) await assert.rejects(creating, CoordinatorError);
        else assert.deepEqual(await creating, { outcome: create });
        const changing = cloudSql.unprotect('demo', 'orders-ro-1', '1');
        if (change === null) await assert.rejects(changing, CoordinatorError);
        else assert.deepEqual(await changing, { outcome: change });
      });
    });
  }

  it('takes what is not from the Admin API for CLOUDSQL_UNAVAILABLE and repeats none of it', async () => {
    const page502 = '<html>gateway SECRET-OF-A-PROXY</html>';
    for (const status of [200, 404, 409, 502]) {
      await withServer({ status, body: page502 }, async (cloudSql) => {
        const isClean = (error: CoordinatorError) =>
          error.code === 'CLOUDSQL_UNAVAILABLE' && !/SECRET|html/.test(`${error.message}${String(error.cause)}`);
        await assert.rejects(cloudSql.listInstances('demo'), isClean);
        await assert.rejects(cloudSql.readOperation('demo', 'x'), isClean);
        await assert.rejects(cloudSql.deleteInstance('demo', 'orders-ro-1'), isClean);
        await assert.rejects(cloudSql.createReplica(await anyRequest()), isClean);
      });
    }
  });

  it('keeps its deadline, also over repeated reads', async () => {
    await withServer({ status: 200, body: null, deadlineMs: 1000 }, async (cloudSql, received) => {
      await assert.rejects(cloudSql.deleteInstance('demo', 'orders-ro-1'), /deadline passed/);
      await assert.rejects(cloudSql.listInstances('demo'), { code: 'CLOUDSQL_UNAVAILABLE' });
      assert.equal(received.length, 2, 'a read is not repeated once its time is over');
    });
  });

  it('says CLOUDSQL_UNAVAILABLE when nobody listens', async () => {
    const cloudSql = new CloudSqlAdapter({ rootUrl: 'http://127.0.0.1:1/', auth: 'none', deadlineMs: 2000 });
    await assert.rejects(cloudSql.deleteInstance('demo', 'x'), {
      code: 'CLOUDSQL_UNAVAILABLE',
      message: /ECONNREFUSED/,
    });
  });

  it('does not take an empty object for an empty project', async () => {
    await withServer({ status: 200, body: '{}' }, async (cloudSql) => {
      await assert.rejects(cloudSql.listInstances('demo'), { code: 'CLOUDSQL_INVALID', message: /kind/ });
    });
  });

  it('counts an unreadable answer to an accepted change as lost, not as refused', async () => {
    await withServer({ status: 200, body: '{"status":"PENDING"}' }, async (cloudSql) => {
      await assert.rejects(cloudSql.createReplica(await anyRequest()), { code: 'CLOUDSQL_UNAVAILABLE' });
      await assert.rejects(cloudSql.readOperation('demo', 'x'), { code: 'CLOUDSQL_INVALID', message: /name/ });
    });
  });

  const pem = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----';
  const shapes = [
    { field: 'name', instance: { name: "x'; DROP" } },
    { field: 'settings.userLabels.a', instance: { name: 'x', settings: { userLabels: { a: 1 } } } },
    { field: 'replicaNames', instance: { name: 'x', replicaNames: 'y' } },
    { field: 'settings.settingsVersion', instance: { name: 'x', settings: { settingsVersion: 'newest' } } },
    { field: 'serverCaCert.cert', instance: { name: 'x', serverCaCert: { cert: 'BEGIN CERTIFICATE' } } },
    { field: 'serverCaCert.cert', instance: { name: 'x', serverCaCert: { cert: `${pem}'; DROP` } } },
    { field: 'ipAddresses', instance: { name: 'x', ipAddresses: [{ type: 'PRIVATE', ipAddress: 'localhost;' }] } },
  ];
  for (const { field, instance } of shapes) {
    it(`names ${field} when it is not as documented`, async () => {
      await withServer(page(instance), async (cloudSql) => {
        const message = new RegExp(field.replaceAll('.', String.raw`\.`));
        await assert.rejects(cloudSql.listInstances('demo'), { code: 'CLOUDSQL_INVALID', message });
      });
    });
  }

  it('reads an instance that lacks almost everything, and never a public address', async () => {
    const ipAddresses = [{ type: 'PRIMARY', ipAddress: '203.0.113.7' }];
    await withServer(page({ name: 'legacy', ipAddresses }), async (cloudSql) => {
      const [instance] = (await cloudSql.listInstances('demo')).instances;
      assert.equal(instance?.address, null);
      assert.equal(instance.instanceType, 'SQL_INSTANCE_TYPE_UNSPECIFIED');
      assert.equal(instance.isDisasterRecoveryReplica, false);
      assert.equal(instance.serverCa, null);
    });
  });

  it('takes certificates that differ only in blanks around them for the same', async () => {
    const ids = new Set<string | undefined>();
    for (const cert of [pem, `\n${pem}\n`, pem.replaceAll('\n', '\r\n'), `${pem}\n${pem}`]) {
      await withServer(page({ name: 'legacy', serverCaCert: { cert } }), async (cloudSql) => {
        const [instance] = (await cloudSql.listInstances('demo')).instances;
        ids.add(instance?.serverCa?.id);
        if (cert === pem) assert.equal(instance?.serverCa?.pem, `${pem}\n`);
      });
    }
    assert.equal(ids.size, 2);
    assert(!ids.has(undefined));
  });

  it('reads the bare name of a primary, a stopped instance and a designated standby', async () => {
    const items = [
      { name: 'a', replicationCluster: { failoverDrReplicaName: 'demo:b' } },
      { name: 'b', masterInstanceName: 'demo:a', state: 'RUNNABLE', settings: { activationPolicy: 'NEVER' } },
    ];
    const body = JSON.stringify({ kind: 'sql#instancesList', items });
    await withServer({ status: 200, body }, async (cloudSql) => {
      const [, replica] = (await cloudSql.listInstances('demo')).instances;
      assert.equal(replica?.primary, 'a');
      assert.equal(replica.isStopped, true);
      assert.equal(replica.isDisasterRecoveryReplica, true);
    });
  });

  it('stops after twenty pages and calls the listing incomplete', async () => {
    const body = JSON.stringify({ kind: 'sql#instancesList', items: [], nextPageToken: 'more' });
    await withServer({ status: 200, body }, async (cloudSql, received) => {
      assert.equal((await cloudSql.listInstances('demo')).isComplete, false);
      assert.equal(received.length, 20);
    });
  });

  it('asks for a private, protected, unbacked replica of the shape, and for nothing with its delete', async () => {
    await withServer({ status: 200, body: '{"name":"operation-1","status":"PENDING"}' }, async (cloudSql, received) => {
      await cloudSql.createReplica(await anyRequest());
      await cloudSql.unprotect('demo', 'orders-ro-1', '41');
      await cloudSql.deleteInstance('demo', 'orders-ro-1');
      const [insert, patch, remove] = received;
      assert.match(insert ?? '', /^POST \/v1\/projects\/demo\/instances \{/);
      assert.deepEqual(JSON.parse((insert ?? '').replace(/^POST \S+ /, '')), {
        name: 'orders-ro-1',
        project: 'demo',
        masterInstanceName: 'orders-primary',
        region: 'europe-west1',
        databaseVersion: 'MYSQL_8_0',
        settings: {
          tier: 'db-custom-2-8192',
          edition: 'ENTERPRISE',
          activationPolicy: 'ALWAYS',
          availabilityType: 'ZONAL',
          pricingPlan: 'PER_USE',
          storageAutoResize: true,
          dataDiskSizeGb: '10',
          dataDiskType: 'PD_SSD',
          databaseFlags: [],
          deletionProtectionEnabled: true,
          userLabels: { 'chester-group': 'orders' },
          ipConfiguration: { ipv4Enabled: false, privateNetwork: 'projects/demo/global/networks/default' },
          locationPreference: { zone: 'europe-west1-b' },
        },
      });
      const change = { settings: { settingsVersion: '41', deletionProtectionEnabled: false } };
      assert.equal(patch, `PATCH /v1/projects/demo/instances/orders-ro-1 ${JSON.stringify(change)}`);
      assert.equal(remove, 'DELETE /v1/projects/demo/instances/orders-ro-1');
    });
  });
});

function anyRequest(): Promise<ReplicaRequest> {
  return requestOf(fakeWorld().cloudSql, 'orders-ro-1');
}
