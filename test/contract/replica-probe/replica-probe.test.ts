import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { createConnection } from 'mysql2/promise';
import { MysqlReplicaProbe } from '../../../coordinator/adapters/replica-probe.ts';
import { Secrets } from '../../../coordinator/adapters/secrets.ts';
import type { ProbeTarget, ReplicaProbe } from '../../../coordinator/ports.ts';
import { startCloudSqlEmulator } from '../../../sandbox/cloudsql/emulator.ts';
import { FakeReplicaProbe } from '../../fakes/fake-replica-probe.ts';
import { connectionId, type Scripted, startScriptedMysql } from './scripted-mysql.ts';

const secrets = new Secrets({
  env: { CHESTER_SECRET_GATE_PASSWORD: 'gate', CHESTER_SECRET_WRONG_PASSWORD: 'WRONG-VALUE' },
  dir: null,
});
const probe = new MysqlReplicaProbe({ secrets }, { deadlineMs: 20_000, ignoredUsers: ['monitor'] });
const hasty = new MysqlReplicaProbe({ secrets }, { deadlineMs: 150, ignoredUsers: [] });
const gate = { username: 'chester-gate', passwordSecret: 'gate-password', useSsl: false };

/** One replica, and what a test has to arrange behind the port. */
type World = {
  readonly probe: ReplicaProbe;
  readonly target: ProbeTarget;
  setLag(seconds: number | null): void;
  /** Logs a user in, and out. */
  connect(user: string): Promise<() => Promise<void>>;
  close(): Promise<void>;
};

function fakeWorld(): World {
  const fake = new FakeReplicaProbe();
  const target = { ...gate, hostname: '10.0.0.9', port: 3306 };
  const users: string[] = [];
  fake.put(target.hostname);
  const show = () => {
    fake.put(target.hostname, { users: [...new Set(users)] });
  };
  return {
    probe: fake,
    target,
    setLag(lagSeconds) {
      fake.put(target.hostname, { lagSeconds });
    },
    connect(user) {
      users.push(user);
      show();
      return Promise.resolve(() => {
        users.splice(users.indexOf(user), 1);
        show();
        return Promise.resolve();
      });
    },
    close: () => Promise.resolve(),
  };
}

async function emulatorWorld(databaseVersion: string, port: number): Promise<World> {
  const emulator = await startCloudSqlEmulator({
    primaries: [{ name: 'orders-primary', databaseVersion, replicas: [{ name: 'orders-ro-1' }] }],
    mysqlPort: port,
    addressPrefix: '127.63',
  });
  const address = emulator.mysqlAddress('orders-ro-1');
  assert(address !== null);
  const target = { ...gate, hostname: address.host, port: address.port };
  return {
    probe,
    target,
    setLag(seconds) {
      emulator.setLag('orders-ro-1', seconds);
    },
    async connect(user) {
      const { host } = address;
      const sessions = () => emulator.connections('orders-ro-1').filter((session) => session.user === user).length;
      const connection = await createConnection({ host, port: address.port, user, password: user });
      return async () => {
        const before = sessions();
        await connection.end();
        while (sessions() >= before) await new Promise((resolve) => setImmediate(resolve));
      };
    },
    close: () => emulator.close(),
  };
}

for (const { name, open } of [
  { name: 'FakeReplicaProbe', open: () => Promise.resolve(fakeWorld()) },
  { name: 'MysqlReplicaProbe on MySQL 5.7 (old words only)', open: () => emulatorWorld('MYSQL_5_7', 36071) },
  { name: 'MysqlReplicaProbe on MySQL 8.0', open: () => emulatorWorld('MYSQL_8_0', 36072) },
  { name: 'MysqlReplicaProbe on MySQL 8.4 (new words only)', open: () => emulatorWorld('MYSQL_8_4', 36073) },
]) {
  describe(`ReplicaProbe: ${name}`, { timeout: 300_000 }, () => {
    const opened = open();
    after(async () => (await opened).close());

    it('reads the lag, null when replication is stopped, and that the session is not encrypted', async () => {
      const world = await opened;
      for (const lagSeconds of [7, null, 0]) {
        world.setLag(lagSeconds);
        const sample = await world.probe.sampleGate(world.target);
        assert.deepEqual(sample, { outcome: 'answered', lagSeconds, isEncrypted: false });
      }
    });

    it('names who is connected, each once, and nobody when there is nobody', async () => {
      const world = await opened;
      const sample = () => world.probe.sampleSessions(world.target);
      assert.deepEqual(await sample(), { outcome: 'answered', users: [] });
      const logouts = [await world.connect('app'), await world.connect('app')];
      assert.deepEqual(await sample(), { outcome: 'answered', users: ['app'] });
      for (const logOut of logouts) await logOut();
      assert.deepEqual(await sample(), { outcome: 'answered', users: [] });
    });

    it('answers with a reason when nobody is there', async () => {
      const world = await opened;
      const target = { ...world.target, hostname: '127.63.255.1' };
      for (const sample of [await world.probe.sampleGate(target), await world.probe.sampleSessions(target)]) {
        assert.equal(sample.outcome, 'failed');
        assert.match(sample.reason, /ECONNREFUSED/);
      }
    });
  });
}

describe('MysqlReplicaProbe', { timeout: 300_000 }, () => {
  it('does not count the users that it was told to ignore', async () => {
    const world = await emulatorWorld('MYSQL_8_0', 36074);
    try {
      const logOut = await world.connect('monitor');
      assert.deepEqual(await probe.sampleSessions(world.target), { outcome: 'answered', users: [] });
      const strict = new MysqlReplicaProbe({ secrets }, { deadlineMs: 20_000, ignoredUsers: [] });
      assert.deepEqual(await strict.sampleSessions(world.target), { outcome: 'answered', users: ['monitor'] });
      await logOut();
    } finally {
      await world.close();
    }
  });

  it('fails on a wrong password, on a missing secret and where TLS is asked for in vain, and tells no password', async () => {
    const world = await emulatorWorld('MYSQL_8_0', 36075);
    try {
      const failures = [
        { change: { passwordSecret: 'wrong-password' }, reason: /ACCESS_DENIED/ },
        { change: { passwordSecret: 'no-such-secret' }, reason: /secret no-such-secret/ },
        { change: { useSsl: true }, reason: /secure connection/ },
      ];
      for (const { change, reason } of failures) {
        const sample = await probe.sampleGate({ ...world.target, ...change });
        assert.equal(sample.outcome, 'failed');
        assert.match(sample.reason, reason);
        assert.doesNotMatch(sample.reason, /WRONG-VALUE/);
      }
    } finally {
      await world.close();
    }
  });
});

const status = (columns: readonly string[], ...rows: (readonly (string | number | null)[])[]) => ({ columns, rows });
const runningColumns = ['Replica_IO_Running', 'Replica_SQL_Running', 'Seconds_Behind_Source'];
const processes = (...rows: (readonly [number, string])[]) => ({ columns: ['Id', 'User'], rows });

/** Runs a sample against a server that answers by these rules, the first that fits. */
async function withScript<T>(
  script: readonly (readonly [pattern: RegExp, answer: Scripted])[],
  use: (target: ProbeTarget) => Promise<T>,
): Promise<T> {
  const server = await startScriptedMysql(
    (sql) => script.find(([pattern]) => pattern.test(sql))?.[1] ?? { columns: ['Value'], rows: [] },
  );
  try {
    const result = await use({ ...gate, hostname: '127.0.0.1', port: server.port });
    await server.clientsGone();
    return result;
  } finally {
    server.close();
  }
}

describe('MysqlReplicaProbe.sampleGate', { timeout: 300_000 }, () => {
  const cases = [
    { name: 'both threads run', answer: status(runningColumns, ['Yes', 'Yes', 3]), lagSeconds: 3 },
    { name: 'the receiver reconnects', answer: status(runningColumns, ['Connecting', 'Yes', 3]), lagSeconds: null },
    { name: 'the applier has stopped', answer: status(runningColumns, ['Yes', 'No', 0]), lagSeconds: null },
    { name: 'the lag is unknown', answer: status(runningColumns, ['Yes', 'Yes', null]), lagSeconds: null },
    { name: 'it is no replica', answer: status(runningColumns), lagSeconds: null },
    { name: 'channels differ', answer: status(runningColumns, ['Yes', 'Yes', 3], ['Yes', 'Yes', 9]), lagSeconds: 9 },
    {
      name: 'one channel of two has stopped',
      answer: status(runningColumns, ['Yes', 'Yes', 3], ['No', 'Yes', 0]),
      lagSeconds: null,
    },
    {
      name: 'the new statement answers in old words',
      answer: status(['Slave_IO_Running', 'Slave_SQL_Running', 'Seconds_Behind_Master'], ['Yes', 'Yes', 4]),
      lagSeconds: 4,
    },
  ];
  for (const { name, answer, lagSeconds } of cases) {
    it(`says ${lagSeconds} when ${name}`, async () => {
      const sample = await withScript([[/^SHOW REPLICA/, answer]], (target) => probe.sampleGate(target));
      assert.deepEqual(sample, { outcome: 'answered', lagSeconds, isEncrypted: false });
    });
  }

  it('says that TLS is in use when the session has a cipher', async () => {
    const script = [
      [/^SHOW REPLICA/, status(runningColumns, ['Yes', 'Yes', 0])],
      [/Ssl_cipher/, { columns: ['Variable_name', 'Value'], rows: [['Ssl_cipher', 'TLS_AES_256_GCM_SHA384']] }],
    ] as const;
    const sample = await withScript(script, (target) => probe.sampleGate(target));
    assert.deepEqual(sample, { outcome: 'answered', lagSeconds: 0, isEncrypted: true });
  });

  it('asks in old words only when the new ones are not understood', async () => {
    const denied = await withScript([[/^SHOW REPLICA/, { errno: 1227 }]], (target) => probe.sampleGate(target));
    assert.equal(denied.outcome, 'failed');
  });

  it('gives up at its deadline, whoever keeps it waiting', async () => {
    const late = { outcome: 'failed', reason: 'no answer within 150 ms' };
    const silentQuery = await withScript([[/./, 'silence']], (target) => hasty.sampleGate(target));
    assert.deepEqual(silentQuery, late);
    const server = await startScriptedMysql(() => 'silence', false);
    const silentGreeting = await hasty.sampleSessions({ ...gate, hostname: '127.0.0.1', port: server.port });
    await server.clientsGone();
    server.close();
    assert.equal(silentGreeting.outcome, 'failed');
  });

  it('fails when the server hangs up in the middle', async () => {
    const sample = await withScript([[/REPLICA/, 'hang up']], (target) => probe.sampleGate(target));
    assert.equal(sample.outcome, 'failed');
  });
});

describe('MysqlReplicaProbe.sampleSessions', { timeout: 300_000 }, () => {
  const own = [connectionId, 'chester-gate'] as const;
  const grants = (...lines: readonly string[]) => ({ columns: ['Grants'], rows: lines.map((line) => [line]) });

  it('leaves out the server and its own connection, not another session of its own user', async () => {
    const list = processes(
      [5, 'event_scheduler'],
      [6, 'system user'],
      own,
      [77, 'chester-gate'],
      [78, 'unauthenticated user'],
    );
    const sample = await withScript([[/PROCESSLIST/, list]], (target) => probe.sampleSessions(target));
    assert.deepEqual(sample, { outcome: 'answered', users: ['chester-gate', 'unauthenticated user'] });
  });

  const privileges = [
    { lines: ['GRANT USAGE ON *.* TO `chester-gate`@`%`'], outcome: 'failed' },
    { lines: ['GRANT SELECT, PROCESS ON `shop`.* TO `chester-gate`@`%`'], outcome: 'failed' },
    { lines: ['GRANT SELECT, PROCESS, RELOAD ON *.* TO `chester-gate`@`%`'], outcome: 'answered' },
    { lines: ['GRANT USAGE ON *.* TO `a`@`%`', "GRANT ALL PRIVILEGES ON *.* TO 'a'@'%'"], outcome: 'answered' },
  ];
  for (const { lines, outcome } of privileges) {
    it(`takes an empty list for ${outcome} with ${lines.join(', ')}`, async () => {
      const script = [
        [/PROCESSLIST/, processes(own)],
        [/GRANTS/, grants(...lines)],
      ] as const;
      const sample = await withScript(script, (target) => probe.sampleSessions(target));
      assert.equal(sample.outcome, outcome);
    });
  }
});
