import assert from 'node:assert/strict';
import { after, afterEach, before, it } from 'node:test';

import { AdminClient } from './admin-client.ts';
import { type Backend, Backends } from './backends.ts';
import { onEveryTarget, type StartTarget, type Target } from './targets.ts';

const timeout = 300_000;
const load = 'LOAD MYSQL SERVERS TO RUNTIME';
const pool = 'SELECT hostgroup, status, ConnUsed, ConnFree FROM stats_mysql_connection_pool ORDER BY hostgroup';
const running = 'SELECT hostgroup_id, status FROM runtime_mysql_servers';
const sessions = 'SELECT SessionID, user, hostgroup, srv_host FROM stats_mysql_processlist';
/** Every connection of every session, and why it is kept. */
const backends = `SELECT json_extract(b.value, '$.hostgroup_id'), json_extract(b.value, '$.conn.mysql.host'),
  json_extract(b.value, '$.conn.MultiplexDisabled'), json_extract(b.value, '$.conn.status.get_lock')
  FROM stats_mysql_processlist p, json_each(p.extended_info, '$.backends') b
  WHERE json_extract(b.value, '$.conn.mysql.port') IS NOT NULL ORDER BY 1`;

/** What connections in use do to a change of servers, and how they show. */
function describeTraffic(start: StartTarget): void {
  let servers: Backends;
  let target: Target;
  let client: AdminClient;
  let writer: Backend & { hostgroup: number };
  let reader: Backend & { hostgroup: number };
  let release: (() => Promise<void>)[] = [];

  before(async () => {
    servers = await Backends.create();
    writer = { hostgroup: 5, ...(await servers.start('writer', { isReplica: false })) };
    reader = { hostgroup: 10, ...(await servers.start('reader')) };
    target = await start();
    client = await AdminClient.connect(target.address);
    await client.run(
      "INSERT INTO mysql_users (username, password, default_hostgroup) VALUES ('app', 'app', 5)",
      'LOAD MYSQL USERS TO RUNTIME',
    );
  });
  afterEach(async () => {
    for (const end of release) await end();
    release = [];
    await client.run('DELETE FROM mysql_servers', load);
    await client.until('SELECT count(*) FROM runtime_mysql_servers', [['0']]);
    await client.run(load);
  });
  after(async () => {
    client.close();
    await target.close();
    await servers.close();
  });

  const both = (): string => {
    const rows = [writer, reader].map(({ hostgroup, hostname, port }) => `(${hostgroup}, '${hostname}', ${port})`);
    return `REPLACE INTO mysql_servers (hostgroup_id, hostname, port) VALUES ${rows.join()}`;
  };
  const hold = async (...held: (typeof writer)[]): Promise<void> => {
    release.push(await target.hold(held));
  };

  it('counts what is used and what is free, and leaves both alone when a weight changes', { timeout }, async () => {
    await client.run(both(), load);
    await target.leaveFree(writer);
    await hold(reader);
    const shown = [
      ['5', 'ONLINE', '0', '1'],
      ['10', 'ONLINE', '1', '0'],
    ];
    await client.until(pool, shown);
    await client.run("UPDATE mysql_servers SET weight = 9, max_connections = 3, comment = 'other'", load);
    assert.deepEqual(await client.rows(pool), shown);
  });

  it('drains: what is free goes at once, what is used stays until its client lets go', { timeout }, async () => {
    await client.run(both(), load);
    await target.leaveFree(reader);
    await hold(reader);
    await client.run("UPDATE mysql_servers SET status = 'OFFLINE_SOFT' WHERE hostgroup_id = 10", load);
    const drained = (used: string) => [
      ['5', 'ONLINE', '0', '0'],
      ['10', 'OFFLINE_SOFT', used, '0'],
    ];
    assert.deepEqual(await client.rows(pool), drained('1'));
    await release.pop()?.();
    await client.until(pool, drained('0'));
  });

  it('shows a deleted server as OFFLINE_HARD while it is used, and saves it as that', { timeout }, async () => {
    await client.run(both(), load);
    await hold(reader);
    await client.run('DELETE FROM mysql_servers WHERE hostgroup_id = 10', load);
    const leaving = [
      ['5', 'ONLINE'],
      ['10', 'OFFLINE_HARD'],
    ];
    assert.deepEqual(await client.rows(running), leaving);
    assert.deepEqual((await client.rows(pool))[1], ['10', 'OFFLINE_HARD', '1', '0']);
    await client.run('SAVE MYSQL SERVERS FROM RUNTIME');
    assert.deepEqual(await client.rows('SELECT hostgroup_id, status FROM mysql_servers'), leaving);
    await release.pop()?.();
    await client.until(running, [['5', 'ONLINE']]);
  });

  it('goes on with a server that comes back while it is used', { timeout }, async () => {
    await client.run(both(), load);
    await hold(reader);
    await client.run('DELETE FROM mysql_servers WHERE hostgroup_id = 10', load, both(), load);
    assert.deepEqual((await client.rows(pool))[1], ['10', 'ONLINE', '1', '0']);
  });

  it('lists a session with the server that it spoke to last, and in extended_info with all', { timeout }, async () => {
    await client.run(both(), load);
    await hold(reader, writer);
    const [row] = await client.rows(sessions);
    assert.deepEqual(row?.slice(1), ['app', '5', writer.hostname]);
    assert.deepEqual(await client.rows('SELECT extended_info FROM stats_mysql_processlist'), [[null]]);
    for (const detail of [1, 2]) {
      await client.run(`SET mysql-show_processlist_extended=${detail}`, 'LOAD MYSQL VARIABLES TO RUNTIME');
      const shown = (await client.rows(backends)).map((columns) => columns.slice(0, 2));
      assert.deepEqual(shown, [
        ['5', writer.hostname],
        ['10', reader.hostname],
      ]);
    }
    assert.deepEqual((await client.rows(backends))[1]?.slice(2), ['1', '1']);
    await client.run('SET mysql-show_processlist_extended=0', 'LOAD MYSQL VARIABLES TO RUNTIME');
  });

  it('ends a session, with every connection of it, by KILL CONNECTION', { timeout }, async () => {
    await client.run(both(), load);
    await hold(reader, writer);
    const [row] = await client.rows(sessions);
    const id = String(row?.[0]);
    await client.run(`KILL CONNECTION ${id}`);
    await client.until(sessions, []);
    await client.until('SELECT sum(ConnUsed) FROM stats_mysql_connection_pool', [['0']]);
    assert.equal(await client.failure(`KILL CONNECTION ${id}`), `Unknown thread id: ${id}`);
    assert.equal(await client.failure('KILL CONNECTION text'), 'Unknown thread id: 0');
    assert.equal(await client.failure('kill  connection -1;'), 'Unknown thread id: 4294967295');
  });
}

await onEveryTarget('traffic', describeTraffic);
