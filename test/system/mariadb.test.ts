import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import type { AdminClient } from '../../sandbox/demo/admin-client.ts';
import { postAlert } from '../../sandbox/demo/alerts.ts';
import { declareGroup, groupName } from '../../sandbox/demo/story.ts';
import { EventWatcher } from '../../sandbox/demo/watcher.ts';
import { World } from '../../sandbox/demo/world.ts';
import { bundledProgram } from '../bundled-program.ts';
import { type MariadbHosts, mariadbHosts } from '../../sandbox/mariadb/mariadb-hosts.ts';
import { findMariadb } from '../../sandbox/mariadb/mariadb-server.ts';
import { findProxySql } from '../../sandbox/proxysql/real-proxysql.ts';

const deadlineMs = 60_000;
const clients = 4;
const rows = 100;
const fixed = 'orders-primary-static';

const proxysql = await findProxySql(process.env);
const missing = findMariadb() === null ? 'install mariadb-server' : false;
/** The emulator of ProxySQL takes no clients: then nobody reads, and only gate, lag and scaling are tried. */
const noReads = proxysql === null ? 'install proxysql 2.7, or set PROXYSQL_BIN to its path' : false;

/** Reads one row; returns how many there were. */
async function readOne(connection: Connection, id: number): Promise<number> {
  const sql = `SELECT total FROM shop.orders WHERE id = ${id}`;
  const [found] = await connection.query<RowDataPacket[]>({ sql, timeout: 15_000 });
  return found.length;
}

/** Clients that read all the time through a proxy; each keeps its connection. */
class Readers {
  reads = 0;
  readonly failures: string[] = [];
  #isStopping = false;
  #running: Promise<void>[] = [];

  start(address: string): void {
    const [host = '', port = ''] = address.split(':');
    this.#running = Array.from({ length: clients }, (_, number) => this.#run(host, Number(port), number));
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.all(this.#running);
  }

  async #run(host: string, port: number, number: number): Promise<void> {
    let connection: Connection | null = null;
    for (let id = number; !this.#isStopping; id = (id + clients) % rows) {
      try {
        connection ??= await createConnection({ host, port, user: 'app', password: 'app' });
        assert.equal(await readOne(connection, id), 1);
        this.reads += 1;
      } catch (error) {
        this.failures.push(error instanceof Error ? error.message : String(error));
        connection?.destroy();
        connection = null;
      }
      await pause(2);
    }
    connection?.destroy();
  }
}

/** Real databases: a primary that is written to, a replica made by hand, and those that the coordinator makes. */
describe('scaling MariaDB servers', { skip: missing, timeout: 240_000 }, () => {
  const readers = new Readers();
  let hosts: MariadbHosts;
  let world: World;
  let client: AdminClient;
  let watcher: EventWatcher;
  let writer: NodeJS.Timeout;
  let replica = '';

  before(async () => {
    world = new World({
      program: bundledProgram,
      proxysql,
      proxies: 1,
      cloudSql: {
        createMs: 500,
        deleteMs: 500,
        mysqlPort: 36_079,
        addressPrefix: '127.66',
        hosts: (options) => (hosts = mariadbHosts(3)(options)),
      },
      coordinatorEnv: { LAG_INTERVAL_MS: '500' },
    });
    await world.start();
    await hosts
      .server('orders-primary')!
      .run(
        ...['CREATE DATABASE shop', 'CREATE TABLE shop.orders (id INT PRIMARY KEY, total INT)'],
        `INSERT INTO shop.orders SELECT seq, 0 FROM shop.seq_0_to_${rows - 1}`,
      );
    writer = setInterval(() => {
      hosts
        .server('orders-primary')
        ?.run('UPDATE shop.orders SET total = total + 1')
        .catch(() => undefined);
    }, 200);
    client = world.adminClient();
    await declareGroup(world, client, { scaleOutCooldownSeconds: 600 });
    watcher = new EventWatcher(client, groupName);
    await until('the proxy to serve', async () => (await client.getGroup(groupName)).agentsConverged === 1);
    await rowsOn(fixed);
    await startReaders();
  });
  after(async () => {
    clearInterval(writer);
    await readers.stop();
    watcher.close();
    client.close();
    await world.stop();
  });

  async function startReaders(): Promise<void> {
    const [pod] = world.pods;
    if (pod?.clientAddress == null) return;
    await pod.eye.execute("INSERT INTO mysql_users (username, password, default_hostgroup) VALUES ('app', 'app', 10)");
    await pod.eye.execute('LOAD MYSQL USERS TO RUNTIME');
    readers.start(pod.clientAddress);
    await until('the hand-made replica to be read', async () => (await readsOf(fixed)) > 100);
  }

  async function readsOf(name: string): Promise<number> {
    const [status] = await hosts.server(name)!.run("SHOW GLOBAL STATUS LIKE 'Com_select'");
    return Number(status?.['Value']);
  }

  function rowsOn(name: string): Promise<void> {
    const count = async () => {
      const [counted] = await hosts.server(name)!.run('SELECT count(*) AS n FROM shop.orders');
      return Number(counted?.['n']) === rows;
    };
    return until(`${name} to have every row`, count);
  }

  function alert(action: 'scale-out' | 'scale-in', state: 'open' | 'closed'): Promise<void> {
    const incident = { incidentId: `0.${action}`, group: groupName, action, state };
    return until('an alert to be taken', () =>
      postAlert(world.coordinator.http, incident, Date.now()).then(() => true),
    );
  }

  it('makes a replica that replicates, lets it in when it has caught up, and it is read', async () => {
    await alert('scale-out', 'open');
    const serving = await watcher.next(
      'a replica to serve',
      ({ kind, reason }) => kind === 'REPLICA_STATE' && reason === 'serving',
      deadlineMs,
    );
    replica = serving.subject;
    await rowsOn(replica);
    const { address } = world.cloudSql.instance(replica) ?? { address: '' };
    await until('the proxy to serve it', () => isOnline(address ?? ''));
    if (proxysql !== null) await until('it to be read', async () => (await readsOf(replica)) > 100);
    await alert('scale-out', 'closed');
  });

  it('takes nothing away while that replica lags, and leaves it in the proxy', async () => {
    world.cloudSql.setLag(replica, null);
    const isHeld = async () =>
      (await client.getGroup(groupName)).holds.some(
        ({ subject, reason }) => subject === replica && reason === 'LAGGING',
      );
    await until('the lag to be seen', isHeld);
    await alert('scale-in', 'open');
    await watcher.next(
      'the scale-in to be held',
      ({ kind, reason }) => kind === 'SCALING_DECISION' && reason === 'LAGGING',
      deadlineMs,
    );
    await pause(3000); // Longer than the cool-down, and three looks at a group at rest.
    const { replicas } = await client.getGroup(groupName);
    assert.deepEqual(
      replicas.map(({ name, state }) => [name, state]),
      [[replica, 'serving']],
    );
    const address = world.cloudSql.instance(replica)?.address ?? '';
    await until('it to be read, as before', () => isOnline(address));
  });

  it('takes it away when it has caught up', async () => {
    world.cloudSql.setLag(replica, 0);
    await until('the replica to be deleted', () => Promise.resolve(world.cloudSql.instance(replica) === null));
    await until('its record to go', async () => (await client.getGroup(groupName)).replicas.length === 0);
    assert.equal(hosts.server(replica), null, 'its server runs on');
    assert.notEqual(hosts.server(fixed), null);
  });

  it('did so without one failed read', { skip: noReads }, async (test) => {
    await readers.stop();
    assert.deepEqual(readers.failures, []);
    assert(readers.reads > 500, `only ${readers.reads} reads`);
    test.diagnostic(`${readers.reads} reads, none failed`);
  });

  async function isOnline(address: string): Promise<boolean> {
    const servers = (await world.pods[0]?.eye.runtimeServers()) ?? [];
    return servers.some(({ hostgroup, hostname, status }) => {
      return hostgroup === 10 && hostname === address && status === 'ONLINE';
    });
  }
});

async function until(what: string, isDone: () => Promise<boolean>): Promise<void> {
  const endMs = performance.now() + deadlineMs;
  while (!(await isDone().catch(() => false))) {
    assert(performance.now() < endMs, `waited ${deadlineMs / 1000} s for: ${what}`);
    await pause(50);
  }
}
