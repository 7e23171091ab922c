import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, describe, it } from 'node:test';
import { GoogleProjectAdapter } from '../../../coordinator/adapters/google-project.ts';
import { ProxySecretsAdapter } from '../../../coordinator/adapters/proxy-secrets.ts';
import { Secrets } from '../../../coordinator/adapters/secrets.ts';
import { MysqlServerInspector } from '../../../coordinator/adapters/server-inspector.ts';
import { permissionsNeeded } from '../../../coordinator/core/doctor.ts';
import { keys, type Term } from '../../../coordinator/core/records.ts';
import { Doctor } from '../../../coordinator/loops/doctor.ts';
import { type CloudSqlEmulator, startCloudSqlEmulator } from '../../../sandbox/cloudsql/emulator.ts';
import { groupSpec, voter } from '../../coordinator/builders.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { FakeStore } from '../../fakes/fake-store.ts';
import { beginTerm } from '../store/stores.ts';
import { startScriptedMysql } from '../replica-probe/scripted-mysql.ts';

const env: Record<string, string> = { CHESTER_SECRET_GATE: 'gate', CHESTER_SECRET_APP: 'app' };
const secrets = new Secrets({ env, dir: null });
const inspector = new MysqlServerInspector({ secrets }, { deadlineMs: 20_000 });

describe('doctor on the emulator', { timeout: 300_000 }, () => {
  let emulator: CloudSqlEmulator;
  let address: { readonly host: string; readonly port: number };
  let store: FakeStore;
  let term: Term;

  before(async () => {
    emulator = await startCloudSqlEmulator({
      primaries: [{ name: 'orders-primary' }],
      mysqlPort: 36067,
      addressPrefix: '127.67',
    });
    address = emulator.mysqlAddress('orders-primary') ?? assert.fail();
  });
  after(() => emulator.close());
  beforeEach(async () => {
    store = new FakeStore();
    term = await beginTerm(store, 'first');
    const topology = { primaryAddress: address.host, serverCa: null };
    await store.commit({
      writes: [
        { key: keys.topology('orders'), value: topology, ifRevision: 0 },
        { key: keys.voter('orders', 'p1'), value: voter('p1'), ifRevision: 0 },
      ],
    });
  });

  async function diagnose(change: Readonly<Record<string, unknown>> = {}) {
    const google = new GoogleProjectAdapter({ rootUrl: emulator.url, deadlineMs: 20_000 });
    const doctor = new Doctor({
      store,
      clock: new FakeClock(Date.now()),
      google,
      inspector,
      storeInspector: { standing: () => Promise.resolve({ place: 'a file', problem: null, server: null }) },
      secrets: new ProxySecretsAdapter({ secrets }),
    });
    const gate = { username: 'chester-gate', passwordSecret: 'gate' };
    const checks = await doctor.diagnose(groupSpec({ project: 'demo', port: address.port, gate, ...change }));
    return {
      checks,
      status: (name: string) => checks.filter((check) => check.name === name).map((check) => check.status),
      found: (name: string) => checks.find((check) => check.name === name && check.status !== 'ok')?.found ?? '',
    };
  }

  it('finds a group of the sandbox well, but for what the sandbox leaves open', async () => {
    const { checks, status } = await diagnose();
    assert.deepEqual(
      checks.filter((check) => check.status === 'fail'),
      [],
    );
    for (const name of ['permissions', 'primary', 'backups', 'binlog', 'secrets', 'route', 'gate-user', 'agents']) {
      assert.deepEqual(status(name), ['ok'], name);
    }
  });

  it('names who has the lease, and nobody who only wrote that he had it', async () => {
    await store.commit({ writes: [{ key: keys.term, value: { ...term, isReleased: false }, ifRevision: 0 }] });
    assert.deepEqual((await diagnose()).status('decider'), ['ok']);
    await store.releaseLease(term);
    const { status, found } = await diagnose();
    assert.deepEqual(status('decider'), ['fail']);
    assert.match(found('decider'), /no coordinator is known to hold the lease/);
  });

  it('names permissions that are missing', async () => {
    const deny = (permissions: readonly string[]) =>
      fetch(`${emulator.url}sandbox/denied-permissions`, { method: 'PUT', body: JSON.stringify({ permissions }) });
    assert.equal((await deny(['cloudsql.instances.delete'])).status, 200);
    const { status, found } = await diagnose();
    assert.deepEqual(status('permissions'), ['fail']);
    assert.equal(found('permissions'), 'missing: cloudsql.instances.delete');
    await deny([]);
    assert.equal((await fetch(`${emulator.url}sandbox/denied-permissions`, { method: 'PUT', body: '{}' })).status, 400);
  });

  it('tells a closed way from a refused login and a missing secret', async () => {
    assert.deepEqual((await diagnose({ port: 36068 })).status('route'), ['fail']);
    const nobody = await diagnose({ gate: { username: 'chester-gate', passwordSecret: 'unknown' } });
    assert.deepEqual(nobody.status('gate-user'), ['fail']);
    assert.match(nobody.found('gate-user'), /CHESTER_SECRET_UNKNOWN is not set/);
    const users = [
      { username: 'a', passwordSecret: 'unknown' },
      { username: 'b', passwordSecret: 'app' },
    ];
    assert.match((await diagnose({ users })).found('secrets'), /^user a: /);
  });

  it('names a primary that is not there', async () => {
    const { status, found } = await diagnose({ primary: 'other-primary' });
    assert.deepEqual(status('primary'), ['fail']);
    assert.match(found('primary'), /^HTTP 40[34]/);
  });
});

describe('GoogleProjectAdapter', () => {
  it('answers every failure with a reason, and carries none of the text that it got', async () => {
    let answer: { readonly status: number; readonly body: string } | null = null;
    const server = createServer((_request, response) => {
      if (answer !== null) response.writeHead(answer.status).end(answer.body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const askWithin = (deadlineMs: number) =>
      new GoogleProjectAdapter({ rootUrl: `http://127.0.0.1:${port}/`, deadlineMs }).testPermissions(
        'demo',
        permissionsNeeded,
      );
    const ask = () => askWithin(20_000);
    assert.deepEqual(await askWithin(200), { ok: false, reason: 'no answer in time' });
    answer = { status: 403, body: 'Bearer SECRET' };
    assert.deepEqual(await ask(), { ok: false, reason: `HTTP 403 of 127.0.0.1:${port}` });
    for (const body of ['<html>SECRET</html>', '{"permissions":["SECRET",1]}', 'null']) {
      answer = { status: 200, body };
      const found = await ask();
      assert(!found.ok && !found.reason.includes('SECRET'), body);
    }
    answer = { status: 200, body: '{}' };
    assert.deepEqual(await ask(), { ok: true, value: [] });
    server.closeAllConnections();
    server.close();
    const gone = await ask();
    assert(!gone.ok && ['ECONNREFUSED', 'UND_ERR_SOCKET'].includes(gone.reason), JSON.stringify(gone));
  });
});

describe('MysqlServerInspector', { timeout: 300_000 }, () => {
  it('reads limit, encryption and grants of the gate user', async () => {
    let mayReplicate = true;
    let grant = 'GRANT PROCESS ON *.* TO `gate`@`%`';
    const server = await startScriptedMysql((sql) => {
      if (sql.includes('max_connections'))
        return { columns: ['Variable_name', 'Value'], rows: [['max_connections', '250']] };
      if (sql.includes('Ssl_cipher')) return { columns: ['Variable_name', 'Value'], rows: [['Ssl_cipher', '']] };
      if (sql === 'SHOW GRANTS') return { columns: ['Grants'], rows: [[grant]] };
      return mayReplicate ? { columns: ['x'], rows: [] } : { errno: 1227 };
    });
    const target = {
      hostname: '127.0.0.1',
      port: server.port,
      username: 'gate',
      passwordSecret: 'gate',
      useSsl: false,
    };
    const all = { outcome: 'answered', isEncrypted: false, connectionsMax: 250 };
    assert.deepEqual(await inspector.inspect(target), { ...all, maySeeSessions: true, mayReadReplication: true });
    mayReplicate = false;
    grant = 'GRANT USAGE ON *.* TO `gate`@`%`';
    assert.deepEqual(await inspector.inspect(target), { ...all, maySeeSessions: false, mayReadReplication: false });
    await server.clientsGone();
    server.close();
  });
});
