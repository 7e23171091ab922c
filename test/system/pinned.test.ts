import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Connection, createConnection } from 'mysql2/promise';
import type { GroupReport__Output } from '../../proto/gen/chester/v1/GroupReport.ts';
import { ack, groupReport, isAbsent } from '../agent/fakes/updates.ts';
import { findMissing, RealStack } from './real-stack.ts';

const missing = await findMissing();

describe('a session pinned to a reader, then in a transaction on the writer', { skip: missing ?? false }, () => {
  let stack: RealStack;
  let client: Connection;
  const lost: string[] = [];

  before(async () => {
    stack = await RealStack.start(['CREATE DATABASE shop', 'CREATE TABLE shop.orders (id INT) ENGINE=InnoDB']);
    await stack.person.runAll([
      "INSERT INTO mysql_users (username, password, default_hostgroup) VALUES ('app', 'app', 10)",
      'LOAD MYSQL USERS TO RUNTIME',
    ]);
    stack.send(stack.readers);
    await stack.call.next(ack('n1'));
    client = await createConnection({ host: '127.0.0.1', port: stack.clientPort, user: 'app', password: 'app' });
    client.on('error', ({ code }: NodeJS.ErrnoException) => lost.push(code ?? ''));
  });
  after(async () => {
    client.destroy();
    await stack.close();
  });

  /** Whichever reader the lock was taken on. */
  const findPinned = async () => {
    const [row] = await stack.person.run(
      'SELECT srv_port FROM stats_mysql_connection_pool WHERE hostgroup = 20 AND ConnUsed = 1',
    );
    const [readerA, readerB] = stack.readers;
    return Number(row?.[0]) === readerA.port ? [readerA, readerB] : [readerB, readerA];
  };
  const removing =
    (reason: string) =>
    ({ removing: all }: GroupReport__Output): boolean =>
      all.some((one) => one.reason === reason);

  it(
    'holds the drain while ProxySQL lists only the writer, and is ended once it lists all',
    { timeout: 300_000 },
    async () => {
      await client.query("SELECT /* ;hostgroup=20 */ GET_LOCK('held', 0)");
      await client.query('BEGIN');
      await client.query('INSERT INTO shop.orders VALUES (1)');
      const [pinned, other] = await findPinned();
      assert(pinned && other);
      const revision = stack.send([other], [pinned], { endPinnedAfterSeconds: 1 });
      const held = await stack.call.next(groupReport(removing('PINNED')));
      assert.match(held.removing[0]?.detail ?? '', /1 that ProxySQL does not list/);
      assert.equal(held.removing[0]?.connUsed, 1);
      await client.query('INSERT INTO shop.orders VALUES (2)');
      await stack.person.runAll(['SET mysql-show_processlist_extended=1', 'LOAD MYSQL VARIABLES TO RUNTIME']);
      await stack.call.next(groupReport(isAbsent(pinned, revision)));
      assert.deepEqual(lost, ['PROTOCOL_CONNECTION_LOST']);
      const ports = await stack.person.run('SELECT port FROM runtime_mysql_servers WHERE hostgroup_id = 20');
      assert.deepEqual(ports, [[String(other.port)]]);
    },
  );
});
