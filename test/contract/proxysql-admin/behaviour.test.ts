import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';

import { AdminClient } from './admin-client.ts';
import { onEveryTarget, type StartTarget, type Target } from './targets.ts';

const timeout = 300_000;

/** What no recording shows; each case leaves the tables that it used empty. */
function describeBehaviour(start: StartTarget): void {
  let target: Target;
  let client: AdminClient;

  before(async () => {
    target = await start();
    client = await AdminClient.connect(target.address);
  });
  after(async () => {
    client.close();
    await target.close();
  });

  const logins = [
    { user: 'radmin', password: 'wrong', using: 'YES' },
    { user: 'radmin', password: '', using: 'NO' },
    { user: 'nobody', password: 'radmin', using: 'YES' },
  ];
  for (const { using, ...login } of logins) {
    it(`refuses ${login.user} with password "${login.password}"`, { timeout }, async () => {
      await assert.rejects(AdminClient.connect(target.address, login), {
        errno: 1045,
        sqlState: '28000',
        message: `ProxySQL Error: Access denied for user '${login.user}'@'127.0.0.1' (using password: ${using})`,
      });
    });
  }

  it('locks out an admin account while a client account has its name', { timeout }, async () => {
    await client.query("INSERT INTO mysql_users (username, password) VALUES ('admin', 'admin')");
    await client.query('LOAD MYSQL USERS TO RUNTIME');
    await assert.rejects(AdminClient.connect(target.address, { user: 'admin', password: 'admin' }), { errno: 1045 });
    await client.query('DELETE FROM mysql_users');
    await client.query('LOAD MYSQL USERS TO RUNTIME');
    const admin = await AdminClient.connect(target.address, { user: 'admin', password: 'admin' });
    admin.close();
  });

  it('answers pings', { timeout }, () => client.ping());

  it('returns long values whole', { timeout }, async () => {
    for (const size of [250, 251, 65_536, 300_000]) {
      const [row] = await client.rows(`SELECT printf('%.*c', ${size}, 'x'), 'end'`);
      assert.deepEqual([row?.[0]?.length, row?.[1]], [size, 'end']);
    }
  });

  it('counts a LOAD of equal content in versions and the global checksum, not in checksums', { timeout }, async () => {
    const read = async (): Promise<unknown[]> => [
      (await client.rows("SELECT version, checksum FROM runtime_checksums_values WHERE name = 'mysql_servers_v2'"))[0],
      (await client.rows('SELECT GLOBAL_CHECKSUM()'))[0]?.[0],
      (
        await client.rows("SELECT Variable_Value FROM stats_mysql_global WHERE Variable_Name = 'Servers_table_version'")
      )[0],
    ];
    const [first, firstGlobal, firstTable] = (await read()) as [string[], string, string[]];
    await client.query('LOAD MYSQL SERVERS TO RUNTIME');
    const [second, secondGlobal, secondTable] = (await read()) as [string[], string, string[]];
    assert.deepEqual(second, [String(Number(first[0]) + 1), first[1]]);
    assert.notEqual(secondGlobal, firstGlobal);
    assert.equal(Number(secondTable[0]), Number(firstTable[0]) + 1);
  });

  it('sums up a table the same way in memory and on disk', { timeout }, async () => {
    await client.query("INSERT INTO mysql_servers (hostgroup_id, hostname) VALUES (1, 'a'), (1, 'b')");
    const memory = await client.rows('CHECKSUM MEMORY MYSQL SERVERS');
    assert.notDeepEqual(memory, await client.rows('CHECKSUM DISK MYSQL SERVERS'));
    await client.query('SAVE MYSQL SERVERS TO DISK');
    assert.deepEqual(memory, await client.rows('CHECKSUM DISK MYSQL SERVERS'));
    await client.query('DELETE FROM mysql_servers');
    await client.query('SAVE MYSQL SERVERS TO DISK');
    assert.deepEqual(await client.rows('CHECKSUM MEM MYSQL SERVERS'), [['MYSQL SERVERS', '0x00']]);
  });

  it('shows a removed server in the pool until the running servers are read', { timeout }, async () => {
    const pool = 'SELECT srv_host, status FROM stats_mysql_connection_pool';
    await client.query("INSERT INTO mysql_servers (hostgroup_id, hostname) VALUES (1, 'gone')");
    await client.query('LOAD MYSQL SERVERS TO RUNTIME');
    await client.query('DELETE FROM mysql_servers');
    await client.query('LOAD MYSQL SERVERS TO RUNTIME');
    assert.deepEqual(await client.rows(pool), [['gone', 'OFFLINE_HARD']]);
    assert.deepEqual(await client.rows('SELECT * FROM runtime_mysql_servers'), []);
    assert.deepEqual(await client.rows(pool), []);
  });

  it('lets a trigger replace a table in one statement, or leave it', { timeout }, async () => {
    const servers = 'SELECT hostname, weight FROM mysql_servers ORDER BY 1';
    await client.query('CREATE TABLE staging (payload TEXT)');
    await client.query(
      'CREATE TRIGGER staged AFTER INSERT ON staging BEGIN DELETE FROM mysql_servers;' +
        " INSERT INTO mysql_servers (hostgroup_id, hostname, weight) SELECT 1, json_extract(value, '$.h')," +
        " json_extract(value, '$.w') FROM json_each(NEW.payload); DELETE FROM staging; END",
    );
    await client.query(`INSERT INTO staging VALUES ('[{"h":"a","w":1},{"h":"b","w":2}]')`);
    const bad = await client.query(`INSERT INTO staging VALUES ('[{"h":"c","w":1},{"h":"d","w":-1}]')`);
    assert.ok('error' in bad && bad.error.message.includes('CHECK constraint failed: weight'));
    assert.deepEqual(await client.rows(servers), [
      ['a', '1'],
      ['b', '2'],
    ]);
    await client.query('DROP TABLE staging');
    await client.query('DELETE FROM mysql_servers');
  });

  it('closes its listener for clients once, opens it once, and shows which', { timeout }, async () => {
    const error = (message: string) => ({
      error: { errno: 1045, sqlState: '28000', message: `ProxySQL Admin Error: ProxySQL MySQL module is ${message}` },
    });
    const done = { ok: { affectedRows: 0, info: '' } };
    const shown = (): Promise<unknown> =>
      client.rows("SELECT Variable_Value FROM stats_mysql_global WHERE Variable_Name = 'mysql_listener_paused'");
    assert.deepEqual(await shown(), [['false']]);
    assert.deepEqual(await client.query('PROXYSQL RESUME'), error('not paused, impossible to resume'));
    assert.deepEqual(await client.query('PROXYSQL PAUSE'), done);
    assert.deepEqual(await shown(), [['true']]);
    assert.deepEqual(await client.query('PROXYSQL PAUSE'), error('already paused, impossible to pause'));
    assert.deepEqual(await client.query('PROXYSQL RESUME'), done);
    assert.deepEqual(await shown(), [['false']]);
  });

  it('counts time by its own clock, in statements that write', { timeout }, async () => {
    await client.query('CREATE TABLE main.chester_clock (at INTEGER NOT NULL)');
    await client.query("INSERT INTO main.chester_clock VALUES (strftime('%s', 'now'))");
    await client.query('UPDATE main.chester_clock SET at = at - 60');
    const [row] = await client.rows("SELECT strftime('%s', 'now') - at, typeof(at) FROM main.chester_clock");
    assert.ok(Number(row?.[0]) >= 60 && Number(row?.[0]) < 90, String(row?.[0]));
    assert.equal(row?.[1], 'integer');
    await client.query('DROP TABLE main.chester_clock');
  });

  it('opens one real transaction for all sessions when a comment hides BEGIN', { timeout }, async () => {
    const other = await AdminClient.connect(target.address);
    await client.query('/**/BEGIN');
    await other.query("INSERT INTO mysql_servers (hostgroup_id, hostname) VALUES (1, 'theirs')");
    await client.query('/**/ROLLBACK');
    assert.deepEqual(await other.rows('SELECT hostname FROM mysql_servers'), []);
    other.close();
  });

  it('takes only values that a variable allows', { timeout }, async () => {
    await client.query("SET mysql-multiplexing='maybe'");
    await client.query('SET mysql-shun_on_failures=7');
    await client.query('LOAD MYSQL VARIABLES TO RUNTIME');
    const names = "('mysql-multiplexing', 'mysql-shun_on_failures')";
    assert.deepEqual(
      await client.rows(
        `SELECT variable_value FROM runtime_global_variables WHERE variable_name IN ${names} ORDER BY 1`,
      ),
      [['7'], ['true']],
    );
  });

  it('dies of a lone semicolon, and comes back with what was saved', { timeout }, async () => {
    await client.query("INSERT INTO mysql_servers (hostgroup_id, hostname) VALUES (1, 'saved')");
    await client.query('SAVE MYSQL SERVERS TO DISK');
    await client.query("INSERT INTO mysql_servers (hostgroup_id, hostname) VALUES (1, 'unsaved')");
    await assert.rejects(client.query(' ;'), { code: 'PROTOCOL_CONNECTION_LOST' });
    await target.restart();
    client = await AdminClient.connect(target.address);
    assert.deepEqual(await client.rows('SELECT hostname FROM mysql_servers'), [['saved']]);
  });
}

await onEveryTarget('behaviour', describeBehaviour);
