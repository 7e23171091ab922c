import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { GroupPolicy } from '../../proto/gen/chester/v1/GroupPolicy.ts';
import type { LeavingServer } from '../../proto/gen/chester/v1/LeavingServer.ts';
import type { Server } from '../../proto/gen/chester/v1/Server.ts';
import { Child } from '../../sandbox/demo/child.ts';
import { findProxySql, startRealProxySql } from '../../sandbox/proxysql/real-proxysql.ts';
import { AdminClient } from '../agent/fakes/admin-client.ts';
import { type AgentCall, TestCoordinator } from '../agent/fakes/coordinator.ts';
import { server } from '../agent/fakes/updates.ts';
import { freePort } from '../contract/proxysql-admin/targets.ts';
import { findMariadbd, Mariadb } from './mariadb.ts';

/** The hostgroups of the group `orders`. */
const hostgroups = { writerHostgroup: 10, readerHostgroup: 20 };

/** What is missing for real traffic on this machine, in words; null when nothing is. */
export async function findMissing(): Promise<string | null> {
  const proxysql = await findProxySql(process.env);
  if (proxysql === null) return 'install proxysql 2.7, or set PROXYSQL_BIN to its path';
  return findMariadbd() === null ? 'install mariadb-server' : null;
}

/** A real ProxySQL with an agent before three MariaDB servers, and a coordinator that says what it is told to. */
export class RealStack {
  readonly clientPort: number;
  /** Somebody else on the admin port. */
  readonly person: AdminClient;
  readonly call: AgentCall;
  readonly writer: Server;
  readonly readers: readonly [Server, Server];
  readonly #ends: (() => unknown)[];
  #revision = 0;

  private constructor(
    parts: Pick<RealStack, 'clientPort' | 'person' | 'call'>,
    databases: readonly Mariadb[],
    ends: (() => unknown)[],
  ) {
    ({ clientPort: this.clientPort, person: this.person, call: this.call } = parts);
    const [writer, readerA, readerB] = databases.map(({ port }, index) =>
      server(index === 0 ? 10 : 20, '127.0.0.1', { port }),
    );
    if (writer === undefined || readerA === undefined || readerB === undefined) throw new Error('three databases');
    this.writer = writer;
    this.readers = [readerA, readerB];
    this.#ends = ends;
  }

  /** Starts everything; the agent serves nothing yet. `statements` run on every database. */
  static async start(statements: readonly string[] = []): Promise<RealStack> {
    const ends: (() => unknown)[] = [];
    try {
      return await startParts(statements, ends, (parts, databases) => new RealStack(parts, databases, ends));
    } catch (error) {
      await endAll(ends);
      throw error;
    }
  }

  /** Sends the next revision of the group: these readers, and these that have to go. Returns its number. */
  send(readers: readonly Server[], gone: readonly Server[] = [], policy: GroupPolicy = {}): number {
    this.#revision += 1;
    const revision = this.#revision;
    const leaving: LeavingServer[] = gone.map(({ hostname = '', port = 0 }) => ({
      ...{ hostname, port },
      sinceRevision: revision,
    }));
    const snapshot = { group: 'orders', ...hostgroups, servers: [this.writer, ...readers], leaving, policy };
    this.call.send({ update: { nonce: `n${revision}`, group: 'orders', revision, hash: `h${revision}`, snapshot } });
    return revision;
  }

  /** Ends all that was started, the last one first. */
  async close(): Promise<void> {
    await endAll(this.#ends);
  }
}

async function endAll(ends: (() => unknown)[]): Promise<void> {
  for (const end of ends.splice(0).reverse()) await end();
}

async function startParts(
  statements: readonly string[],
  ends: (() => unknown)[],
  build: (parts: Pick<RealStack, 'clientPort' | 'person' | 'call'>, databases: readonly Mariadb[]) => RealStack,
): Promise<RealStack> {
  const proxysql = await findProxySql(process.env);
  if (proxysql === null) throw new Error('no proxysql');
  const databases: Mariadb[] = [];
  for (let count = 0; count < 3; count += 1) {
    const database = await Mariadb.start(statements);
    ends.push(() => database.close());
    databases.push(database);
  }
  const [adminPort, clientPort] = [await freePort(), await freePort()];
  const mysqlVariables = { monitor_username: 'monitor', monitor_password: 'monitor' };
  const proxy = await startRealProxySql({ bin: proxysql.bin, adminPort, clientPort, monitor: true, mysqlVariables });
  ends.push(() => proxy.close());
  const person = await AdminClient.connect(adminPort);
  ends.push(() => {
    person.close();
  });
  const coordinator = new TestCoordinator();
  const coordinatorPort = await coordinator.start();
  ends.push(() => {
    coordinator.stop();
  });
  const folder = await mkdtemp(path.join(tmpdir(), 'chester-real-'));
  ends.push(() => rm(folder, { recursive: true, force: true }));
  const agent = startAgent(folder, { adminPort, coordinatorPort });
  ends.push(() => agent.stop());
  const call = await coordinator.call(0);
  await call.next((message) => message.hello);
  call.send({ welcome: { coordinatorId: 'c', epoch: 1, reportIntervalMs: 1000, applyDeadlineMs: 10_000 } });
  call.send({ syncDone: {} });
  return build({ clientPort, person, call }, databases);
}

function startAgent(stateDir: string, ports: { readonly adminPort: number; readonly coordinatorPort: number }): Child {
  return Child.start({
    args: ['agent'],
    logFile: path.join(stateDir, 'agent.log'),
    env: {
      COORDINATOR_ADDRESS: `127.0.0.1:${ports.coordinatorPort}`,
      CHESTER_FLEET: 'shop',
      AGENT_ID: 'proxy-0',
      STATE_DIR: stateDir,
      PROXYSQL_ADMIN_PORT: String(ports.adminPort),
      PROXYSQL_ADMIN_USER: 'radmin',
      PROXYSQL_ADMIN_PASSWORD: 'radmin',
      LOAD_INTERVAL_MS: '0',
      HTTP_PORT: '0',
    },
  });
}
