import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { sqladmin_v1 } from 'googleapis/build/src/apis/sqladmin/index.js';
import mysql, { type Connection, type RowDataPacket } from 'mysql2/promise';
import { type CloudSqlEmulator, startCloudSqlEmulator } from '../../../sandbox/cloudsql/emulator.ts';
import {
  clientFor,
  createReplica,
  eventually,
  failureOf,
  project,
  quick,
  type SqlAdmin,
  startDisposable,
  untilDone,
} from './emulator-fixture.ts';

function logIn(host: string, user = 'app', password = 'app'): Promise<Connection> {
  return mysql.createConnection({ host, port: quick.mysqlPort!, user, password, connectTimeout: 2000 });
}

async function firstRow(connection: Connection, sql: string): Promise<RowDataPacket | undefined> {
  const [rows] = await connection.query<RowDataPacket[]>(sql);
  return rows[0];
}

describe('startCloudSqlEmulator: MySQL of the instances', () => {
  let emulator: CloudSqlEmulator;
  let client: SqlAdmin;
  before(async () => {
    emulator = await startCloudSqlEmulator(quick);
    client = clientFor(emulator);
  });
  after(() => emulator.close());

  it('answers for each instance on an address of its own', async () => {
    const hosts = ['orders', 'orders-static'].map((name) => emulator.mysqlAddress(name)!.host);
    assert.equal(new Set(hosts).size, 2);
    const found = await Promise.all(
      hosts.map(async (host) => {
        await using connection = await logIn(host);
        return await firstRow(connection, 'SELECT @@hostname AS name, @@read_only AS readOnly');
      }),
    );
    assert.deepEqual(
      found.map((row) => ({ ...row })),
      [
        { name: 'orders', readOnly: 0 },
        { name: 'orders-static', readOnly: 1 },
      ],
    );
  });

  it('checks user and password, also when the user is changed', async () => {
    const { host } = emulator.mysqlAddress('orders-static')!;
    for (const [user, password] of [
      ['app', 'wrong'],
      ['app', ''],
      ['nobody', 'app'],
      ['constructor', 'x'],
    ] as const) {
      const refused = await failureOf(logIn(host, user, password));
      assert.equal(refused.code, 'ER_ACCESS_DENIED_ERROR', user);
    }
    await using gate = await logIn(host, 'chester-gate', 'gate');
    await gate.changeUser({ user: 'app', password: 'app', database: 'shop' });
    assert.equal((await firstRow(gate, 'SELECT CURRENT_USER() AS me'))?.['me'], 'app@%');
  });

  it('tells the lag that was set', async () => {
    await using connection = await logIn(emulator.mysqlAddress('orders-static')!.host);
    const init = { method: 'POST', body: '{"seconds":42}', headers: { 'content-type': 'application/json' } };
    const url = `${emulator.url}sandbox/instances/orders-static/lag`;
    assert.equal((await fetch(url, init)).status, 200);
    assert.equal((await firstRow(connection, 'SHOW REPLICA STATUS'))?.['Seconds_Behind_Source'], 42);
    assert.equal((await fetch(url, { ...init, body: '{"seconds":-1}' })).status, 400);
    emulator.setLag('orders-static', null);
    assert.equal((await firstRow(connection, 'SHOW SLAVE STATUS'))?.['Seconds_Behind_Master'], null);
    await using primary = await logIn(emulator.mysqlAddress('orders')!.host);
    assert.equal(await firstRow(primary, 'SHOW REPLICA STATUS'), undefined);
  });

  it('lists its sessions, busy and idle', async () => {
    const { host } = emulator.mysqlAddress('orders')!;
    await using watcher = await logIn(host, 'chester-gate', 'gate');
    await using busy = await logIn(host);
    await busy.query('USE shop');
    const sleeping = busy.query('SELECT SLEEP(0.3)');
    const row = await eventually(async () => {
      const sql = "SELECT user, db, command, info FROM information_schema.processlist WHERE user = 'app'";
      const found = await firstRow(watcher, sql);
      return found?.['command'] === 'Query' ? found : null;
    });
    assert.deepEqual({ ...row }, { user: 'app', db: 'shop', command: 'Query', info: 'SELECT SLEEP(0.3)' });
    assert.deepEqual(
      emulator.connections('orders').map(({ user }) => user),
      ['chester-gate', 'app'],
    );
    await sleeping;
    await busy.end();
    await eventually(() => (emulator.connections('orders').length === 1 ? true : null));
  });

  it('answers on a new replica, and no longer once it is deleted', async () => {
    const host = await createReplica(client, 'orders-ro-1');
    const connection = await logIn(host);
    const cut = once(connection as unknown as NodeJS.EventEmitter, 'error');
    const deleted = await client.instances.delete({ project, instance: 'orders-ro-1' });
    await cut;
    await untilDone(client, deleted.data.name!);
    await eventually(async () => ((await failureOf(logIn(host))).code === 'ECONNREFUSED' ? true : null));
  });

  it('does not answer while the instance is stopped', async () => {
    const { host } = emulator.mysqlAddress('orders-static')!;
    const open = await logIn(host);
    const cut = once(open as unknown as NodeJS.EventEmitter, 'error');
    const settings = { activationPolicy: 'NEVER' };
    const stopped = await client.instances.patch({ project, instance: 'orders-static', requestBody: { settings } });
    await untilDone(client, stopped.data.name!);
    await cut;
    assert.equal((await client.instances.get({ project, instance: 'orders-static' })).data.state, 'RUNNABLE');
    assert.equal((await failureOf(logIn(host))).code, 'PROTOCOL_CONNECTION_LOST');
    const requestAlways = { settings: { activationPolicy: 'ALWAYS' } };
    const woken = await client.instances.patch({ project, instance: 'orders-static', requestBody: requestAlways });
    await untilDone(client, woken.data.name!);
    await using connection = await logIn(host);
    await connection.ping();
  });

  it('cuts clients that send nonsense, and lives on', async () => {
    const { host } = emulator.mysqlAddress('orders')!;
    const tokenTooLong = Buffer.concat([Buffer.from([0, 2, 0, 0]), Buffer.alloc(28), Buffer.from('app\0P')]);
    const framed = Buffer.concat([Buffer.from([tokenTooLong.length, 0, 0, 1]), tokenTooLong]);
    for (const bytes of [[0xff, 0xff, 0xff, 1], [2, 0, 0, 1, 5, 5], [0, 0, 0, 1], [...framed]]) {
      const socket = connect(quick.mysqlPort!, host);
      let answer = '';
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => (answer += chunk.toString('latin1')));
      await once(socket, 'connect');
      socket.write(Buffer.from(bytes));
      await once(socket, 'close');
      assert.doesNotMatch(answer, /denied/);
    }
    await using connection = await logIn(host);
    await connection.ping();
  });

  it('leaves other emulators their addresses', async () => {
    await using other = await startDisposable(quick);
    const hosts = [emulator, other.emulator].flatMap((one) => one.instances().map(({ address }) => address));
    assert.equal(new Set(hosts).size, hosts.length);
  });
});

describe('startCloudSqlEmulator: stateFile', () => {
  it('keeps instances and addresses across a restart', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cloudsql-'));
    try {
      const options = { ...quick, addressPrefix: '127.32', stateFile: join(folder, 'state.json') };
      const first = await startCloudSqlEmulator(options);
      const client = clientFor(first);
      const host = await createReplica(client, 'orders-ro-1');
      const deleted = await client.instances.delete({ project, instance: 'orders-static' });
      await untilDone(client, deleted.data.name!);
      await first.close();
      const second = await startCloudSqlEmulator(options);
      try {
        assert.deepEqual(
          second.instances().map(({ name }) => name),
          ['orders', 'orders-ro-1'],
        );
        assert.equal(second.mysqlAddress('orders-ro-1')?.host, host);
        await using connection = await logIn(host);
        await connection.ping();
      } finally {
        await second.close();
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('runCloudSqlSandbox', () => {
  it('prints its address on one line and stops on SIGTERM', async (test) => {
    const main = pathToFileURL(join(import.meta.dirname, '../../../sandbox/cloudsql/main.js')).href;
    const code = `(await import('${main}')).runCloudSqlSandbox({ mysqlPort: 13306, addressPrefix: '127.33' })`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let stdout = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    const exited = once(child, 'exit');
    test.after(() => child.kill('SIGKILL'));
    const { address } = await eventually(() =>
      stdout.endsWith('\n') ? (JSON.parse(stdout) as { address: string }) : null,
    );
    const answer = await fetch(`http://${address}/v1/projects/demo/instances/orders-primary`);
    const found = (await answer.json()) as sqladmin_v1.Schema$DatabaseInstance;
    assert.deepEqual(found.replicaNames, ['orders-primary-static']);
    child.kill('SIGTERM');
    assert.deepEqual((await exited)[0], 0);
    assert.equal(stdout.split('\n').length, 2);
  });
});
