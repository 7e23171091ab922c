import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from 'node:test';

import { type Clock, systemClock } from '../../../process/clock.ts';
import {
  type ProxySqlEmulator,
  type ProxySqlEmulatorOptions,
  startProxySqlEmulator,
} from '../../../sandbox/proxysql/emulator.ts';
import { loadCostMs } from '../../../sandbox/proxysql/load-cost.ts';
import { renderReply } from '../../../sandbox/proxysql/packets.ts';
import { AdminClient } from './admin-client.ts';

const timeout = 300_000;
const server = { hostgroup: 10, hostname: '10.0.0.1', port: 3306 };
const running = 'SELECT hostname, status FROM runtime_mysql_servers ORDER BY 1';
const pool = 'SELECT srv_host, status, ConnUsed, ConnFree FROM stats_mysql_connection_pool ORDER BY 1';

/** Runs `body` on an emulator with one session and, unless told otherwise, `server` loaded. */
async function withEmulator(
  body: (emulator: ProxySqlEmulator, client: AdminClient) => Promise<void>,
  options: Partial<ProxySqlEmulatorOptions> = {},
): Promise<void> {
  const emulator = await startProxySqlEmulator({ port: 0, loadCost: 'none', configuredServers: [server], ...options });
  const client = await AdminClient.connect(emulator.address);
  try {
    await body(emulator, client);
  } finally {
    client.close();
    await emulator.close();
  }
}

async function waitFor(isTrue: () => Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe('renderReply', () => {
  it('cuts a long row into full frames and ends it with a short one, if need be an empty one', () => {
    const lengthBytes = 9;
    const row = ['x'.repeat(2 * 0xffffff - lengthBytes)];
    const bytes = renderReply({ kind: 'rows', columns: [{ name: 'long', type: 'text' }], rows: [row] }, 1, false);
    const frames: [length: number, sequenceId: number][] = [];
    for (let offset = 0; offset < bytes.length; offset += 4 + bytes.readUIntLE(offset, 3)) {
      frames.push([bytes.readUIntLE(offset, 3), bytes.readUInt8(offset + 3)]);
    }
    assert.deepEqual(frames.slice(3), [
      [0xffffff, 4],
      [0xffffff, 5],
      [0, 6],
      [5, 7],
    ]);
  });
});

describe('setConnections', () => {
  it('keeps a removed server running as OFFLINE_HARD until its connections are gone', { timeout }, () =>
    withEmulator(async (emulator, client) => {
      emulator.setConnections({ ...server, used: 2, free: 3 });
      assert.deepEqual(await client.rows(pool), [['10.0.0.1', 'ONLINE', '2', '3']]);
      await client.query('DELETE FROM mysql_servers');
      await client.query('LOAD MYSQL SERVERS TO RUNTIME');
      assert.deepEqual(await client.rows(pool), [['10.0.0.1', 'OFFLINE_HARD', '2', '0']]);
      assert.deepEqual(await client.rows(running), [['10.0.0.1', 'OFFLINE_HARD']]);
      emulator.setConnections({ ...server, used: 0 });
      assert.deepEqual(await client.rows(running), []);
    }),
  );

  it('keeps the connections of a server that is named again', { timeout }, () =>
    withEmulator(async (emulator, client) => {
      emulator.setConnections({ ...server, used: 2 });
      await client.query('DELETE FROM mysql_servers');
      await client.query('LOAD MYSQL SERVERS TO RUNTIME');
      await client.query('LOAD MYSQL SERVERS FROM CONFIG');
      await client.query('LOAD MYSQL SERVERS TO RUNTIME');
      assert.deepEqual(await client.rows(pool), [['10.0.0.1', 'ONLINE', '2', '0']]);
    }),
  );

  it('loses the free connections of a server that is not ONLINE', { timeout }, () =>
    withEmulator(async (emulator, client) => {
      emulator.setConnections({ ...server, used: 1, free: 3 });
      await client.query("UPDATE mysql_servers SET status = 'OFFLINE_SOFT'");
      await client.query('LOAD MYSQL SERVERS TO RUNTIME');
      assert.deepEqual(await client.rows(pool), [['10.0.0.1', 'OFFLINE_SOFT', '1', '0']]);
    }),
  );

  it('throws for a server that does not run', { timeout }, () =>
    withEmulator((emulator) => {
      assert.throws(() => {
        emulator.setConnections({ ...server, port: 1, used: 1 });
      }, /no server 10\.0\.0\.1:1 in hostgroup 10/);
      return Promise.resolve();
    }),
  );
});

describe('shun', () => {
  it('lasts until the next LOAD and is never saved', { timeout }, () =>
    withEmulator(async (emulator, client) => {
      emulator.shun(server);
      assert.deepEqual(await client.rows(running), [['10.0.0.1', 'SHUNNED']]);
      await client.query('SAVE MYSQL SERVERS FROM RUNTIME');
      assert.deepEqual(await client.rows('SELECT status FROM mysql_servers'), [['ONLINE']]);
      await client.query('LOAD MYSQL SERVERS TO RUNTIME');
      assert.deepEqual(await client.rows(running), [['10.0.0.1', 'ONLINE']]);
    }),
  );

  it('for lag survives a LOAD that keeps the limit, and ends with one that lifts it', { timeout }, () =>
    withEmulator(async (emulator, client) => {
      await client.query('UPDATE mysql_servers SET max_replication_lag = 5');
      await client.query('LOAD MYSQL SERVERS TO RUNTIME');
      emulator.shun(server, 'replicationLag');
      await client.query('LOAD MYSQL SERVERS TO RUNTIME');
      assert.deepEqual(await client.rows(running), [['10.0.0.1', 'SHUNNED']]);
      assert.equal((await client.rows(pool))[0]?.[1], 'SHUNNED_REPLICATION_LAG');
      await client.query('UPDATE mysql_servers SET max_replication_lag = 0');
      await client.query('LOAD MYSQL SERVERS TO RUNTIME');
      assert.deepEqual(await client.rows(running), [['10.0.0.1', 'ONLINE']]);
    }),
  );
});

describe('setSessions', () => {
  it('lists sessions, and KILL CONNECTION ends one with its connection', { timeout }, () =>
    withEmulator(async (emulator, client) => {
      emulator.setConnections({ ...server, used: 1 });
      emulator.setSessions([{ sessionId: 7, user: 'app', server }]);
      emulator.setClientConnections(4);
      const sessions = 'SELECT SessionID, srv_host FROM stats_mysql_processlist';
      assert.deepEqual(await client.rows(sessions), [['7', '10.0.0.1']]);
      assert.ok('ok' in (await client.query('KILL CONNECTION 7')));
      assert.deepEqual(await client.rows(sessions), []);
      assert.equal((await client.rows(pool))[0]?.[2], '0');
      const clients =
        "SELECT Variable_Value FROM stats_mysql_global WHERE Variable_Name = 'Client_Connections_connected'";
      assert.deepEqual(await client.rows(clients), [['4']]);
    }),
  );
});

describe('restart', () => {
  it('keeps a disk database without a file, and forgets what was not saved', { timeout }, () =>
    withEmulator(async (emulator, client) => {
      await client.query("UPDATE mysql_servers SET comment = 'saved'");
      await client.query('SAVE MYSQL SERVERS TO DISK');
      await client.query("UPDATE mysql_servers SET comment = 'unsaved'");
      await client.query('CREATE TABLE sentinel (id INTEGER)');
      const { address } = emulator;
      await emulator.restart();
      assert.equal(emulator.address, address);
      const again = await AdminClient.connect(address);
      assert.deepEqual(await again.rows('SELECT comment FROM runtime_mysql_servers'), [['saved']]);
      assert.ok('error' in (await again.query('SELECT * FROM sentinel')));
      again.close();
    }),
  );

  for (const { sql, event } of [
    { sql: ';', event: 'crash' },
    { sql: 'PROXYSQL SHUTDOWN', event: 'shutdown' },
  ] as const) {
    it(`is up to the caller after ${sql}`, { timeout }, () =>
      withEmulator(async (emulator, client) => {
        const ended = once(emulator, event);
        await assert.rejects(client.query(sql), { code: 'PROTOCOL_CONNECTION_LOST' });
        await ended;
        await assert.rejects(AdminClient.connect(emulator.address), { code: 'ECONNREFUSED' });
        await emulator.restart();
        (await AdminClient.connect(emulator.address)).close();
      }),
    );
  }

  it('by PROXYSQL RESTART rereads the disk but goes on counting', { timeout }, () =>
    withEmulator(async (emulator, client) => {
      await client.query('DELETE FROM mysql_servers');
      await assert.rejects(client.query('PROXYSQL RESTART'), { code: 'PROTOCOL_CONNECTION_LOST' });
      let again: AdminClient | null = null;
      await waitFor(async () => {
        again = await AdminClient.connect(emulator.address).catch(() => null);
        return again !== null;
      });
      const version = "SELECT version FROM runtime_checksums_values WHERE name = 'mysql_servers'";
      assert.deepEqual(await again!.rows(version), [['2']]);
      assert.deepEqual(await again!.rows(running), [['10.0.0.1', 'ONLINE']]);
      again!.close();
    }),
  );
});

describe('dieInNextSave', () => {
  it('leaves no servers on disk, and with the next start none at all', { timeout }, () =>
    withEmulator(async (emulator, client) => {
      const ended = once(emulator, 'crash');
      emulator.dieInNextSave();
      assert.ok('ok' in (await client.query('SAVE MYSQL USERS TO DISK')));
      await assert.rejects(client.query('SAVE MYSQL SERVERS TO DISK'), { code: 'PROTOCOL_CONNECTION_LOST' });
      await ended;
      await emulator.restart();
      const again = await AdminClient.connect(emulator.address);
      assert.deepEqual(await again.rows(running), []);
      assert.ok('ok' in (await again.query('SAVE MYSQL SERVERS TO DISK')));
      again.close();
    }),
  );
});

describe('version', () => {
  const columns = "SELECT count(*) FROM pragma_table_info('mysql_hostgroup_attributes')";
  const tables = ['mysql_hostgroup_attributes', 'mysql_servers_ssl_params', 'pgsql_servers'];
  const cases = [
    { version: '2.4.8', has: [], attributes: '0', hasV2: false },
    { version: '2.5.2', has: tables.slice(0, 1), attributes: '10', hasV2: false },
    { version: '2.5.3', has: tables.slice(0, 1), attributes: '11', hasV2: false },
    { version: '2.6.0', has: tables.slice(0, 2), attributes: '12', hasV2: true },
    { version: '2.7.1', has: tables.slice(0, 2), attributes: '12', hasV2: true },
    { version: '3.0.1', has: tables, attributes: '12', hasV2: true },
  ] as const;
  for (const { version, has, attributes, hasV2 } of cases) {
    it(`${version} has the tables, columns and checksums of its time, and loads and saves them`, { timeout }, () =>
      withEmulator(
        async (_emulator, client) => {
          assert.deepEqual(await client.rows('SELECT @@version'), [[`${version}-emulator`]]);
          const names = tables.map((table) => `'${table}'`).join();
          const found = await client.rows(`SELECT name FROM sqlite_master WHERE name IN (${names}) ORDER BY 1`);
          assert.deepEqual(found.flat(), has);
          assert.deepEqual(await client.rows(columns), [[attributes]]);
          const v2 = await client.rows("SELECT 1 FROM runtime_checksums_values WHERE name = 'mysql_servers_v2'");
          assert.equal(v2.length === 1, hasV2);
          const copies = [
            'LOAD MYSQL SERVERS TO RUNTIME',
            'SAVE MYSQL SERVERS TO DISK',
            'LOAD MYSQL SERVERS FROM DISK',
          ];
          await client.run(...copies, 'SAVE MYSQL SERVERS FROM RUNTIME');
          assert.deepEqual(await client.rows(running), [['10.0.0.1', 'ONLINE']]);
        },
        { version },
      ),
    );
  }
});

describe('loadCost', () => {
  it('is what was measured, and linear in between', () => {
    const costs = [0, 3, 30, 165, 300, 3000].map((servers) => Number(loadCostMs(servers).toFixed(2)));
    assert.deepEqual(costs, [2, 2, 2.5, 4.9, 7.3, 57]);
    assert.ok(loadCostMs(6000) > 100);
  });

  it('is time for which all other sessions wait', { timeout }, async () => {
    let monotonicMs = 0;
    const clock: Clock = { ...systemClock, monotonicMs: () => monotonicMs };
    await withEmulator(
      async (emulator, client) => {
        const [waiting, bystander] = await Promise.all([
          AdminClient.connect(emulator.address),
          AdminClient.connect(emulator.address),
        ]);
        const answered: string[] = [];
        const load = client.query('LOAD MYSQL SERVERS TO RUNTIME').then(() => answered.push('load'));
        await bystander.ping();
        const select = waiting.query('SELECT 1').then(() => answered.push('select'));
        for (let pings = 0; pings < 5; pings += 1) await bystander.ping();
        assert.deepEqual(answered, []);
        monotonicMs = loadCostMs(1);
        await Promise.all([load, select]);
        assert.deepEqual(answered, ['load', 'select']);
        waiting.close();
        bystander.close();
      },
      { loadCost: 'real', clock },
    );
  });
});

describe('monitor', () => {
  it('is off unless asked for', { timeout }, () =>
    withEmulator(async (_emulator, client) => {
      assert.deepEqual(await client.rows('SELECT * FROM monitor.mysql_server_connect_log'), []);
    }),
  );
});

describe('runProxySqlSandbox', () => {
  it('prints its address, answers there and stops on SIGTERM', { timeout }, async () => {
    const main = new URL('../../../sandbox/proxysql/main.js', import.meta.url).href;
    const program = `import { runProxySqlSandbox } from '${main}'; await runProxySqlSandbox({ port: 0 });`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const { address } = JSON.parse(line.toString()) as { address: string };
    const client = await AdminClient.connect(address, { user: 'admin', password: 'admin' });
    assert.deepEqual(await client.rows('SELECT 1'), [['1']]);
    client.close();
    child.kill('SIGTERM');
    assert.deepEqual(await once(child, 'exit'), [0, null]);
  });
});
