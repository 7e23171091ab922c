import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type CloudSqlEmulator, type CloudSqlEmulatorOptions, startCloudSqlEmulator } from '../cloudsql/emulator.ts';
import { type ProxySqlBinary, startRealProxySql } from '../proxysql/real-proxysql.ts';
import { AdminClient } from './admin-client.ts';
import { Child, type ChildOptions } from './child.ts';
import { ProxyEye } from './proxy-eye.ts';

export type WorldOptions = {
  /** Null: the emulator. */
  readonly proxysql: ProxySqlBinary | null;
  readonly proxies: number;
  readonly cloudSql?: Partial<CloudSqlEmulatorOptions>;
  /** Runs the agents in place of `chester agent`. */
  readonly agentProgram?: string;
  /** In place of `chester` as it is compiled: a bundle of it starts in half the time. */
  readonly program?: string | undefined;
  /** More of every agent's environment. */
  readonly agentEnv?: Readonly<Record<string, string>>;
  /** Runs the coordinator in place of `chester coordinator`. */
  readonly coordinatorProgram?: string;
  /** Of the coordinator's environment, in place of short intervals. */
  readonly coordinatorEnv?: Readonly<Record<string, string>>;
};

/** A proxy and the agent beside it. */
export type ProxyPod = {
  readonly name: string;
  readonly adminAddress: string;
  /** Where clients connect; null for the emulator, which takes none. */
  readonly clientAddress: string | null;
  readonly eye: ProxyEye;
  readonly proxy: Killable;
  agent: Child;
};

/** A process that can be killed as a crash would, and started again on what it has on disk. */
type Killable = { readonly kill: () => Promise<void>; readonly start: () => Promise<void> };

type Proxy = Omit<ProxyPod, 'agent' | 'name'>;

const startsAtOnce = 3;

/** Intervals short enough to watch; production has the defaults of `chester coordinator --help`. */
const hurried = {
  POLL_INTERVAL_MS: '250',
  IDLE_INTERVAL_MS: '1000',
  SAMPLE_INTERVAL_MS: '200',
  REPORT_INTERVAL_MS: '1000',
};

/**
 * A whole installation on this machine: the Cloud SQL emulator, a coordinator with its embedded store, and proxies
 * with an agent each, every one a process of its own. `stop` ends all of them and deletes what they wrote.
 */
export class World {
  readonly folder: string;
  readonly project = 'demo';
  readonly fleet = 'main';
  readonly pods: ProxyPod[] = [];
  readonly #options: WorldOptions;
  readonly #children: Child[] = [];
  readonly #real: Awaited<ReturnType<typeof startRealProxySql>>[] = [];
  #cloudSql: CloudSqlEmulator | null = null;
  #coordinator: { readonly child: Child; readonly http: string; readonly grpc: string } | null = null;
  #stopping: Promise<void> | null = null;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.folder = mkdtempSync(path.join(tmpdir(), 'chester-demo-'));
  }

  /** Starts everything. What was started stays for `stop` when a part of it fails. */
  async start(): Promise<void> {
    this.#cloudSql = await startCloudSql(this.#options.cloudSql ?? {});
    await this.startCoordinator();
    const names = Array.from({ length: this.#options.proxies }, (_, index) => `proxysql-${index}`);
    // A real proxy makes keys when it starts: more than a few at once take a small machine too long.
    for (let first = 0; first < names.length; first += startsAtOnce) {
      const batch = names.slice(first, first + startsAtOnce);
      this.pods.push(...(await Promise.all(batch.map((name) => this.#startPod(name)))));
    }
  }

  get cloudSql(): CloudSqlEmulator {
    if (this.#cloudSql === null) throw new Error('the world is not started');
    return this.#cloudSql;
  }

  /** The coordinator's addresses; the same after a restart. */
  get coordinator(): { readonly http: string; readonly grpc: string } {
    if (this.#coordinator === null) throw new Error('no coordinator was started');
    return this.#coordinator;
  }

  /** A new client of the coordinator's administration. */
  adminClient(): AdminClient {
    return new AdminClient(this.coordinator.grpc);
  }

  /** Starts the coordinator on its store, at the ports that it had before. */
  async startCoordinator(): Promise<void> {
    const before = this.#coordinator;
    const { coordinatorProgram } = this.#options;
    const child = this.#spawn({
      ...(coordinatorProgram === undefined ? { args: ['coordinator'] } : { program: coordinatorProgram, args: [] }),
      logFile: this.logFile('coordinator'),
      env: {
        ...hurried,
        STATE_FILE: path.join(this.folder, 'coordinator', 'store.sqlite'),
        HTTP_PORT: before === null ? '0' : portOf(before.http),
        GRPC_PORT: before === null ? '0' : portOf(before.grpc),
        CLOUDSQL_ROOT_URL: this.cloudSql.url,
        CHESTER_SECRET_GATE: 'gate',
        ...this.#options.coordinatorEnv,
      },
    });
    const ready = await child.ready();
    this.#coordinator = { child, http: ready['http'] ?? '', grpc: ready['grpc'] ?? '' };
  }

  /** Kills the coordinator as a crash would. */
  async killCoordinator(): Promise<void> {
    await this.#coordinator?.child.kill();
  }

  /** Sends the coordinator a signal. */
  signalCoordinator(signal: NodeJS.Signals): void {
    this.#coordinator?.child.signal(signal);
  }

  /** Starts the agent of a pod again, on what its last one kept. */
  startAgent(pod: ProxyPod): void {
    pod.agent = this.#spawnAgent(pod.name, pod.adminAddress);
  }

  logFile(name: string): string {
    return path.join(this.folder, `${name}.log`);
  }

  /** Stops everything that was started, and deletes what it wrote unless its logs are to be kept. Can be called twice. */
  async stop({ keepLogs = false } = {}): Promise<void> {
    this.#stopping ??= this.#stopAll();
    await this.#stopping;
    if (!keepLogs) rmSync(this.folder, { recursive: true, force: true });
  }

  /** Kills everything at once and deletes what it wrote, for those who do not wait for `stop`. */
  abandon(): void {
    for (const child of this.#children) child.signal('SIGKILL');
    for (const { pid } of this.#real) if (pid !== null) process.kill(pid, 'SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #startPod(name: string): Promise<ProxyPod> {
    const proxy = await this.#startProxy(name);
    return { ...proxy, name, agent: this.#spawnAgent(name, proxy.adminAddress) };
  }

  #spawnAgent(name: string, adminAddress: string): Child {
    const { agentProgram } = this.#options;
    const stateDir = path.join(this.folder, name);
    mkdirSync(stateDir, { recursive: true });
    return this.#spawn({
      ...(agentProgram === undefined ? { args: ['agent'] } : { program: agentProgram, args: [] }),
      logFile: this.logFile(`agent-${name}`),
      env: {
        COORDINATOR_ADDRESS: this.coordinator.grpc,
        CHESTER_FLEET: this.fleet,
        AGENT_ID: name,
        STATE_DIR: stateDir,
        PROXYSQL_ADMIN_PORT: portOf(adminAddress),
        PROXYSQL_ADMIN_USER: 'radmin',
        PROXYSQL_ADMIN_PASSWORD: 'radmin',
        HTTP_PORT: '0',
        ...this.#options.agentEnv,
      },
    });
  }

  #startProxy(name: string): Promise<Proxy> {
    const { proxysql } = this.#options;
    return proxysql === null ? this.#startEmulator(name) : this.#startReal(proxysql.bin);
  }

  async #startEmulator(name: string): Promise<Proxy> {
    const spawn = async (port: string) => {
      const args = ['sandbox', 'proxysql', '--port', port];
      const env = { SANDBOX_PROXYSQL_DATA_FILE: path.join(this.folder, `${name}.db`) };
      const child = this.#spawn({ args, env, logFile: this.logFile(name) });
      return { child, adminAddress: (await child.ready())['address'] ?? '' };
    };
    let { child, adminAddress } = await spawn('0');
    const proxy = {
      kill: () => child.kill(),
      start: async () => {
        ({ child, adminAddress } = await spawn(portOf(adminAddress)));
      },
    };
    return { adminAddress, clientAddress: null, eye: new ProxyEye(adminAddress), proxy };
  }

  async #startReal(bin: string): Promise<Proxy> {
    const [adminPort, clientPort] = await Promise.all([freePort(), freePort()]);
    const mysqlVariables = { monitor_username: 'monitor', monitor_password: 'monitor' };
    const real = await startRealProxySql({ bin, adminPort, clientPort, monitor: true, mysqlVariables });
    this.#real.push(real);
    if (this.#stopping !== null) await real.close();
    const eye = new ProxyEye(real.address);
    return { adminAddress: real.address, clientAddress: `127.0.0.1:${clientPort}`, eye, proxy: real };
  }

  /** Starts a process that will not outlive this world, also when it is stopped at this very moment. */
  #spawn(options: ChildOptions): Child {
    if (this.#stopping !== null) throw new Error('everything is being stopped');
    const { program } = this.#options;
    const child = Child.start(program === undefined ? options : { program, ...options });
    this.#children.push(child);
    return child;
  }

  /** In reverse: agents before their proxies, and the coordinator before Cloud SQL. */
  async #stopAll(): Promise<void> {
    await Promise.all(this.pods.map(({ eye }) => eye.close()));
    for (const child of [...this.#children].reverse()) await child.stop();
    await Promise.all(this.#real.map((real) => real.close()));
    await this.#cloudSql?.close();
  }
}

/**
 * On a port that no other world on this machine has, unless one is named and free: another world could take an address
 * over that a proxy of this one still knows.
 */
async function startCloudSql(options: Partial<CloudSqlEmulatorOptions>): Promise<CloudSqlEmulator> {
  if (options.mysqlPort !== undefined) {
    try {
      return await startCloudSqlEmulator(options);
    } catch {
      // It is taken.
    }
  }
  return startCloudSqlEmulator({ ...options, mysqlPort: await freePort() });
}

function portOf(address: string): string {
  return address.slice(address.lastIndexOf(':') + 1);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
  });
}
