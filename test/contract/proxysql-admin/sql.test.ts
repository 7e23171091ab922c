import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';

import { createConnection, createPool } from 'mysql2/promise';

import { AdminClient } from './admin-client.ts';
import { onEveryTarget, type StartTarget, type Target } from './targets.ts';

const timeout = 300_000;
const login = { user: 'radmin', password: 'radmin' };
const clear = ['DELETE FROM mysql_servers', 'LOAD MYSQL SERVERS TO RUNTIME'];

/** Which SQL the admin port takes, and what it makes of it; the recordings show the plain cases. */
function describeSql(start: StartTarget): void {
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

  const at = (): { readonly host: string; readonly port: number } => {
    const [host = '', port = ''] = target.address.split(':');
    return { host, port: Number(port) };
  };

  const failures = [
    { sql: 'SELECT user() AS u', says: 'no such function: user' },
    { sql: 'SELECT @@session.tx_isolation', says: 'near ".": syntax error' },
    { sql: 'TRUNCATE mysql_servers', says: 'near "TRUNCATE": syntax error' },
    { sql: 'KILL QUERY 1', says: 'near "KILL": syntax error' },
    { sql: 'KILL 1', says: 'near "KILL": syntax error' },
    { sql: 'CHECKSUM RUNTIME MYSQL SERVERS', says: 'near "CHECKSUM": syntax error' },
    { sql: 'CHECKSUM DISK MYSQL HOSTGROUP ATTRIBUTES', says: 'near "CHECKSUM": syntax error' },
    { sql: 'CHECKSUM ADMIN VARIABLES', says: 'near "CHECKSUM": syntax error' },
    { sql: "SELECT 'a\0b'", says: 'unrecognized token: "\'a"' },
    { sql: `SELECT ${Array(501).fill('1').join(' UNION ALL SELECT ')}`, says: 'too many terms in compound SELECT' },
    {
      sql: `SELECT 1 WHERE ${Array(1001).fill('1').join(' OR ')}`,
      says: 'Expression tree is too large (maximum depth 1000)',
    },
    {
      sql: "INSERT INTO mysql_servers (hostgroup_id, hostname, comment) SELECT 1, 'a', json('x')",
      says: 'malformed JSON',
    },
  ] as const;
  for (const { sql, says } of failures) {
    it(`answers ${says} to ${sql.slice(0, 60)}`, { timeout }, async () => {
      assert.equal(await client.failure(sql), says);
    });
  }

  const answers: readonly { readonly sql: string; readonly rows: readonly (readonly (string | null)[])[] }[] = [
    { sql: 'SELECT "double-quoted text is a string"', rows: [['double-quoted text is a string']] },
    { sql: 'SELECT @@admin-read_only', rows: [['false']] },
    { sql: 'SELECT 1.5, 1e15, NULL', rows: [['1.5', '1.0e+15', null]] },
    { sql: `SELECT json_array(1, 'a"\\', NULL, 2.5)`, rows: [[`[1,"a\\"\\\\",null,2.5]`]] },
    { sql: "SELECT value FROM json_each('[1,2]')", rows: [['1'], ['2']] },
    { sql: 'WITH t(a) AS (VALUES (1), (2)) SELECT a FROM t EXCEPT SELECT 2', rows: [['1']] },
    { sql: "SELECT count(*) FROM pragma_table_info('mysql_servers')", rows: [['12']] },
    { sql: 'PRAGMA table_info(no_such_table)', rows: [] },
    { sql: "SELECT strftime('%s', 'now') - unixepoch() < 2", rows: [['1']] },
    {
      sql: 'SELECT hostname FROM mysql_servers JOIN runtime_mysql_servers USING (hostname) LEFT JOIN stats_mysql_connection_pool ON srv_host = hostname',
      rows: [],
    },
    { sql: "SHOW VARIABLES LIKE 'mysql-shun_on%'", rows: [['mysql-shun_on_failures', '5']] },
  ];
  for (const { sql, rows } of answers) {
    it(`answers ${sql.slice(0, 60)}`, { timeout }, async () => {
      assert.deepEqual(await client.rows(sql), rows);
    });
  }

  it('takes a look at many tables at once', { timeout }, async () => {
    await client.run(
      "INSERT INTO mysql_servers (hostgroup_id, hostname) VALUES (1, 'a')",
      'LOAD MYSQL SERVERS TO RUNTIME',
    );
    const arms = ['mysql_servers', 'runtime_mysql_servers'].flatMap((table) =>
      Array.from({ length: 7 }, (_, arm) => `SELECT ${arm}, json_array(hostname, port, comment) FROM ${table}`),
    );
    const rows = await client.rows(arms.join(' UNION ALL '));
    assert.deepEqual([rows.length, rows.at(-1)], [14, ['6', '["a",3306,""]']]);
    await client.run(...clear);
  });

  it('ends a result without a word where the query fails', { timeout }, async () => {
    await client.run("INSERT INTO mysql_servers (hostgroup_id, hostname) VALUES (1, 'a'), (1, 'b')");
    assert.deepEqual(await client.rows("SELECT json('x')"), []);
    assert.deepEqual(await client.rows("SELECT hostname FROM mysql_servers UNION ALL SELECT json('x')"), [
      ['a'],
      ['b'],
    ]);
    const clash = "INSERT INTO mysql_servers (hostgroup_id, hostname) VALUES (1, 'c'), (1, 'a') RETURNING hostname";
    assert.deepEqual(await client.rows(clash), []);
    assert.deepEqual(await client.rows('SELECT count(*) FROM mysql_servers'), [['2']]);
    await client.run(...clear);
  });

  it('counts for CREATE TABLE what the statement before changed', { timeout }, async () => {
    await client.run("INSERT INTO mysql_servers (hostgroup_id, hostname) VALUES (1, 'a'), (1, 'b'), (1, 'c')");
    assert.deepEqual(await client.query('CREATE TABLE main.own (id INTEGER)'), { ok: { affectedRows: 3, info: '' } });
    await client.run('DROP TABLE own', ...clear);
  });

  it('refreshes runtime tables that are named in small letters only', { timeout }, async () => {
    await client.run('SELECT 1 FROM runtime_mysql_servers');
    await client.run(
      "INSERT INTO mysql_servers (hostgroup_id, hostname) VALUES (1, 'a')",
      'LOAD MYSQL SERVERS TO RUNTIME',
    );
    assert.deepEqual(await client.rows('SELECT hostname FROM RUNTIME_MYSQL_SERVERS'), []);
    assert.deepEqual(await client.rows('SELECT hostname FROM runtime_mysql_servers'), [['a']]);
    await client.run(...clear);
  });

  it('does not judge addresses, and tells apart what is spelled apart', { timeout }, async () => {
    const names = ['', ' a', 'A', 'a', 'localhost', 'LOCALHOST', 'no.such.host.invalid'];
    const rows = names.map((name) => `(1, '${name}', 0)`).join();
    await client.run(`INSERT INTO mysql_servers (hostgroup_id, hostname, port) VALUES ${rows}`);
    await client.run('LOAD MYSQL SERVERS TO RUNTIME');
    const running = await client.rows('SELECT hostname FROM runtime_mysql_servers');
    assert.deepEqual(running.flat().sort(), [...names].sort());
    await client.run(...clear);
  });

  it('takes a status in any letters, and runs it in capitals', { timeout }, async () => {
    await client.run("INSERT INTO mysql_servers (hostgroup_id, hostname, status) VALUES (1, 'a', 'offline_Soft')");
    await client.run('LOAD MYSQL SERVERS TO RUNTIME');
    assert.deepEqual(await client.rows('SELECT status FROM mysql_servers'), [['offline_Soft']]);
    assert.deepEqual(await client.rows('SELECT status FROM runtime_mysql_servers'), [['OFFLINE_SOFT']]);
    await client.run(...clear);
  });

  describe('sizes', () => {
    it('20,000 rows in one statement', { timeout }, async () => {
      const rows = Array.from({ length: 20_000 }, (_, index) => `(1, 'host-${index}')`).join();
      const answer = await client.query(`INSERT INTO mysql_servers (hostgroup_id, hostname) VALUES ${rows}`);
      assert.deepEqual(answer, { ok: { affectedRows: 20_000, info: '' } });
      await client.run(...clear);
    });

    it('a comment of 1 MB, through LOAD', { timeout }, async () => {
      const comment = 'c'.repeat(1_000_000);
      await client.run(`INSERT INTO mysql_servers (hostgroup_id, hostname, comment) VALUES (1, 'a', '${comment}')`);
      await client.run('LOAD MYSQL SERVERS TO RUNTIME');
      assert.deepEqual(await client.rows('SELECT length(comment) FROM runtime_mysql_servers'), [['1000000']]);
      await client.run(...clear);
    });

    it('a statement longer than a packet', { timeout }, async () => {
      const length = 17 * 1024 * 1024;
      await client.run(
        `INSERT INTO mysql_servers (hostgroup_id, hostname, comment) VALUES (1, 'a', '${'c'.repeat(length)}')`,
      );
      assert.deepEqual(await client.rows('SELECT length(comment) FROM mysql_servers'), [[String(length)]]);
      await client.run(...clear);
    });
  });

  describe('mysql2', () => {
    it('escapes what the admin port does not understand: its placeholders break on a quote', { timeout }, async () => {
      const connection = await createConnection({ ...at(), ...login });
      await assert.rejects(connection.query('SELECT ?', ["it's"]), /unrecognized token/);
      const [rows] = await connection.query('SELECT ? AS text', ['back\\slash']);
      assert.deepEqual(rows, [{ text: 'back\\\\slash' }]);
      await connection.end();
    });

    it('begins and rolls back transactions that do not exist', { timeout }, async () => {
      const connection = await createConnection({ ...at(), ...login });
      await connection.beginTransaction();
      await connection.query("INSERT INTO mysql_servers (hostgroup_id, hostname) VALUES (1, 'stays')");
      await connection.rollback();
      assert.deepEqual(await client.rows('SELECT hostname FROM mysql_servers'), [['stays']]);
      await client.run(...clear);
      await connection.end();
    });

    it('gets numbers as text, but for the global checksum, which it rounds', { timeout }, async () => {
      const connection = await createConnection({ ...at(), ...login, rowsAsArray: true });
      const value = async (sql: string, options = {}): Promise<unknown> => {
        const [rows] = await connection.query({ sql, ...options });
        return (rows as unknown[][])[0]?.[0];
      };
      assert.equal(await value('SELECT 13306'), '13306');
      assert.equal(typeof (await value('SELECT GLOBAL_CHECKSUM()')), 'number');
      const whole = await value('SELECT GLOBAL_CHECKSUM()', { supportBigNumbers: true, bigNumberStrings: true });
      assert.match(String(whole), /^\d+$/);
      await connection.end();
    });

    it('cannot reset a connection, which stays usable', { timeout }, async () => {
      const connection = await createConnection({ ...at(), ...login });
      await assert.rejects(connection.reset(), { errno: 1047 });
      await connection.query('SELECT 1');
      await connection.end();
    });

    it('waits for ever when it changes the user', { timeout }, async () => {
      const connection = await createConnection({ ...at(), ...login });
      connection.on('error', () => undefined);
      const changed = connection.changeUser(login).then(
        () => 'changed',
        () => 'refused',
      );
      const waited = new Promise((resolve) => setTimeout(resolve, 300, 'still waits'));
      assert.equal(await Promise.race([changed, waited]), 'still waits');
      connection.destroy();
    });

    it('gives up on a statement that the proxy carries out later', { timeout }, async () => {
      const other = await createConnection({ ...at(), ...login });
      const busy = client.rows(slow);
      await new Promise((resolve) => setTimeout(resolve, 50));
      const sql = "INSERT INTO mysql_servers (hostgroup_id, hostname) VALUES (1, 'late')";
      await assert.rejects(other.query({ sql, timeout: 1 }), { code: 'PROTOCOL_SEQUENCE_TIMEOUT' });
      await busy;
      await client.until('SELECT hostname FROM mysql_servers', [['late']]);
      await client.run(...clear);
      other.destroy();
    });

    for (const options of [
      { charset: 'latin1' },
      { charset: 'utf8mb4_0900_ai_ci' },
      { database: 'any' },
      { compress: true },
    ]) {
      it(`connects with ${JSON.stringify(options)}`, { timeout }, async () => {
        const connection = await createConnection({ ...at(), ...login, ...options });
        assert.deepEqual((await connection.query('SELECT 1 AS one'))[0], [{ one: '1' }]);
        await connection.end();
      });
    }

    it('pools connections', { timeout }, async () => {
      const pool = createPool({ ...at(), ...login, connectionLimit: 2 });
      await Promise.all([pool.query('SELECT 1'), pool.query('SELECT 2')]);
      await pool.end();
    });
  });

  describe('sessions', () => {
    it('wait for the slowest of them', { timeout }, async () => {
      const other = await AdminClient.connect(target.address);
      const busy = client.run(
        `INSERT INTO mysql_servers (hostgroup_id, hostname) SELECT 1, 'host-' || n FROM (${slow})`,
      );
      await new Promise((resolve) => setTimeout(resolve, 50));
      assert.deepEqual(await other.rows('SELECT hostname FROM mysql_servers'), [['host-2000000']]);
      await busy;
      await client.run(...clear);
      other.close();
    });

    it(
      'share a transaction that a comment or SAVEPOINT opened, also after its client is gone',
      { timeout },
      async () => {
        const other = await AdminClient.connect(target.address);
        await other.run('SAVEPOINT a', "INSERT INTO mysql_servers (hostgroup_id, hostname) VALUES (1, 'theirs')");
        other.close();
        await client.run("INSERT INTO mysql_servers (hostgroup_id, hostname) VALUES (1, 'ours')");
        await client.run('SAVE MYSQL SERVERS TO DISK', 'ROLLBACK TO a');
        assert.deepEqual(await client.rows('SELECT count(*) FROM mysql_servers'), [['2']]);
        await client.run('/**/ROLLBACK');
        assert.deepEqual(await client.rows('SELECT count(*) FROM mysql_servers'), [['0']]);
        assert.deepEqual(await client.rows('SELECT count(*) FROM disk.mysql_servers'), [['0']]);
      },
    );

    it('named admin are let in from this machine only', { timeout }, async () => {
      const stream = connect({ ...at(), localAddress: '127.0.0.2' });
      const login = { user: 'admin', password: 'admin' };
      await assert.rejects(createConnection({ stream, ...login }), {
        errno: 1040,
        message: "User 'admin' can only connect locally",
      });
      const remote = await createConnection({
        stream: connect({ ...at(), localAddress: '127.0.0.2' }),
        user: 'radmin',
        password: 'radmin',
      });
      await remote.end();
    });
  });
}

/** Keeps ProxySQL's only thread for admin SQL busy for some tenths of a second. */
const slow =
  'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000) SELECT max(i) AS n FROM n';

await onEveryTarget('SQL', describeSql);
