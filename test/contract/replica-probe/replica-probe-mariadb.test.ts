import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createConnection } from 'mysql2/promise';
import { MysqlReplicaProbe } from '../../../coordinator/adapters/replica-probe.ts';
import { Secrets } from '../../../coordinator/adapters/secrets.ts';
import type { GateSample, ProbeTarget } from '../../../coordinator/ports.ts';
import { type CloudSqlEmulator, startCloudSqlEmulator } from '../../../sandbox/cloudsql/emulator.ts';
import { type MariadbHosts, mariadbHosts } from '../../../sandbox/mariadb/mariadb-hosts.ts';
import { findMariadb } from '../../../sandbox/mariadb/mariadb-server.ts';
import { startCachingSha2Mysql } from './caching-sha2-mysql.ts';

const secrets = new Secrets({
  env: { CHESTER_SECRET_GATE: 'gate', CHESTER_SECRET_APP: 'app', CHESTER_SECRET_WRONG: 'WRONG-VALUE' },
  dir: null,
});
const probe = new MysqlReplicaProbe({ secrets }, { deadlineMs: 10_000, ignoredUsers: ['cloudsqlreplica'] });

describe('MysqlReplicaProbe on a server that has caching_sha2_password alone', { timeout: 300_000 }, () => {
  const answer = (sql: string) =>
    sql.startsWith('SHOW REPLICA')
      ? {
          columns: ['Replica_IO_Running', 'Replica_SQL_Running', 'Seconds_Behind_Source'],
          rows: [['Yes', 'Yes', 4]],
        }
      : { columns: ['Value'], rows: [] };
  for (const isCacheWarm of [false, true]) {
    it(`logs in without TLS while the server's cache is ${isCacheWarm ? 'warm' : 'cold'}`, async () => {
      const server = await startCachingSha2Mysql({ password: 'gate', isCacheWarm }, answer);
      const target = { hostname: '127.0.0.1', port: server.port, username: 'chester-gate', useSsl: false };
      try {
        const sample = await probe.sampleGate({ ...target, passwordSecret: 'gate' });
        assert.deepEqual(sample, { outcome: 'answered', lagSeconds: 4, isEncrypted: false });
        const refused = await probe.sampleGate({ ...target, passwordSecret: 'wrong' });
        assert(refused.outcome === 'failed' && /ACCESS_DENIED/.test(refused.reason), JSON.stringify(refused));
      } finally {
        server.close();
      }
    });
  }
});

const missing = findMariadb() === null ? 'install mariadb-server' : false;

/** A primary and a replica that are what they say: two MariaDB servers, replicating by GTID. */
describe('MysqlReplicaProbe on MariaDB', { skip: missing, timeout: 300_000 }, () => {
  let hosts: MariadbHosts;
  let emulator: CloudSqlEmulator;
  let target: ProbeTarget;

  before(async () => {
    emulator = await startCloudSqlEmulator({
      primaries: [{ name: 'orders', replicas: [{ name: 'orders-ro-1' }] }],
      mysqlPort: 36_078,
      addressPrefix: '127.65',
      hosts: (options) => (hosts = mariadbHosts(2)(options)),
    });
    const address = emulator.mysqlAddress('orders-ro-1');
    assert(address !== null);
    const login = { username: 'chester-gate', passwordSecret: 'gate', useSsl: false };
    target = { ...login, hostname: address.host, port: address.port };
    await onPrimary('CREATE DATABASE shop', 'CREATE TABLE shop.orders (id INT PRIMARY KEY)');
    await gateUntil((sample) => sample.lagSeconds === 0);
  });
  after(() => emulator.close());

  function onPrimary(...statements: readonly string[]) {
    return hosts.server('orders')!.run(...statements);
  }

  /** Asks the gate until the answer is as wanted. */
  function gateUntil(isWanted: (sample: Extract<GateSample, { outcome: 'answered' }>) => boolean) {
    return until(
      () => probe.sampleGate(target),
      (sample) => sample.outcome === 'answered' && isWanted(sample),
    );
  }

  /** What a primary has written comes later; a lag of 0 says only that everything that was received is applied. */
  function onReplicaUntil(sql: string) {
    return until(
      () => hosts.server('orders-ro-1')!.run(sql),
      (rows) => rows.length > 0,
    );
  }

  it('reads no lag where replication keeps up, null where its applier stands, seconds where it is late', async () => {
    emulator.setLag('orders-ro-1', null);
    await gateUntil(({ lagSeconds }) => lagSeconds === null);
    emulator.setLag('orders-ro-1', 0);
    await gateUntil(({ lagSeconds }) => lagSeconds === 0);
    emulator.setLag('orders-ro-1', 3600);
    await hosts.follow('orders-ro-1', { primaryAddress: emulator.mysqlAddress('orders')!.host, lagSeconds: 3600 });
    await onPrimary('INSERT INTO shop.orders VALUES (1)');
    await gateUntil(({ lagSeconds }) => lagSeconds !== null && lagSeconds > 0);
    emulator.setLag('orders-ro-1', 0);
    await gateUntil(({ lagSeconds }) => lagSeconds === 0);
    await onReplicaUntil('SELECT id FROM shop.orders WHERE id = 1');
  });

  it('tells a session with TLS from one without', async () => {
    const isEncrypted = async (useSsl: boolean): Promise<boolean | null> => {
      const sample = await probe.sampleGate({ ...target, useSsl });
      return sample.outcome === 'answered' ? sample.isEncrypted : null;
    };
    assert.equal(await isEncrypted(false), false);
    assert.equal(await isEncrypted(true), true);
  });

  it('says which privilege lacks, and that a password is wrong', async () => {
    await onPrimary("CREATE USER 'plain'@'%' IDENTIFIED BY 'app'");
    await onReplicaUntil("SELECT User FROM mysql.user WHERE User = 'plain'");
    const plain = { ...target, username: 'plain', passwordSecret: 'app' };
    const gate = await probe.sampleGate(plain);
    assert(gate.outcome === 'failed' && /need.*SLAVE MONITOR/.test(gate.reason), JSON.stringify(gate));
    const sessions = await probe.sampleSessions(plain);
    assert.deepEqual(sessions, { outcome: 'failed', reason: 'plain cannot see other sessions: it needs PROCESS' });
    const wrong = await probe.sampleGate({ ...target, passwordSecret: 'wrong' });
    assert(wrong.outcome === 'failed' && /ACCESS_DENIED/.test(wrong.reason), JSON.stringify(wrong));
  });

  it('sees who is connected, and not the threads of replication', async () => {
    assert.deepEqual(await probe.sampleSessions(target), { outcome: 'answered', users: [] });
    const login = { host: target.hostname, port: target.port, user: 'app', password: 'app' };
    const connection = await createConnection(login);
    assert.deepEqual(await probe.sampleSessions(target), { outcome: 'answered', users: ['app'] });
    await assert.rejects(connection.query('INSERT INTO shop.orders VALUES (2)'), /read-only/);
    await connection.end();
  });
});

/** Asks until the answer is as wanted; 30 s at most. */
async function until<T>(ask: () => Promise<T>, isWanted: (answer: T) => boolean): Promise<void> {
  const endMs = performance.now() + 30_000;
  for (;;) {
    const answer = await ask();
    if (isWanted(answer)) return;
    assert(performance.now() < endMs, `the last answer was ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
