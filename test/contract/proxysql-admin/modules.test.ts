import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { AdminClient } from './admin-client.ts';
import { onEveryTarget, type StartTarget, type Target } from './targets.ts';

const timeout = 300_000;
const hash = `*${'A'.repeat(40)}`;

/** How users, query rules, attributes, TLS parameters and variables read back; docs/proxysql.md tells the same in words. */
function describeModules(start: StartTarget): void {
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

  const checksum = async (name: string): Promise<readonly (string | null)[]> => {
    const [row] = await client.rows(`SELECT version, checksum FROM runtime_checksums_values WHERE name = '${name}'`);
    return row ?? [];
  };

  describe('mysql_users', () => {
    const columns = 'username, password, default_schema, backend, frontend, max_connections, attributes, comment';

    it('runs as two rows an account, those for clients first, and keeps what was written', { timeout }, async () => {
      await client.run(
        `INSERT INTO mysql_users (username, password, max_connections, attributes, comment)
         VALUES ('zed', '${hash}', 7, '{"a":1}', 'chester shop'), ('amy', NULL, 10000, '', '')`,
        'LOAD MYSQL USERS TO RUNTIME',
      );
      const zed = (backend: string, frontend: string) => {
        return ['zed', hash, '', backend, frontend, '7', '{"a":1}', 'chester shop'];
      };
      const amy = (backend: string, frontend: string) => ['amy', '', '', backend, frontend, '10000', '', ''];
      assert.deepEqual(await client.rows(`SELECT ${columns} FROM runtime_mysql_users`), [
        ...[zed('0', '1'), amy('0', '1')],
        ...[zed('1', '0'), amy('1', '0')],
      ]);
      assert.deepEqual(await client.rows('SELECT count(*) FROM mysql_users'), [['2']]);
    });

    it('runs in the order in which accounts first came', { timeout }, async () => {
      await client.run(
        "INSERT INTO mysql_users (username) VALUES ('bob')",
        "REPLACE INTO mysql_users (username, comment) VALUES ('zed', 'again')",
        'LOAD MYSQL USERS TO RUNTIME',
      );
      const rows = await client.rows('SELECT * FROM runtime_mysql_users');
      assert.deepEqual(
        rows.map(([name]) => name),
        ['zed', 'amy', 'bob', 'zed', 'amy', 'bob'],
      );
    });

    it('hides accounts that are inactive or have a negative hostgroup', { timeout }, async () => {
      await client.run(
        "UPDATE mysql_users SET active = 0 WHERE username = 'zed'",
        "UPDATE mysql_users SET default_hostgroup = -1 WHERE username = 'amy'",
        'LOAD MYSQL USERS TO RUNTIME',
      );
      assert.deepEqual(await client.rows('SELECT DISTINCT username FROM runtime_mysql_users'), [['bob']]);
    });

    it('lets a half be a row of its own', { timeout }, async () => {
      await client.run(
        'DELETE FROM mysql_users',
        "INSERT INTO mysql_users (username, password, backend, frontend) VALUES ('s', 'f', 0, 1), ('s', 'b', 1, 0)",
        'LOAD MYSQL USERS TO RUNTIME',
        'SAVE MYSQL USERS FROM RUNTIME',
      );
      const halves = [
        ['s', 'f', '0', '1'],
        ['s', 'b', '1', '0'],
      ];
      for (const table of ['runtime_mysql_users', 'mysql_users']) {
        assert.deepEqual(await client.rows(`SELECT username, password, backend, frontend FROM ${table}`), halves);
      }
      assert.equal(
        await client.failure("INSERT INTO mysql_users (username) VALUES ('s')"),
        'UNIQUE constraint failed: mysql_users.username, mysql_users.frontend',
      );
    });

    it('changes its checksum with a comment, its version with every LOAD', { timeout }, async () => {
      const [version, first] = await checksum('mysql_users');
      await client.run('LOAD MYSQL USERS TO RUNTIME');
      assert.deepEqual(await checksum('mysql_users'), [String(Number(version) + 1), first]);
      await client.run("UPDATE mysql_users SET comment = 'other' WHERE backend = 1", 'LOAD MYSQL USERS TO RUNTIME');
      assert.notEqual((await checksum('mysql_users'))[1], first);
      await client.run('DELETE FROM mysql_users', 'LOAD MYSQL USERS TO RUNTIME');
    });
  });

  describe('mysql_query_rules', () => {
    const columns = 'rule_id, username, digest, match_digest, re_modifiers, destination_hostgroup, comment';

    it('runs in the order of ids, in its own spelling', { timeout }, async () => {
      await client.run(
        `INSERT INTO mysql_query_rules (rule_id, active, ${columns.slice('rule_id, '.length)}) VALUES
         (20, 1, 'app', '0xABC', '^SELECT', 'GLOBAL,caseless', -1, 'chester shop'),
         (10, 1, '', 'none', '(((', NULL, 5, NULL),
         (15, 0, NULL, NULL, 'off', 'CASELESS', 5, ''),
         (12, 1, NULL, NULL, 'x', 'NOSUCH', NULL, '')`,
        'LOAD MYSQL QUERY RULES TO RUNTIME',
      );
      assert.deepEqual(await client.rows(`SELECT ${columns} FROM runtime_mysql_query_rules`), [
        ['10', '', null, '(((', '', '5', null],
        ['12', null, null, 'x', '', null, ''],
        ['20', 'app', '0x0000000000000ABC', '^SELECT', 'CASELESS,GLOBAL', null, 'chester shop'],
      ]);
    });

    const spellings = [
      { column: 'digest', written: '123', runs: '0x000000000000007B' },
      { column: 'digest', written: '010', runs: '0x0000000000000008' },
      { column: 'digest', written: '0', runs: null },
      { column: 'digest', written: '0xFFFFFFFFFFFFFFFFF', runs: null },
      { column: 're_modifiers', written: 'CASELESSx', runs: 'CASELESS' },
      ...[
        'destination_hostgroup',
        'next_query_flagIN',
        'mirror_flagOUT',
        'mirror_hostgroup',
        'gtid_from_hostgroup',
      ].map((column) => ({ column, written: '-1', runs: null })),
      { column: 'gtid_from_hostgroup', written: '3', runs: '3' },
      { column: 'schemaname', written: '', runs: '' },
    ];
    for (const { column, written, runs } of spellings) {
      it(`${column} = '${written}' runs as ${runs}`, { timeout }, async () => {
        await client.run(
          `REPLACE INTO mysql_query_rules (rule_id, active, ${column}) VALUES (30, 1, '${written}')`,
          'LOAD MYSQL QUERY RULES TO RUNTIME',
        );
        const running = await client.rows(`SELECT ${column} FROM runtime_mysql_query_rules WHERE rule_id = 30`);
        assert.deepEqual(running, [[runs]]);
        await client.run('DELETE FROM mysql_query_rules WHERE rule_id = 30', 'LOAD MYSQL QUERY RULES TO RUNTIME');
      });
    }

    it('loses inactive rules by SAVE FROM RUNTIME', { timeout }, async () => {
      await client.run('SAVE MYSQL QUERY RULES FROM RUNTIME');
      assert.deepEqual(await client.rows('SELECT rule_id FROM mysql_query_rules'), [['10'], ['12'], ['20']]);
    });

    it(
      'covers fast routing with its checksum, and refreshes each table only where it is named',
      { timeout },
      async () => {
        const [, before] = await checksum('mysql_query_rules');
        await client.run(
          'CREATE VIEW main.fast AS SELECT * FROM runtime_mysql_query_rules_fast_routing',
          "INSERT INTO mysql_query_rules_fast_routing VALUES ('app', 'shop', 0, 5, '')",
          'LOAD MYSQL QUERY RULES TO RUNTIME',
          'SELECT 1 FROM runtime_mysql_query_rules',
        );
        assert.notEqual((await checksum('mysql_query_rules'))[1], before);
        assert.deepEqual(await client.rows('SELECT count(*) FROM fast'), [['0']]);
        assert.deepEqual(await client.rows('SELECT count(*) FROM runtime_mysql_query_rules_fast_routing'), [['1']]);
        await client.run('DROP VIEW fast');
      },
    );
  });

  describe('global_variables', () => {
    const readBack = [
      { name: 'mysql-max_connections', written: '-5', memory: '10000', runtime: '10000' },
      { name: 'mysql-default_query_timeout', written: '999', memory: '86400000', runtime: '86400000' },
      { name: 'mysql-default_query_delay', written: '3600000', memory: '3600000', runtime: '3600000' },
      { name: 'mysql-session_idle_ms', written: '1', memory: '1', runtime: '1' },
      { name: 'mysql-set_query_lock_on_hostgroup', written: '2', memory: '1', runtime: '1' },
      { name: 'mysql-multiplexing', written: 'maybe', memory: 'true', runtime: 'true' },
      { name: 'mysql-verbose_query_error', written: '1', memory: '1', runtime: 'true' },
      { name: 'mysql-commands_stats', written: 'FALSE', memory: 'FALSE', runtime: 'false' },
      { name: 'mysql-tcp_keepalive_time', written: ' 12x', memory: ' 12x', runtime: '12' },
      { name: 'mysql-query_cache_size_MB', written: '1.5', memory: '1.5', runtime: '1' },
      { name: 'mysql-monitor_username', written: '', memory: 'monitor', runtime: 'monitor' },
      { name: 'mysql-default_schema', written: '', memory: 'information_schema', runtime: 'information_schema' },
      { name: 'mysql-threads', written: '3', memory: null, runtime: null },
      { name: 'mysql-ssl_p2s_ca', written: '/no/such/file', memory: '/no/such/file', runtime: '/no/such/file' },
      { name: 'MYSQL-Shun_On_Failures', written: '9', memory: '9', runtime: null },
      { name: 'mysql-no_such', written: '1', memory: null, runtime: null },
      { name: 'other-thing', written: '1', memory: '1', runtime: null },
    ] as const;

    for (const { name, written, memory, runtime } of readBack) {
      it(
        `${name} = '${written}' reads back as ${memory} in memory and ${runtime} in runtime`,
        { timeout },
        async () => {
          const select = (table: string) => `SELECT variable_value FROM ${table} WHERE variable_name = '${name}'`;
          const before = name === 'mysql-threads' ? await client.rows(select('global_variables')) : null;
          await client.run(
            `REPLACE INTO global_variables VALUES ('${name}', '${written}')`,
            'LOAD MYSQL VARIABLES TO RUNTIME',
          );
          const asRows = (value: string | null) => before ?? (value === null ? [] : [[value]]);
          assert.deepEqual(await client.rows(select('global_variables')), asRows(memory));
          assert.deepEqual(await client.rows(select('runtime_global_variables')), asRows(runtime));
        },
      );
    }

    it('is set whatever letters its name is in', { timeout }, async () => {
      const running =
        "SELECT variable_value FROM runtime_global_variables WHERE variable_name = 'mysql-shun_on_failures'";
      assert.deepEqual(await client.rows(running), [['9']]);
      await client.run("DELETE FROM global_variables WHERE variable_name LIKE 'MYSQL-Shun%' AND variable_value = '9'");
    });

    it('comes back to memory when it is missing there', { timeout }, async () => {
      const select = "SELECT variable_value FROM global_variables WHERE variable_name = 'mysql-poll_timeout'";
      await client.run('SET mysql-poll_timeout=1500', 'LOAD MYSQL VARIABLES TO RUNTIME');
      await client.run("DELETE FROM global_variables WHERE variable_name = 'mysql-poll_timeout'");
      await client.run('LOAD MYSQL VARIABLES TO RUNTIME');
      assert.deepEqual(await client.rows(select), [['1500']]);
    });

    it('is set to the value of an SQLite expression', { timeout }, async () => {
      await client.run("SET mysql-default_schema = 'it''s'");
      assert.deepEqual(await client.rows('SELECT @@mysql-default_schema'), [["it's"]]);
      assert.equal(await client.failure('SET mysql-default_schema=bare'), 'no such column: bare');
    });

    it('monitors, shuns and retries as documented unless told otherwise', { timeout }, async () => {
      const defaults: Readonly<Record<string, string>> = {
        monitor_connect_interval: '120000',
        monitor_ping_interval: '8000',
        monitor_ping_max_failures: '3',
        monitor_ping_timeout: '1000',
        monitor_read_only_interval: '1000',
        monitor_read_only_max_timeout_count: '3',
        monitor_read_only_timeout: '800',
        monitor_replication_lag_interval: '10000',
        monitor_slave_lag_when_null: '60',
        monitor_writer_is_also_reader: 'true',
        query_retries_on_failure: '1',
        shun_recovery_time_sec: '10',
      };
      const names = Object.keys(defaults).map((name) => `'mysql-${name}'`);
      const rows = await client.rows(
        `SELECT substr(variable_name, 7), variable_value FROM global_variables WHERE variable_name IN (${names.join()})`,
      );
      assert.deepEqual(Object.fromEntries(rows), defaults);
    });
  });
}

await onEveryTarget('modules', describeModules);
