import assert from 'node:assert/strict';
import { DatabaseSync } from '@photostructure/sqlite';
import { describe, it } from 'node:test';
import { parseColumns, parseState, selectState } from '../../../agent/core/look.ts';
import { row } from '../fakes/fake-admin.ts';

const columns = new Map([['mysql_hostgroup_attributes', ['hostgroup_id', 'comment']]]);
const sentinel = ['sentinel', '[["p","a","b",7,"left",2]]'];

describe('a look', () => {
  it('reads memory, runtime, the tables beside them, loads and sentinel', () => {
    const cells = [20, 'a', 3306, 0, 'online', 5, 0, 100, 30, 1, 0, 'c'];
    const rows = [
      ['memory', JSON.stringify([cells])],
      ['runtime', JSON.stringify([cells.with(4, 'SHUNNED')])],
      ['memory mysql_hostgroup_attributes', '[]'],
      ['runtime mysql_hostgroup_attributes', '[[20,null]]'],
      ['loads', '[[12]]'],
    ];
    assert.equal(parseState([...rows, ['sentinel', '[]']], columns), null);
    const state = parseState([...rows, sentinel], columns);
    assert.equal(state?.loads, 12);
    const attributes = { hostgroup_id: '20', comment: null };
    assert.deepEqual(state.siblings, [{ table: 'mysql_hostgroup_attributes', where: 'runtime', row: attributes }]);
    assert.deepEqual(state.sentinel, { proxyBoot: 'p', agentId: 'a', bootId: 'b', silentSeconds: 7, pause: 'left' });
    const limits = { weight: 5, maxConnections: 100, maxReplicationLagSeconds: 30, useSsl: true };
    const expected = row(20, 'a', { ...limits, comment: 'c' });
    assert.deepEqual(state.memory, [expected]);
    assert.deepEqual(state.runtime, [{ ...expected, status: 'SHUNNED' }]);
  });

  it('gives back what the tables hold, whatever people wrote there', () => {
    const database = new DatabaseSync(':memory:');
    const servers =
      '(hostgroup_id INT, hostname VARCHAR, port INT, gtid_port INT, status VARCHAR, weight INT, compression INT, ' +
      'max_connections INT, max_replication_lag INT, use_ssl INT, max_latency_ms INT, comment VARCHAR)';
    database.exec(`CREATE TABLE mysql_servers ${servers}; CREATE TABLE runtime_mysql_servers ${servers}`);
    database.exec('CREATE TABLE runtime_checksums_values (name VARCHAR, version INT, checksum VARCHAR)');
    database.exec("INSERT INTO runtime_checksums_values VALUES ('mysql_servers_v2', 3, '0x1'), ('mysql_users', 9, '')");
    database.exec('CREATE TABLE chester_agent (proxy_boot, agent_id, boot_id, heartbeat_at, pause, connection)');
    database.exec("INSERT INTO chester_agent VALUES ('p', 'a', 'b', strftime('%s', 'now'), 'none', 1)");
    const comment = 'chester orders "x" \\ \n\t\u0001 ü 🚚 \'';
    database
      .prepare("INSERT INTO mysql_servers VALUES (20, 'a', 3306, 0, 'ONLINE', 1, 0, 10, 0, 0, 0, ?)")
      .run(comment);
    database.exec("INSERT INTO mysql_servers VALUES (20, 'b', 3306, 0, 'ONLINE', 1, 0, 10, 0, 0, 0, x'62')");
    const answer = database.prepare(selectState(new Map())).all() as Record<string, string>[];
    const state = parseState(
      answer.map((one) => Object.values(one)),
      new Map(),
    );
    assert.deepEqual(
      [state?.memory.map((server) => server.comment), state?.runtime, state?.loads, state?.sentinel.proxyBoot],
      [[comment, 'b'], [], 3, 'p'],
    );
  });

  it('asks for the columns that this ProxySQL has', () => {
    const found = parseColumns([
      ['mysql_hostgroup_attributes', 'hostgroup_id'],
      ['mysql_hostgroup_attributes', 'comment'],
    ]);
    assert.deepEqual(found, columns);
    const statement = selectState(found);
    assert.match(statement, /json_array\(hostgroup_id, comment\)\) FROM runtime_mysql_hostgroup_attributes/);
    assert.doesNotMatch(statement, /mysql_servers_ssl_params/);
  });
});
