import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DatabaseSync } from '@photostructure/sqlite';
import { fc } from '../../properties.ts';
import * as mark from '../../../agent/core/sentinel.ts';
import { quoteText } from '../../../agent/core/sql-text.ts';
import * as sql from '../../../agent/core/statements.ts';
import { row } from '../fakes/fake-admin.ts';

const writer = { bootId: 'b', connection: 2 };
const whileWriter = "WHERE EXISTS (SELECT 1 FROM main.chester_agent WHERE boot_id = 'b' AND connection = 2)";

describe('replaceServers', () => {
  it('writes all columns of all rows in one statement', () => {
    const rows = [
      row(10, '10.0.0.1', { weight: 1000, useSsl: true, comment: "it's" }),
      row(20, '10.0.0.2', { status: 'OFFLINE_SOFT', gtidPort: 3310, compression: 1, maxLatencyMs: 5 }),
    ];
    assert.equal(
      sql.replaceServers(rows, writer),
      'REPLACE INTO mysql_servers (hostgroup_id, hostname, port, gtid_port, status, weight, compression, ' +
        'max_connections, max_replication_lag, use_ssl, max_latency_ms, comment) SELECT * FROM (VALUES ' +
        "(10, '10.0.0.1', 3306, 0, 'ONLINE', 1000, 0, 1000, 0, 1, 0, 'it''s'), " +
        "(20, '10.0.0.2', 3306, 3310, 'OFFLINE_SOFT', 1, 1, 1000, 0, 0, 5, '')) " +
        whileWriter,
    );
  });

  it('never becomes an empty statement', () => {
    assert.throws(() => sql.replaceServers([], writer), /nothing to replace/);
    assert.throws(() => sql.deleteServers('mysql_servers', [], writer), /nothing to delete/);
  });

  it('refuses numbers that would not stand as such in SQL', () => {
    assert.throws(() => sql.replaceServers([row(20, 'a', { weight: 1.5 })], writer), /not a whole number/);
    assert.throws(() => sql.replaceServers([row(Number.NaN, 'a')], writer), /not a whole number/);
  });
});

describe('deleteServers', () => {
  it('names exactly the rows', () => {
    assert.equal(
      sql.deleteServers('disk.mysql_servers', [row(20, 'a'), row(20, "b'")], writer),
      'DELETE FROM disk.mysql_servers WHERE (hostgroup_id, hostname, port) IN ' +
        "(VALUES (20, 'a', 3306), (20, 'b''', 3306)) AND EXISTS " +
        "(SELECT 1 FROM main.chester_agent WHERE boot_id = 'b' AND connection = 2)",
    );
  });
});

describe('sentinel statements', () => {
  it('mark a fresh proxy, take an old mark over, and change only their own', () => {
    assert.equal(
      mark.insertSentinel({ proxyBoot: 'p', agentId: 'a', bootId: 'b' }, 1),
      'INSERT OR IGNORE INTO main.chester_agent (id, proxy_boot, agent_id, boot_id, heartbeat_at, connection) ' +
        "VALUES (1, 'p', 'a', 'b', strftime('%s', 'now'), 1)",
    );
    assert.equal(
      mark.claimSentinel({ agentId: 'a', bootId: 'b', connection: 3 }, 'c'),
      "UPDATE main.chester_agent SET agent_id = 'a', boot_id = 'b', heartbeat_at = strftime('%s', 'now'), " +
        "connection = 3 WHERE boot_id = 'c'",
    );
    assert.equal(
      mark.beatSentinel('b', 'alive'),
      "UPDATE main.chester_agent SET heartbeat_at = strftime('%s', 'now') WHERE boot_id = 'b'",
    );
    assert.equal(mark.beatSentinel('b', 'ended'), "UPDATE main.chester_agent SET heartbeat_at = 0 WHERE boot_id = 'b'");
    assert.equal(mark.markPause('b', 'left'), "UPDATE main.chester_agent SET pause = 'left' WHERE boot_id = 'b'");
  });
});

describe('quoteText', () => {
  it('gives SQLite back exactly the text, whatever it holds', () => {
    const database = new DatabaseSync(':memory:');
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0')),
        (text) => {
          const answer = database.prepare(`SELECT ${quoteText(text)} AS answer`).get() as { answer: string };
          assert.equal(answer.answer, text);
        },
      ),
    );
  });

  it('leaves backslashes, semicolons and newlines as they are', () => {
    assert.equal(quoteText(`\\'; DROP TABLE x; --\n"`), `'\\''; DROP TABLE x; --\n"'`);
  });

  it('refuses a NUL, at which SQLite would end the statement', () => {
    assert.throws(() => quoteText('a\0b'), /NUL/);
  });
});

describe('answers', () => {
  it('become the door for clients, if there is a sentinel and a count', () => {
    const marked = ['sentinel', 'p', 'a', 'b', '7', 'paused'];
    const clients = ['status', 'Client_Connections_connected', '3', '', '', ''];
    const paused = ['status', 'mysql_listener_paused', 'true', '', '', ''];
    const sentinel = { proxyBoot: 'p', agentId: 'a', bootId: 'b', silentSeconds: 7, pause: 'paused' };
    assert.deepEqual(sql.parseGate([marked, clients, paused]), { sentinel, isPaused: true, clients: 3 });
    assert.deepEqual(sql.parseGate([marked, clients]), { sentinel, isPaused: false, clients: 3 });
    assert.equal(sql.parseGate([marked, paused]), null);
    assert.equal(sql.parseGate([clients, paused]), null);
  });

  it('become keys and connections', () => {
    assert.deepEqual(sql.parseKeys([['20', 'a', '3306']]), [{ hostgroup: 20, hostname: 'a', port: 3306 }]);
    assert.deepEqual(sql.parsePool([['20', 'a', '3306', 'ONLINE', '1', '2', '3', '4', '5']]), [
      {
        hostgroup: 20,
        hostname: 'a',
        port: 3306,
        status: 'ONLINE',
        connUsed: 1,
        connFree: 2,
        connErr: 3,
        queries: 4,
        latencyMicros: 5,
      },
    ]);
  });
});
