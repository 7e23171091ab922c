import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { answerQuery, type ServerView, type Session } from '../../../sandbox/cloudsql/mysql-answers.ts';

const session: Session = {
  id: 12,
  user: 'app',
  host: '127.0.0.1:4000',
  database: 'shop',
  command: 'Query',
  sinceMs: 9000,
  state: 'executing',
  info: 'SELECT',
};
const idle: Session = {
  ...session,
  id: 13,
  user: 'chester-gate',
  command: 'Sleep',
  sinceMs: 4500,
  state: '',
  info: null,
};
const replica: ServerView = {
  name: 'orders-ro-1',
  databaseVersion: 'MYSQL_8_0',
  primaryAddress: '127.20.0.2',
  isReplica: true,
  lagSeconds: 4,
  serverId: 77,
  port: 3306,
  sessions: [session, idle],
  nowMs: 10_000,
};
const primary: ServerView = { ...replica, name: 'orders', isReplica: false, primaryAddress: null, lagSeconds: 0 };

/** The first row as an object; an error when the answer has no row. */
function firstRow(sql: string, view: ServerView = replica): Record<string, unknown> {
  const answer = answerQuery(sql, session, view);
  assert.ok(answer.kind === 'rows' && answer.rows[0] !== undefined, JSON.stringify(answer));
  const [row] = answer.rows;
  return Object.fromEntries(answer.columns.map((column, index) => [column, row[index]]));
}

describe('answerQuery: SELECT', () => {
  const cases: readonly (readonly [string, Record<string, unknown>])[] = [
    ['SELECT 1', { '1': 1 }],
    ['select 1 as one;', { one: 1 }],
    ["SELECT 'a, b' x, NULL y", { x: 'a, b', y: null }],
    ['/* ping */ SELECT 1', { '1': 1 }],
    ['SELECT @@hostname', { '@@hostname': 'orders-ro-1' }],
    ['SELECT @@read_only, @@version', { '@@read_only': 1, '@@version': '8.0.41-google' }],
    ['SELECT @@global.read_only read_only', { read_only: 1 }],
    ['SELECT @@version_comment LIMIT 1', { '@@version_comment': '(Google)' }],
    ['SELECT CONNECTION_ID() AS id, DATABASE()', { id: 12, 'DATABASE()': 'shop' }],
    ['SELECT user()', { 'user()': 'app@127.0.0.1' }],
    ['SELECT * FROM orders WHERE id = 7', { '*': 1 }],
    ['SELECT COUNT(*) AS n FROM orders', { n: 1 }],
  ];
  for (const [sql, expected] of cases) {
    it(sql, () => {
      assert.deepEqual(firstRow(sql), expected);
    });
  }

  it('says read_only 0 on a primary', () => {
    assert.deepEqual(firstRow('SELECT @@read_only', primary), { '@@read_only': 0 });
  });

  it('takes its time for SLEEP', () => {
    const answer = answerQuery('SELECT SLEEP(1.5)', session, replica);
    assert.ok(answer.kind === 'rows');
    assert.equal(answer.delayMs, 1500);
    assert.deepEqual([answer.columns, answer.rows], [['SLEEP(1.5)'], [[0]]]);
  });
});

describe('answerQuery: SHOW REPLICA STATUS', () => {
  it('tells the lag in the new words and in the old ones', () => {
    const now = firstRow('SHOW REPLICA STATUS');
    assert.equal(now['Seconds_Behind_Source'], 4);
    assert.equal(now['Replica_SQL_Running'], 'Yes');
    assert.equal(now['Source_Host'], '127.20.0.2');
    const old = firstRow('show slave status');
    assert.equal(old['Seconds_Behind_Master'], 4);
    assert.equal(old['Slave_IO_Running'], 'Yes');
    assert.equal(old['Seconds_Behind_Source'], undefined);
    // ProxySQL's monitor believes no shorter answer.
    assert.ok(Object.keys(old).length > 30);
  });

  it('tells NULL and No when replication is stopped', () => {
    const row = firstRow('SHOW REPLICA STATUS', { ...replica, lagSeconds: null });
    assert.equal(row['Seconds_Behind_Source'], null);
    assert.equal(row['Replica_IO_Running'], 'No');
  });

  it('is empty on a primary', () => {
    const answer = answerQuery('SHOW REPLICA STATUS', session, primary);
    assert.ok(answer.kind === 'rows');
    assert.deepEqual(answer.rows, []);
  });

  it('knows the words of its version only', () => {
    const versions = ['MYSQL_5_7', 'MYSQL_8_0', 'MYSQL_8_4'];
    const kinds = versions.map((databaseVersion) =>
      ['SHOW SLAVE STATUS', 'SHOW REPLICA STATUS'].map(
        (sql) => answerQuery(sql, session, { ...replica, databaseVersion }).kind,
      ),
    );
    assert.deepEqual(kinds, [
      ['rows', 'error'],
      ['rows', 'rows'],
      ['error', 'rows'],
    ]);
  });
});

describe('answerQuery: the process list', () => {
  it("shows the server's own threads and the clients", () => {
    const answer = answerQuery('SHOW FULL PROCESSLIST', session, replica);
    assert.ok(answer.kind === 'rows');
    assert.deepEqual(answer.columns, ['Id', 'User', 'Host', 'db', 'Command', 'Time', 'State', 'Info']);
    const users = answer.rows.map((row) => row[1]);
    assert.deepEqual(users, ['event_scheduler', 'system user', 'system user', 'app', 'chester-gate']);
    assert.deepEqual(answer.rows.at(-1), [13, 'chester-gate', '127.0.0.1:4000', 'shop', 'Sleep', 5, '', null]);
  });

  const from = 'FROM information_schema.processlist';
  const cases: readonly (readonly [string, readonly (readonly unknown[])[] | 'error'])[] = [
    [
      `SELECT id, user ${from} WHERE user NOT IN ('system user', 'event_scheduler')`,
      [
        [12, 'app'],
        [13, 'chester-gate'],
      ],
    ],
    [`SELECT user AS u ${from} WHERE id <> CONNECTION_ID() AND command = 'Sleep'`, [['chester-gate']]],
    [`SELECT user ${from} WHERE command != 'Daemon' AND db IS NOT NULL ORDER BY id`, [['app'], ['chester-gate']]],
    [`SELECT COUNT(*) ${from} WHERE user = 'app'`, [[1]]],
    [`SELECT user ${from} WHERE user LIKE 'a%'`, 'error'],
    [`SELECT nothing ${from}`, 'error'],
    [`SELECT user ${from} GROUP BY user`, 'error'],
  ];
  for (const [sql, expected] of cases) {
    it(`${sql} ${expected === 'error' ? 'is refused rather than misread' : 'is answered'}`, () => {
      const answer = answerQuery(sql, session, replica);
      assert.deepEqual(answer.kind === 'rows' ? answer.rows : answer.kind, expected);
    });
  }
});

describe('answerQuery: the rest', () => {
  it('has no TLS in use', () => {
    assert.deepEqual(firstRow("SHOW STATUS LIKE 'Ssl_cipher'"), { Variable_name: 'Ssl_cipher', Value: '' });
  });

  it('shows variables as ON and OFF', () => {
    const expected = { Variable_name: 'read_only', Value: 'ON' };
    assert.deepEqual(firstRow("SHOW GLOBAL VARIABLES LIKE 'read_only'"), expected);
    assert.deepEqual(firstRow("SHOW VARIABLES LIKE 'read\\_on%'"), expected);
  });

  it('refuses a write on a replica and takes it on a primary', () => {
    const answer = answerQuery('INSERT INTO orders VALUES (1)', session, replica);
    assert.ok(answer.kind === 'error');
    assert.equal(answer.code, 1290);
    assert.deepEqual(answerQuery('INSERT INTO orders VALUES (1)', session, primary), { kind: 'ok' });
  });

  it('takes SET, USE, transactions and the unknown', () => {
    assert.deepEqual(answerQuery('USE `shop`', session, replica), { kind: 'use', database: 'shop' });
    for (const sql of ['SET NAMES utf8mb4', 'BEGIN', 'COMMIT', 'gibberish', '']) {
      assert.deepEqual(answerQuery(sql, session, replica), { kind: 'ok' }, sql);
    }
  });
});
