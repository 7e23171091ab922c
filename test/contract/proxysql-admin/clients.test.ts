import assert from 'node:assert/strict';
import { after, afterEach, before, it } from 'node:test';

import { AdminClient } from './admin-client.ts';
import { type Backend, Backends } from './backends.ts';
import { ClientOfProxy } from './client-of-proxy.ts';
import { onRealProxySql, type StartRealTarget, type RealTarget } from './targets.ts';

const timeout = 300_000;
const load = 'LOAD MYSQL SERVERS TO RUNTIME';
const noServer = /Max connect timeout reached while reaching hostgroup 10/;

/** What clients of a real proxysql see of changes on its admin port; the emulator has no clients. */
function describeClients(start: StartRealTarget): void {
  let servers: Backends;
  let target: RealTarget;
  let admin: AdminClient;
  let first: Backend;
  let second: Backend;
  let clients: ClientOfProxy[] = [];

  before(async () => {
    servers = await Backends.create();
    first = await servers.start('first');
    second = await servers.start('second');
    target = await start();
    admin = await AdminClient.connect(target.address);
    await admin.run(
      "INSERT INTO mysql_users (username, password, default_hostgroup) VALUES ('app', 'app', 10)",
      'LOAD MYSQL USERS TO RUNTIME',
      'SET mysql-connect_timeout_server_max=500',
      'LOAD MYSQL VARIABLES TO RUNTIME',
    );
  });
  afterEach(async () => {
    for (const client of clients) await client.close();
    clients = [];
    await admin.run('DELETE FROM mysql_servers', 'DELETE FROM mysql_hostgroup_attributes', load);
  });
  after(async () => {
    admin.close();
    await target.close();
    await servers.close();
  });

  const connect = async (): Promise<ClientOfProxy> => {
    const client = await ClientOfProxy.connect(target.clientPort);
    clients.push(client);
    return client;
  };
  /** Serves hostgroup 10 with these servers and nothing else. */
  const serve = async (...rows: (Backend & { readonly status?: string })[]): Promise<void> => {
    const values = rows.map(({ hostname, port, status = 'ONLINE' }) => `(10, '${hostname}', ${port}, '${status}')`);
    await admin.run('DELETE FROM mysql_servers');
    if (rows.length > 0) {
      await admin.run(`INSERT INTO mysql_servers (hostgroup_id, hostname, port, status) VALUES ${values.join()}`);
    }
    await admin.run(load);
  };

  it('an emptied hostgroup keeps a query waiting, then fails it with 9001', { timeout }, async () => {
    const client = await connect();
    await serve(first);
    await client.select(10);
    await serve();
    await assert.rejects(client.select(10), { errno: 9001, message: noServer });
  });

  it('a query that waits succeeds when a server comes back in time', { timeout }, async () => {
    const client = await connect();
    await serve();
    const waiting = client.select(10);
    await serve(first);
    await waiting;
  });

  it('a removed server costs the session that it is pinned to, and nobody else', { timeout }, async () => {
    const [pinned, idle] = [await connect(), await connect()];
    await serve(first);
    await pinned.pin(10);
    await idle.select(10);
    await serve(second);
    await idle.select(10);
    await assert.rejects(pinned.select(10), { code: 'PROTOCOL_CONNECTION_LOST' });
  });

  it('a draining server serves the session that is pinned to it, and no other', { timeout }, async () => {
    const [pinned, other] = [await connect(), await connect()];
    await serve(first);
    await pinned.pin(10);
    await serve({ ...first, status: 'OFFLINE_SOFT' });
    await pinned.select(10);
    await assert.rejects(other.select(10), { errno: 9001 });
    await pinned.select(10);
  });

  it('draining the only reader that is not shunned leaves nobody, whatever the table says', { timeout }, async () => {
    const client = await connect();
    await serve(first, { ...second, status: 'SHUNNED' });
    await client.select(10);
    await serve({ ...first, status: 'OFFLINE_SOFT' }, { ...second, status: 'SHUNNED' });
    await assert.rejects(client.select(10), { errno: 9001 });
  });

  it('failing connects shun a server in the hostgroup that they were for', { timeout }, async () => {
    const client = await connect();
    await servers.stop('second');
    await serve(second);
    await admin.run(
      `INSERT INTO mysql_servers (hostgroup_id, hostname, port) VALUES (11, '${second.hostname}', ${second.port})`,
      load,
    );
    await assert.rejects(client.select(10), { errno: 9001 });
    assert.deepEqual(await admin.rows('SELECT hostgroup_id, status FROM runtime_mysql_servers ORDER BY 1'), [
      ['10', 'SHUNNED'],
      ['11', 'ONLINE'],
    ]);
    await servers.start('second', {}, second);
  });

  it('use_ssl=1 falls back to plain text without a word', { timeout }, async () => {
    const client = await connect();
    await serve(first);
    await admin.run('UPDATE mysql_servers SET use_ssl = 1', load);
    await client.select(10);
    const pool = await admin.rows('SELECT ConnOK, ConnERR FROM stats_mysql_connection_pool WHERE hostgroup = 10');
    assert.deepEqual(pool, [['1', '0']]);
  });

  it('more servers than max_num_online_servers serve nothing', { timeout }, async () => {
    const client = await connect();
    await admin.run('INSERT INTO mysql_hostgroup_attributes (hostgroup_id, max_num_online_servers) VALUES (10, 1)');
    await serve(first, second);
    await assert.rejects(client.select(10), { errno: 9001 });
  });

  it('PAUSE turns new clients away and leaves those that are there', { timeout }, async () => {
    const client = await connect();
    await serve(first);
    await admin.run('PROXYSQL PAUSE');
    await client.select(10);
    await assert.rejects(ClientOfProxy.connect(target.clientPort), { code: 'ECONNREFUSED' });
    await admin.run('PROXYSQL RESUME');
    await (await connect()).select(10);
  });
}

await onRealProxySql('clients', describeClients);
