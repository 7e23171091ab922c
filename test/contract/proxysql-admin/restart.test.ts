import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';

import { AdminClient } from './admin-client.ts';
import { onEveryTarget, type StartTarget, type Target } from './targets.ts';

const timeout = 300_000;
const load = 'LOAD MYSQL SERVERS TO RUNTIME';
const state = `SELECT
  (SELECT group_concat(hostname) FROM mysql_servers), (SELECT group_concat(hostname) FROM runtime_mysql_servers),
  (SELECT version FROM runtime_checksums_values WHERE name = 'mysql_servers')`;
const table = "SELECT Variable_Value FROM stats_mysql_global WHERE Variable_Name = 'Servers_table_version'";

/** How a start, a restart and a stop show on the admin port, and what they forget. */
function describeRestarts(start: StartTarget): void {
  let target: Target;
  let client: AdminClient;

  before(async () => {
    target = await start({ configuredServers: [{ hostgroup: 1, hostname: 'configured', port: 3306 }] });
    client = await AdminClient.connect(target.address);
  });
  after(async () => {
    client.close();
    await target.close();
  });

  /** Leaves `saved` everywhere, and on top of it what only memory and runtime have. */
  const prepare = async (): Promise<void> => {
    await client.run(
      'DELETE FROM mysql_servers',
      "INSERT INTO mysql_servers (hostgroup_id, hostname) VALUES (1, 'saved')",
    );
    await client.run('SAVE MYSQL SERVERS TO DISK', load);
    await client.run("INSERT INTO mysql_servers (hostgroup_id, hostname) VALUES (1, 'unsaved')", load);
    await client.run('CREATE TABLE IF NOT EXISTS main.sentinel (id INTEGER)');
    const uptime = "SELECT Variable_Value > 0 FROM stats_mysql_global WHERE Variable_Name = 'ProxySQL_Uptime'";
    await client.until(uptime, [['1']]);
  };
  const uptime = async (): Promise<number> => {
    const sql = "SELECT Variable_Value FROM stats_mysql_global WHERE Variable_Name = 'ProxySQL_Uptime'";
    return Number((await client.rows(sql))[0]?.[0]);
  };
  const version = async (): Promise<number> => Number((await client.rows(state))[0]?.[2]);
  const isMarked = async (): Promise<boolean> => 'rows' in (await client.query('SELECT * FROM main.sentinel'));
  /** A session that finds everything at work again. */
  const reconnect = async (): Promise<void> => {
    client.close();
    for (;;) {
      const found = await AdminClient.connect(target.address).catch(() => null);
      if (found !== null) {
        client = found;
        break;
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await client.until(table, [['1']]);
  };

  it(
    'reads the configuration file into memory, runtime and disk while there is no disk database',
    { timeout },
    async () => {
      assert.deepEqual((await client.rows(state))[0]?.slice(0, 2), ['configured', 'configured']);
      assert.deepEqual(await client.rows('SELECT hostname FROM disk.mysql_servers'), [['configured']]);
    },
  );

  it('forgets by PROXYSQL RESTART what was not saved, but goes on counting', { timeout }, async () => {
    await prepare();
    const [seconds, loads] = [await uptime(), await version()];
    await assert.rejects(client.query('PROXYSQL RESTART'), { code: 'PROTOCOL_CONNECTION_LOST' });
    await reconnect();
    assert.deepEqual(await client.rows(state), [['saved', 'saved', String(loads + 1)]]);
    assert.ok((await uptime()) >= seconds);
    assert.equal(await isMarked(), false);
  });

  it('forgets the same by SIGKILL, and counts from the start', { timeout }, async () => {
    await prepare();
    const startedMs = performance.now();
    // A real one that went through RESTART often hangs in STOP.
    await target.restart();
    await reconnect();
    assert.deepEqual(await client.rows(state), [['saved', 'saved', '1']]);
    assert.ok((await uptime()) <= (performance.now() - startedMs) / 1000 + 1);
    assert.equal(await isMarked(), false);
  });

  it('forgets the same by PROXYSQL STOP and START, with sessions that go on', { timeout }, async () => {
    await prepare();
    const [seconds, loads] = [await uptime(), await version()];
    await client.run('PROXYSQL STOP');
    // A statement that comes while a real one is still stopping is never answered.
    await new Promise((resolve) => setTimeout(resolve, 2000));
    await client.until(state, [['saved', null, String(loads)]]);
    await client.until(table, [['0']]);
    assert.equal(await isMarked(), false);
    await client.run('PROXYSQL START');
    await client.until(state, [['saved', 'saved', String(loads + 1)]]);
    assert.ok((await uptime()) >= seconds);
    assert.equal(await client.failure('PROXYSQL START'), 'ProxySQL already started');
  });

  it('cuts its sessions by PROXYSQL SHUTDOWN', { timeout }, async () => {
    await assert.rejects(client.query('PROXYSQL SHUTDOWN'), { code: 'PROTOCOL_CONNECTION_LOST' });
    await target.restart();
    await reconnect();
    assert.deepEqual(await client.rows(state), [['saved', 'saved', '1']]);
  });
}

await onEveryTarget('restarts', describeRestarts);
