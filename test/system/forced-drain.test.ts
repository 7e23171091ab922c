import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { type Connection, createConnection } from 'mysql2/promise';
import type { AdminClient } from '../../sandbox/demo/admin-client.ts';
import { postAlert } from '../../sandbox/demo/alerts.ts';
import { monitorVariables } from '../../sandbox/demo/story.ts';
import { EventWatcher } from '../../sandbox/demo/watcher.ts';
import { World } from '../../sandbox/demo/world.ts';
import { mariadbHosts } from '../../sandbox/mariadb/mariadb-hosts.ts';
import { findMariadb } from '../../sandbox/mariadb/mariadb-server.ts';
import { findProxySql } from '../../sandbox/proxysql/real-proxysql.ts';
import { bundledProgram } from '../bundled-program.ts';
import { run } from '../cli/run.ts';

const deadlineMs = 120_000;
const proxysql = await findProxySql(process.env);
const missing =
  (proxysql === null && 'install proxysql 2.7, or set PROXYSQL_BIN to its path') ||
  (findMariadb() === null && 'install mariadb-server');

/** A client in a transaction. */
type Held = { readonly client: Connection; readonly server: string; readonly lost: string[] };

/** A real ProxySQL, real databases, and a transaction that stays open on the replica that is to go. */
describe('a replica that a session is pinned to past the deadline', { skip: missing, timeout: 600_000 }, () => {
  let world: World;
  let client: AdminClient;
  let watcher: EventWatcher;
  let replica = { name: '', address: '' };
  const held: Held[] = [];

  before(async () => {
    const hosts = mariadbHosts(3);
    world = new World({
      program: bundledProgram,
      proxysql,
      proxies: 1,
      cloudSql: { createMs: 500, deleteMs: 500, addressPrefix: '127.68', hosts },
    });
    await world.start();
    client = world.adminClient();
    const fixed = world.cloudSql.mysqlAddress('orders-primary-static');
    assert(fixed !== null);
    await client.putFleet(world.fleet, monitorVariables);
    await client.putGroup({
      ...{ name: 'orders', fleet: world.fleet, project: world.project, primary: 'orders-primary', port: fixed.port },
      ...{ writerHostgroup: 5, readerHostgroup: 10 },
      staticReaders: [{ hostname: fixed.host, port: fixed.port }],
      policy: { replicasMin: 0, replicasMax: 1, scaleInCooldownSeconds: 1 },
      gate: { username: 'chester-gate', passwordSecret: 'gate', samples: 2, lagSecondsMax: 60 },
      deadlines: { drainSeconds: 1 },
      agents: { slowStart: { durationSeconds: 0 } },
    });
    watcher = new EventWatcher(client, 'orders');
    await alert('scale-out', 'open');
    const serving = await watcher.next('a replica to serve', ({ reason }) => reason === 'serving', deadlineMs);
    replica = { name: serving.subject, address: world.cloudSql.instance(serving.subject)?.address ?? '' };
    await alert('scale-out', 'closed');
    await until('the proxy to read from it', async () =>
      (await eye().runtimeServers()).some(
        ({ hostname, status }) => hostname === replica.address && status === 'ONLINE',
      ),
    );
    for (const sql of [
      "INSERT INTO mysql_users (username, password, default_hostgroup) VALUES ('app', 'app', 10)",
      'LOAD MYSQL USERS TO RUNTIME',
    ]) {
      await eye().execute(sql);
    }
    await hold(replica.address);
    await hold(fixed.host);
  });

  after(async () => {
    for (const one of held) one.client.destroy();
    watcher.close();
    client.close();
    await world.stop();
  });

  it('is held and told of, as long as it takes', async () => {
    await alert('scale-in', 'open');
    await watcher.next('the alarm', ({ reason }) => reason === 'DRAIN_OVERDUE', deadlineMs);
    await pause(2000);
    await assertHeld();
  });

  it('is held by an agent that cannot be reached, forced or not', async () => {
    world.pods[0]?.agent.signal('SIGSTOP');
    const env = { CHESTER_COORDINATOR: world.coordinator.grpc, USER: 'ada' };
    const forced = await run(['drain', 'orders', replica.name, '--force', '--reason', 'it hangs'], { env });
    assert.equal(forced.exitCode, 0, forced.stderr);
    await pause(3000);
    await assertHeld();
  });

  it('goes when that agent has ended the session that holds it, and no other', async () => {
    world.pods[0]?.agent.signal('SIGCONT');
    await until('it to be deleted', () => Promise.resolve(world.cloudSql.instance(replica.name) === null));
    assert.equal(await eye().knows(replica.address), false);
    const [gone, other] = held;
    await until('the client to notice', () => Promise.resolve(gone?.lost.length === 1));
    await other?.client.query('SELECT 1');
    assert.deepEqual(other?.lost, []);
  });

  const eye = () => world.pods[0]!.eye;

  /** It is there, in use, and nobody has proven it gone. */
  async function assertHeld(): Promise<void> {
    assert.equal(world.cloudSql.instance(replica.name)?.state, 'RUNNABLE');
    assert.equal(await eye().knows(replica.address), true);
    for (const one of held) await one.client.query('SELECT 1');
    const { holds } = await client.getGroup('orders');
    assert(
      holds.some(({ subject, reason }) => subject === replica.name && reason === 'DRAIN_OVERDUE'),
      JSON.stringify(holds),
    );
  }

  /** Opens transactions until one is on that server. */
  async function hold(server: string): Promise<void> {
    const [host = '', port = ''] = (world.pods[0]?.clientAddress ?? '').split(':');
    await until(`a transaction on ${server}`, async () => {
      const one = await createConnection({ host, port: Number(port), user: 'app', password: 'app' });
      const lost: string[] = [];
      one.on('error', ({ code }: NodeJS.ErrnoException) => lost.push(code ?? ''));
      const before = await usedOn(server);
      await one.query('BEGIN');
      await one.query('SELECT 1');
      if ((await usedOn(server)) > before) {
        held.push({ client: one, server, lost });
        return true;
      }
      one.destroy();
      return false;
    });
  }

  async function usedOn(server: string): Promise<number> {
    const sql = `SELECT ConnUsed FROM stats_mysql_connection_pool WHERE hostgroup = 10 AND srv_host = '${server}'`;
    return Number((await eye().select(sql))[0]?.[0] ?? 0);
  }

  function alert(action: 'scale-out' | 'scale-in', state: 'open' | 'closed'): Promise<void> {
    const incident = { incidentId: `0.${action}`, group: 'orders', action, state };
    return until('an alert to be taken', () =>
      postAlert(world.coordinator.http, incident, Date.now()).then(() => true),
    );
  }
});

async function until(what: string, isDone: () => Promise<boolean>): Promise<void> {
  const endMs = performance.now() + deadlineMs;
  while (!(await isDone().catch(() => false))) {
    assert(performance.now() < endMs, `waited in vain for ${what}`);
    await pause(50);
  }
}
