import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as sql from '../../../agent/core/table-statements.ts';
import { tlsParamsTable } from '../../../agent/core/tls-params.ts';
import { usersTable } from '../../../agent/core/users.ts';

const writer = { bootId: 'b', connection: 2 };
const may = "EXISTS (SELECT 1 FROM main.chester_agent WHERE boot_id = 'b' AND connection = 2)";

describe('replaceRows', () => {
  it('writes all rows in one statement, quotes doubled and nothing else changed', () => {
    assert.equal(
      sql.replaceRows(
        'mysql_users',
        [
          { username: "it's", password: null },
          { username: 'back\\slash "x"', password: '*A' },
        ],
        writer,
      ),
      `REPLACE INTO mysql_users (username, password) SELECT * FROM (VALUES ('it''s', NULL), ('back\\slash "x"', '*A')) WHERE ${may}`,
    );
  });

  it('crashes on what would end the statement early, or be no statement', () => {
    assert.throws(() => sql.replaceRows('mysql_users', [{ username: 'a\0b' }], writer));
    assert.throws(() => sql.replaceRows('mysql_users', [], writer));
    assert.throws(() => sql.replaceRows('mysql_users', [{ 'a b': '1' }], writer), /is not the name of a column/);
  });
});

describe('deleteRows', () => {
  it('names rows by their primary key', () => {
    const row = { hostname: 'a', port: '3306', username: '', ssl_ca: 'x' };
    assert.equal(
      sql.deleteRows(tlsParamsTable, [row], writer),
      `DELETE FROM mysql_servers_ssl_params WHERE (hostname, port, username) IN (VALUES ('a', '3306', '')) AND ${may}`,
    );
    assert.throws(() => sql.deleteRows(usersTable, [], writer));
  });
});

describe('writeVariables', () => {
  it('writes them in one statement', () => {
    assert.equal(
      sql.writeVariables({ 'mysql-a': "o'clock", 'mysql-b': '' }, writer),
      'REPLACE INTO global_variables (variable_name, variable_value) SELECT * FROM ' +
        `(VALUES ('mysql-a', 'o''clock'), ('mysql-b', '')) WHERE ${may}`,
    );
    assert.throws(() => sql.writeVariables({}, writer));
  });
});

describe('parseTable', () => {
  it('tells memory from runtime, and NULL from an empty text', () => {
    const rows = [
      ['memory', 'app', null],
      ['runtime', 'app', ''],
    ];
    assert.deepEqual(sql.parseTable(['username', 'password'], rows), {
      memory: [{ username: 'app', password: null }],
      runtime: [{ username: 'app', password: '' }],
    });
  });
});

describe('parsePending', () => {
  it('tells what a LOAD would add, remove and change', () => {
    const rows = [
      ['memory', 'a', '0'],
      ['memory', 'b', '0'],
      ['runtime', 'b', '0'],
      ['runtime', 'c', '1'],
    ];
    const found = sql.parsePending('t', ['username', 'flagIN'], rows);
    assert.deepEqual(
      found.map(({ row, wouldBe }) => [row, wouldBe]),
      [
        ['username a flagIN 0', 'added'],
        ['username b flagIN 0', 'changed'],
        ['username c flagIN 1', 'removed'],
      ],
    );
  });
});

describe('parseAccounts', () => {
  it('keeps names and drops passwords', () => {
    const rows = [
      ['admin-admin_credentials', 'admin:hush;radmin:hush:x; other : hush;'],
      ['admin-stats_credentials', 'stats:hush'],
      ['mysql-monitor_username', 'watcher'],
    ];
    assert.deepEqual([...sql.parseAccounts(rows)], ['admin', 'radmin', 'other', 'stats', 'watcher']);
  });
});

describe('parseLoads', () => {
  it('knows modules by the tables that stand for them', () => {
    const rows = [
      ['mysql_users', '3', '0xA'],
      ['mysql_servers_v2', '2', '0xB'],
      ['mysql_servers', '1', '0xC'],
    ];
    assert.deepEqual(
      [...sql.parseLoads(rows)],
      [
        ['MYSQL USERS', '3 0xA'],
        ['MYSQL SERVERS', '2 0xB'],
      ],
    );
  });
});

describe('parseMarks', () => {
  it('names the groups behind the comments of each table', () => {
    const rows = [
      ['mysql_users', 'chester orders user'],
      ['mysql_users', 'chester shop user'],
      ['mysql_query_rules', 'chester'],
    ];
    const marks = sql.parseMarks(rows);
    assert.deepEqual([...(marks.get('mysql_users') ?? [])], ['orders', 'shop']);
    assert.deepEqual([...(marks.get('mysql_query_rules') ?? [])], []);
  });
});

describe('parseCapabilities', () => {
  it('lists the columns of our tables', () => {
    const rows = [
      ['mysql_users', 'username'],
      ['mysql_users', 'password'],
      ['mysql_collations', 'Id'],
    ];
    assert.deepEqual([...sql.parseCapabilities(rows)], [['mysql_users', ['username', 'password']]]);
  });
});
