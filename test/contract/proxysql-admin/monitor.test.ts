import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { after, afterEach, before, describe, it } from 'node:test';

import { AdminClient } from './admin-client.ts';
import { type Backend, Backends } from './backends.ts';
import { onEveryTarget, type StartTarget, type Target } from './targets.ts';

const timeout = 300_000;
const loadServers = 'LOAD MYSQL SERVERS TO RUNTIME';
const loadVariables = 'LOAD MYSQL VARIABLES TO RUNTIME';
const running = 'SELECT hostgroup_id, status FROM runtime_mysql_servers ORDER BY 1';
const checks = ['connect', 'ping', 'replication_lag', 'read_only'];
/** All checks ten times a second, as fast as it goes. */
const asAtFirst = [
  ...checks.flatMap((check) => [`SET mysql-monitor_${check}_interval=100`, `SET mysql-monitor_${check}_timeout=1000`]),
  'SET mysql-monitor_enabled=true',
  "SET mysql-monitor_password='monitor'",
  'SET mysql-monitor_history=600000',
  loadVariables,
];

/** What ProxySQL's monitor logs of servers, and what it does with what it finds. */
function describeMonitor(start: StartTarget): void {
  let servers: Backends;
  let target: Target;
  let client: AdminClient;
  let replica: Backend;

  before(async () => {
    servers = await Backends.create();
    replica = await servers.start('replica');
    target = await start({ monitor: true });
    client = await AdminClient.connect(target.address);
    await client.run(...asAtFirst);
  });
  afterEach(async () => {
    servers.set('replica', { isReplica: true, lagSeconds: 0 });
    await client.run(
      ...asAtFirst,
      'DELETE FROM mysql_servers',
      'DELETE FROM mysql_replication_hostgroups',
      loadServers,
    );
    await client.run(...checks.map((check) => `DELETE FROM monitor.mysql_server_${check}_log`));
  });
  after(async () => {
    client.close();
    await target.close();
    await servers.close();
  });

  const insert = async (server: Backend, columns: Readonly<Record<string, string | number>> = {}): Promise<void> => {
    const row = { hostgroup_id: 10, ...server, ...columns };
    const values = Object.values(row).map((value) => `'${value}'`);
    await client.run(`INSERT INTO mysql_servers (${Object.keys(row).join()}) VALUES (${values.join()})`);
  };
  const logged = (check: 'ping' | 'connect', { hostname, port }: Backend): string =>
    `SELECT DISTINCT ${check}_success_time_us > 0, ${check}_error FROM monitor.mysql_server_${check}_log
     WHERE hostname = '${hostname}' AND port = ${port}`;
  const lags = 'SELECT DISTINCT success_time_us > 0, repl_lag, error FROM monitor.mysql_server_replication_lag_log';

  describe('its logs', () => {
    it('hold microseconds: since 1970, and of duration', { timeout }, async () => {
      await insert(replica);
      await client.run(loadServers);
      for (const check of ['ping', 'connect'] as const) await client.until(logged(check, replica), [['1', null]]);
      const [row] = await client.rows(
        `SELECT time_start_us, ping_success_time_us FROM monitor.mysql_server_ping_log ORDER BY 1 DESC LIMIT 1`,
      );
      assert.ok(Math.abs(Number(row?.[0]) / 1000 - Date.now()) < 30_000, String(row?.[0]));
      assert.ok(Number(row?.[1]) < 30_000_000, String(row?.[1]));
    });

    it('lose what is older than mysql-monitor_history', { timeout }, async () => {
      const oldest = 'SELECT MIN(time_start_us) FROM monitor.mysql_server_ping_log';
      await insert(replica);
      await client.run(loadServers);
      await client.until(logged('ping', replica), [['1', null]]);
      const [[first] = []] = await client.rows(oldest);
      await client.run('SET mysql-monitor_history=1000', loadVariables);
      await client.until(`SELECT (${oldest}) > ${first}`, [['1']]);
    });

    it('have one row an address, whatever it is in, OFFLINE_SOFT too', { timeout }, async () => {
      await insert(replica, { hostgroup_id: 1, status: 'OFFLINE_SOFT', max_replication_lag: 5 });
      await insert(replica, { hostgroup_id: 2, status: 'OFFLINE_SOFT' });
      await client.run(loadServers);
      for (const check of ['ping', 'connect'] as const) await client.until(logged(check, replica), [['1', null]]);
      const twice =
        'SELECT count(*) FROM monitor.mysql_server_ping_log GROUP BY time_start_us / 50000 HAVING count(*) > 1';
      assert.deepEqual(await client.rows(twice), []);
      assert.deepEqual(await client.rows(lags), []);
    });

    it('leave out OFFLINE_HARD', { timeout }, async () => {
      await insert(replica, { status: 'OFFLINE_HARD' });
      const other = await servers.start('other');
      await insert(other);
      await client.run(loadServers);
      await client.until(logged('ping', other), [['1', null]]);
      assert.deepEqual(await client.rows(logged('ping', replica)), []);
      await servers.stop('other');
    });

    it('begin at the next interval, or at once after LOAD MYSQL VARIABLES', { timeout }, async () => {
      const known = await servers.start('known');
      await insert(known);
      await client.run(loadServers, 'SET mysql-monitor_ping_interval=600000', loadVariables);
      await client.until(logged('ping', known), [['1', null]]);
      await insert(replica, { status: 'OFFLINE_SOFT' });
      await client.run(loadServers);
      await new Promise((resolve) => setTimeout(resolve, 700));
      assert.deepEqual(await client.rows(logged('ping', replica)), []);
      await client.run(loadVariables);
      await client.until(logged('ping', replica), [['1', null]]);
      await servers.stop('known');
    });

    it('stop while the monitor is off, and keep what they have', { timeout }, async () => {
      await insert(replica);
      await client.run(loadServers);
      await client.until(logged('ping', replica), [['1', null]]);
      await client.run('SET mysql-monitor_enabled=false', loadVariables);
      const count = 'SELECT count(*) FROM monitor.mysql_server_ping_log';
      let before: unknown = null;
      // What was under way still ends.
      for (let now = await client.rows(count); JSON.stringify(now) !== JSON.stringify(before);) {
        before = now;
        await new Promise((resolve) => setTimeout(resolve, 1000));
        now = await client.rows(count);
      }
      assert.notDeepEqual(before, [['0']]);
    });
  });

  describe('a server that fails', () => {
    const silent: Socket[] = [];
    let hole: Server;

    before(async () => {
      hole = createServer((socket) => silent.push(socket.on('error', () => undefined)));
      hole.listen(0, '127.0.0.1');
      await once(hole, 'listening');
    });
    after(() => {
      for (const socket of silent) socket.destroy();
      hole.close();
    });

    const failures = [
      { what: 'refuses', hostname: '127.0.0.1', port: 1, error: "Can't connect to server on '127.0.0.1' (115)" },
      {
        what: 'accepts and says nothing',
        hostname: '127.0.0.1',
        port: null,
        error: "Lost connection to server at 'handshake: reading initial communication packet', system error: 110",
      },
      {
        what: 'has no address',
        hostname: 'no.such.host.invalid',
        port: 3306,
        error: "Unknown server host 'no.such.host.invalid' (-2)",
      },
    ];
    for (const { what, hostname, port, error } of failures) {
      it(
        `and ${what} is shunned in all its hostgroups after three pings, but OFFLINE_SOFT stays`,
        { timeout },
        async () => {
          const server = { hostname, port: port ?? (hole.address() as { port: number }).port };
          await insert(server, { hostgroup_id: 1 });
          await insert(server, { hostgroup_id: 2 });
          await insert(server, { hostgroup_id: 3, status: 'OFFLINE_SOFT' });
          await client.run(loadServers);
          await client.until(running, [
            ['1', 'SHUNNED'],
            ['2', 'SHUNNED'],
            ['3', 'OFFLINE_SOFT'],
          ]);
          assert.deepEqual(await client.rows(logged('ping', server)), [['0', error]]);
          assert.deepEqual(await client.rows('SELECT DISTINCT status FROM mysql_servers ORDER BY 1'), [
            ['OFFLINE_SOFT'],
            ['ONLINE'],
          ]);
        },
      );
    }

    it('is ONLINE again with the next LOAD, but not because it answers', { timeout }, async () => {
      const server = await servers.start('mended');
      await insert(server);
      await client.run(loadServers);
      await client.until(logged('ping', server), [['1', null]]);
      await servers.stop('mended');
      await client.until(running, [['10', 'SHUNNED']]);
      await servers.start('mended', {}, server);
      await client.run('DELETE FROM monitor.mysql_server_ping_log');
      await client.until(`${logged('ping', server)} AND ping_error IS NULL`, [['1', null]]);
      assert.deepEqual(await client.rows(running), [['10', 'SHUNNED']]);
      await client.run(loadServers);
      assert.deepEqual(await client.rows(running), [['10', 'ONLINE']]);
      await servers.stop('mended');
    });

    it('to let the monitor in is alive: pings on old connections go on, new servers show it', { timeout }, async () => {
      await insert(replica);
      await client.run(loadServers);
      await client.until(logged('ping', replica), [['1', null]]);
      const fresh = await servers.start('fresh');
      await insert(fresh);
      await client.run("SET mysql-monitor_password='wrong'", loadVariables, loadServers);
      const denied = "Access denied for user 'monitor'@'127.0.0.1' (using password: YES)";
      await client.until(`${logged('connect', replica)} AND connect_error IS NOT NULL`, [['0', denied]]);
      await client.until(logged('ping', fresh), [['0', denied]]);
      await new Promise((resolve) => setTimeout(resolve, 500));
      assert.deepEqual(await client.rows(logged('ping', replica)), [['1', null]]);
      assert.deepEqual(await client.rows(running), [
        ['10', 'ONLINE'],
        ['10', 'ONLINE'],
      ]);
      await servers.stop('fresh');
    });
  });

  describe('replication lag', () => {
    const shown = 'SELECT status FROM stats_mysql_connection_pool';

    it('above the limit shuns, over LOADs, until it is below or the limit is lifted', { timeout }, async () => {
      servers.set('replica', { isReplica: true, lagSeconds: 30 });
      await insert(replica, { max_replication_lag: 5 });
      await client.run(loadServers);
      await client.until(running, [['10', 'SHUNNED']]);
      assert.deepEqual(await client.rows(shown), [['SHUNNED_REPLICATION_LAG']]);
      assert.deepEqual(await client.rows(lags), [['1', '30', null]]);
      await client.run(loadServers);
      assert.deepEqual(await client.rows(running), [['10', 'SHUNNED']]);
      servers.set('replica', { isReplica: true, lagSeconds: 5 });
      await client.until(running, [['10', 'ONLINE']]);
      servers.set('replica', { isReplica: true, lagSeconds: 6 });
      await client.until(running, [['10', 'SHUNNED']]);
      await client.run('UPDATE mysql_servers SET max_replication_lag = 0', loadServers);
      assert.deepEqual(await client.rows(running), [['10', 'ONLINE']]);
    });

    it(
      'of a replica that stands still counts as 60 s, of a primary not at all; the log is the same',
      { timeout },
      async () => {
        await insert(replica, { max_replication_lag: 5 });
        servers.set('replica', { isReplica: true, lagSeconds: null });
        await client.run(loadServers);
        await client.until(running, [['10', 'SHUNNED']]);
        assert.deepEqual(await client.rows(lags), [['1', null, null]]);
        servers.set('replica', { isReplica: false, lagSeconds: null });
        await client.until(running, [['10', 'ONLINE']]);
        assert.deepEqual(await client.rows(lags), [['1', null, null]]);
      },
    );

    it('is not asked for without a limit', { timeout }, async () => {
      await insert(replica);
      await client.run(loadServers);
      await client.until(logged('ping', replica), [['1', null]]);
      assert.deepEqual(await client.rows(lags), []);
    });
  });

  describe('mysql_replication_hostgroups', () => {
    const places = 'SELECT hostgroup_id, hostname, weight FROM runtime_mysql_servers ORDER BY 1, 2';
    const checksums =
      "SELECT version, checksum FROM runtime_checksums_values WHERE name LIKE 'mysql_servers%' ORDER BY name";

    it('move servers in runtime only, and every LOAD moves them back for a while', { timeout }, async () => {
      const primary = await servers.start('primary', { isReplica: false });
      await client.run('SET mysql-monitor_read_only_interval=600000', loadVariables);
      // The check that follows finds nobody to move yet.
      await new Promise((resolve) => setTimeout(resolve, 300));
      await client.run('INSERT INTO mysql_replication_hostgroups (writer_hostgroup, reader_hostgroup) VALUES (1, 2)');
      await insert(primary, { hostgroup_id: 2, weight: 5 });
      await insert(replica, { hostgroup_id: 1, weight: 6 });
      await client.run(loadServers);
      const written = [
        ['1', replica.hostname, '6'],
        ['2', primary.hostname, '5'],
      ];
      assert.deepEqual(await client.rows(places), written);
      const [servers1, all1] = await client.rows(checksums);
      await client.run(loadVariables);
      await client.until(
        places,
        [
          ['1', primary.hostname, '5'],
          ['2', replica.hostname, '6'],
          ['2', primary.hostname, '5'],
        ].sort(),
      );
      const [servers2, all2] = await client.rows(checksums);
      assert.deepEqual([servers2?.[0], all2], [servers1?.[0], all1]);
      assert.notEqual(servers2?.[1], servers1?.[1]);
      assert.deepEqual(
        await client.rows('SELECT hostgroup_id, hostname, weight FROM mysql_servers ORDER BY 1'),
        written,
      );
      await client.run(loadServers);
      assert.deepEqual(await client.rows(places), written);
      await servers.stop('primary');
    });

    it('leave no writer when nobody is one', { timeout }, async () => {
      await client.run('INSERT INTO mysql_replication_hostgroups (writer_hostgroup, reader_hostgroup) VALUES (1, 2)');
      await insert(replica, { hostgroup_id: 1 });
      await client.run(loadServers);
      await client.until(places, [['2', replica.hostname, '1']]);
    });
  });
}

await onEveryTarget('the monitor', describeMonitor);
