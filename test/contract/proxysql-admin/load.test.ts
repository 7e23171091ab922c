import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';

import { AdminClient } from './admin-client.ts';
import { onEveryTarget, type StartTarget, type Target } from './targets.ts';

const timeout = 300_000;
const load = 'LOAD MYSQL SERVERS TO RUNTIME';

/** One row for each of the seven tables that LOAD MYSQL SERVERS publishes, and the edit of a comment. */
const seven: Readonly<Record<string, { readonly columns: string; readonly values: string }>> = {
  mysql_servers: { columns: 'hostgroup_id, hostname, comment', values: "10, 'a', 'x'" },
  mysql_replication_hostgroups: { columns: 'writer_hostgroup, reader_hostgroup, comment', values: "1, 2, 'x'" },
  mysql_group_replication_hostgroups: {
    columns: 'writer_hostgroup, backup_writer_hostgroup, reader_hostgroup, offline_hostgroup, comment',
    values: "21, 22, 23, 24, 'x'",
  },
  mysql_galera_hostgroups: {
    columns: 'writer_hostgroup, backup_writer_hostgroup, reader_hostgroup, offline_hostgroup, comment',
    values: "31, 32, 33, 34, 'x'",
  },
  mysql_aws_aurora_hostgroups: {
    columns: 'writer_hostgroup, reader_hostgroup, domain_name, comment',
    values: "41, 42, '.example.com', 'x'",
  },
  mysql_hostgroup_attributes: {
    columns: 'hostgroup_id, hostgroup_settings, ignore_session_variables, throttle_connections_per_sec, comment',
    values: `10, '{"nosuch":1}', '["a"]', 7, 'x'`,
  },
  mysql_servers_ssl_params: {
    columns: 'hostname, port, ssl_ca, ssl_cert, ssl_key, tls_version, comment',
    values: "'a', 3306, '/ca', '/cert', '/key', 'TLSv1.3', 'x'",
  },
};
const tables = Object.keys(seven);
const fill = Object.entries(seven).map(([table, { columns, values }]) => {
  return `INSERT INTO ${table} (${columns}) VALUES (${values})`;
});
const clear = [...tables.map((table) => `DELETE FROM ${table}`), load];

/** What LOAD MYSQL SERVERS publishes, and how to see what it did and what it would do. */
function describeLoad(start: StartTarget): void {
  let target: Target;
  let client: AdminClient;

  before(async () => {
    target = await start();
    client = await AdminClient.connect(target.address);
  });
  afterEach(() => client.run(...clear));
  after(async () => {
    client.close();
    await target.close();
  });

  const published = async (name: 'mysql_servers' | 'mysql_servers_v2'): Promise<readonly [number, string]> => {
    const [row] = await client.rows(`SELECT version, checksum FROM runtime_checksums_values WHERE name = '${name}'`);
    return [Number(row?.[0]), String(row?.[1])];
  };
  const pending = (table: string) => client.rows(`SELECT * FROM ${table} EXCEPT SELECT * FROM runtime_${table}`);

  describe('the seven tables', () => {
    it('go live together, read back as written, and leave no difference', { timeout }, async () => {
      await client.run(...fill);
      for (const table of tables) {
        assert.equal((await pending(table)).length, 1, table);
        assert.deepEqual(await client.rows(`SELECT * FROM runtime_${table}`), [], table);
      }
      await client.run(load);
      for (const table of tables) {
        assert.deepEqual(await pending(table), [], table);
        const rows = await client.rows(`SELECT * FROM ${table}`);
        assert.deepEqual(await client.rows(`SELECT * FROM runtime_${table}`), rows, table);
      }
    });

    it('are refreshed together, whichever of them a statement names', { timeout }, async () => {
      await client.run(...tables.map((table) => `CREATE VIEW main.seen_${table} AS SELECT * FROM runtime_${table}`));
      await client.run(...fill, load);
      for (const named of tables) {
        await client.run(...tables.map((table) => `DELETE FROM runtime_${table}`), `SELECT 1 FROM runtime_${named}`);
        for (const table of tables) {
          assert.deepEqual(await client.rows(`SELECT count(*) FROM seen_${table}`), [['1']], `${named}, ${table}`);
        }
      }
      await client.run(...tables.map((table) => `DROP VIEW seen_${table}`));
    });

    for (const table of tables) {
      it(`${table} moves the checksum of all, and that of servers only if it is theirs`, { timeout }, async () => {
        await client.run(...fill, load);
        const [all, servers] = [await published('mysql_servers_v2'), await published('mysql_servers')];
        await client.run(`UPDATE ${table} SET comment = 'y'`, load);
        const [allNow, serversNow] = [await published('mysql_servers_v2'), await published('mysql_servers')];
        assert.deepEqual([allNow[0], serversNow[0]], [all[0] + 1, servers[0] + 1]);
        assert.notEqual(allNow[1], all[1]);
        assert.equal(serversNow[1] === servers[1], table !== 'mysql_servers');
      });
    }

    it('are summed up in memory one by one', { timeout }, async () => {
      const labels = tables.map((table) => table.replace('aws_aurora', 'aurora').replaceAll('_', ' ').toUpperCase());
      for (const label of labels) {
        const shown = label === 'MYSQL SERVERS SSL PARAMS' ? 'MYSQL HOSTGROUP ATTRIBUTES' : label;
        assert.deepEqual(await client.rows(`CHECKSUM MEMORY ${label}`), [[shown, '0x00']]);
      }
      await client.run(...fill);
      for (const label of labels) {
        const [row] = await client.rows(`CHECKSUM MEMORY ${label}`);
        assert.match(row?.[1] ?? '', /^0x[0-9A-F]{3,16}$/, label);
      }
    });
  });

  describe('the checksum of servers', () => {
    const inMemory = async () => (await client.rows('CHECKSUM MEMORY MYSQL SERVERS'))[0]?.[1];

    it('is the same in memory and in runtime while nothing is pending', { timeout }, async () => {
      await client.run(
        `INSERT INTO mysql_servers (hostgroup_id, hostname, status) VALUES (10, 'b', 'OFFLINE_SOFT'), (10, 'a', 'ONLINE')`,
        load,
      );
      assert.equal(await inMemory(), (await published('mysql_servers'))[1]);
      await client.run("UPDATE mysql_servers SET weight = 2 WHERE hostname = 'a'");
      assert.notEqual(await inMemory(), (await published('mysql_servers'))[1]);
    });

    for (const status of ['OFFLINE_HARD', 'SHUNNED', 'online']) {
      it(`is never the same with a row written as ${status}`, { timeout }, async () => {
        await client.run(
          `INSERT INTO mysql_servers (hostgroup_id, hostname, status) VALUES (10, 'a', '${status}')`,
          load,
        );
        assert.notEqual(await inMemory(), (await published('mysql_servers'))[1]);
      });
    }

    it('does not depend on the order of rows, nor on their history', { timeout }, async () => {
      await client.run("INSERT INTO mysql_servers (hostgroup_id, hostname) VALUES (1, 'a'), (1, 'b')", load);
      const [version, checksum] = await published('mysql_servers');
      await client.run('DELETE FROM mysql_servers');
      await client.run("INSERT INTO mysql_servers (hostgroup_id, hostname) VALUES (1, 'b'), (1, 'a')", load);
      assert.deepEqual(await published('mysql_servers'), [version + 1, checksum]);
    });
  });

  it('publishes what another session has written by half, and counts', { timeout }, async () => {
    const other = await AdminClient.connect(target.address);
    await client.run('INSERT INTO mysql_hostgroup_attributes (hostgroup_id) VALUES (10)');
    const [version] = await published('mysql_servers_v2');
    await other.run(load);
    assert.deepEqual(await client.rows('SELECT hostgroup_id FROM runtime_mysql_hostgroup_attributes'), [['10']]);
    assert.equal((await published('mysql_servers_v2'))[0], version + 1);
    other.close();
  });

  it('changes several rows in one statement, one on its way out among them', { timeout }, async () => {
    await client.run("INSERT INTO mysql_servers (hostgroup_id, hostname) VALUES (1, 'old')", load);
    await client.run(
      `REPLACE INTO mysql_servers (hostgroup_id, hostname, status) VALUES (1, 'old', 'OFFLINE_SOFT'), (1, 'new', 'ONLINE')`,
      load,
    );
    assert.deepEqual(await client.rows('SELECT hostname, status FROM runtime_mysql_servers'), [
      ['new', 'ONLINE'],
      ['old', 'OFFLINE_SOFT'],
    ]);
  });

  it('shows a status SHUNNED that somebody wrote, LOAD after LOAD', { timeout }, async () => {
    await client.run(
      "INSERT INTO mysql_servers (hostgroup_id, hostname, status) VALUES (1, 'a', 'SHUNNED')",
      load,
      load,
    );
    assert.deepEqual(await client.rows('SELECT status FROM runtime_mysql_servers'), [['SHUNNED']]);
    await client.run('SAVE MYSQL SERVERS FROM RUNTIME');
    assert.deepEqual(await client.rows('SELECT status FROM mysql_servers'), [['ONLINE']]);
  });

  it('saves and loads the disk copy of every one of them', { timeout }, async () => {
    await client.run(...fill, 'SAVE MYSQL SERVERS TO DISK', ...tables.map((table) => `DELETE FROM ${table}`));
    await client.run('LOAD MYSQL SERVERS FROM DISK');
    for (const table of tables) {
      assert.deepEqual(await client.rows(`SELECT * FROM ${table} EXCEPT SELECT * FROM disk.${table}`), [], table);
      assert.deepEqual(await client.rows(`SELECT count(*) FROM ${table}`), [['1']], table);
    }
    await client.run(...clear, 'SAVE MYSQL SERVERS TO DISK');
  });
}

await onEveryTarget('LOAD MYSQL SERVERS', describeLoad);
