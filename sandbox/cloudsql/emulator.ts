// A local stand-in for the Cloud SQL Admin API (`/v1/…` and `/sql/v1beta4/…`) whose instances answer MySQL, each on its
// own 127.x.y.z; real MariaDB servers can stand behind them (`hosts`). Besides the API:
//
//   POST   /sandbox/faults   one fault, `times` times (once): {kind: 'httpError', call, status, reason?, message?,
//                            retryAfterSeconds?} ·
//                            {kind: 'dropAnswer', call} · {kind: 'delayAnswer', call, delayMs} ·
//                            {kind: 'operationFails', operationType, code, message?} · {kind: 'operationHangs', operationType} ·
//                            {kind: 'operationSlow', operationType, durationMs} ·
//                            {kind: 'listWarning', code?, message?, region?, hiddenNames?}; call is `instances.insert` and so on
//   GET, DELETE /sandbox/faults, /sandbox/calls   what is to come; how often each call came
//   POST   /sandbox/instances/{name}/lag          {seconds: whole number, or null for stopped replication}
//   POST   /sandbox/instances/{name}/server-ca    another certificate authority, as a rotation ends with
//
// What exists is decided by the model alone; after each change `#reconcile` opens and closes MySQL servers to match.
import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { type Clock, systemClock } from '../../process/clock.ts';
import { type Fault, FaultBook } from './faults.ts';
import { CallCounter, createHttpServer } from './http.ts';
import type { Instance, PrimarySeed } from './instance.ts';
import type { InstanceHosts } from './instance-hosts.ts';
import { CloudSqlModel, type ModelOptions } from './model.ts';
import { servingNames } from './model-state.ts';
import type { ServerView, Session } from './mysql-answers.ts';
import { MysqlHosts, type MysqlHostsOptions } from './mysql-hosts.ts';
import { addSandboxRoutes } from './sandbox-routes.ts';
import { createServerCa } from './server-ca.ts';
import { StateFile } from './state-file.ts';

export type CloudSqlEmulatorOptions = ModelOptions &
  Omit<MysqlHostsOptions, 'port'> & {
    readonly host: string;
    /** Of the HTTP server; 0 for any free one. */
    readonly port: number;
    readonly primaries: readonly PrimarySeed[];
    readonly mysqlPort: number;
    /** Where instances and operations are kept across restarts; null for nowhere. */
    readonly stateFile: string | null;
    readonly clock: Clock;
    /** Servers of another kind behind the instances, in place of those that only pretend. */
    readonly hosts: ((options: MysqlHostsOptions) => InstanceHosts) | null;
  };

const cloudSqlEmulatorDefaults: CloudSqlEmulatorOptions = {
  host: '127.0.0.1',
  port: 0,
  project: 'demo',
  primaries: [{ name: 'orders-primary', replicas: [{ name: 'orders-primary-static' }] }],
  createMs: 3000,
  deleteMs: 1000,
  patchMs: 500,
  operationPendingMs: 200,
  catchUpMs: 0,
  mysqlPort: 3306,
  addressPrefix: '127.20',
  users: { 'chester-gate': 'gate', app: 'app', monitor: 'monitor' },
  stateFile: null,
  clock: systemClock,
  hosts: null,
};

/** Starts an emulator; what is left out is as in `cloudSqlEmulatorDefaults`. @throws {Error} when a port is taken. */
export async function startCloudSqlEmulator(options: Partial<CloudSqlEmulatorOptions> = {}): Promise<CloudSqlEmulator> {
  const emulator = new CloudSqlEmulator({ ...cloudSqlEmulatorDefaults, ...options });
  try {
    await emulator.start();
  } catch (error) {
    await emulator.close();
    throw error;
  }
  return emulator;
}

/** A running emulator. */
export class CloudSqlEmulator {
  readonly #options: CloudSqlEmulatorOptions;
  readonly #model: CloudSqlModel;
  readonly #faults = new FaultBook();
  readonly #calls = new CallCounter();
  readonly #hosts: InstanceHosts;
  readonly #stateFile: StateFile;
  readonly #server: FastifyInstance;
  /** Opening and closing servers, by instance. */
  readonly #moving = new Map<string, Promise<void>>();
  readonly #onDeletion = new Set<(instance: Instance) => void>();
  #cancelTimer: () => void = () => undefined;
  #closing: Promise<void> | null = null;
  #address = '';

  constructor(options: CloudSqlEmulatorOptions) {
    this.#options = options;
    const { clock, project, users, addressPrefix, mysqlPort: port } = options;
    const servers = { port, addressPrefix, users };
    this.#stateFile = new StateFile(options.stateFile);
    const takeOperationFault = this.#faults.takeOperationFault.bind(this.#faults);
    const onDeletion = (instance: Instance): void => {
      for (const listener of this.#onDeletion) listener(instance);
    };
    const modelDeps = { newId: randomUUID, takeOperationFault, onDeletion };
    this.#model = new CloudSqlModel(modelDeps, options, this.#stateFile.read());
    const view = this.#view.bind(this);
    this.#hosts = options.hosts?.(servers) ?? new MysqlHosts({ clock, view }, servers);
    const settle = this.#settle.bind(this);
    const rotateServerCa = this.rotateServerCa.bind(this);
    const deps = { clock, model: this.#model, faults: this.#faults, calls: this.#calls, settle, rotateServerCa };
    this.#server = createHttpServer(deps, project);
    addSandboxRoutes(this.#server, deps);
  }

  /** Host and port of the HTTP server. */
  get address(): string {
    return this.#address;
  }

  /** Usable as googleapis' `rootUrl`. */
  get url(): string {
    return `http://${this.#address}/`;
  }

  async start(): Promise<void> {
    const { clock, host, port, primaries } = this.#options;
    for (const primary of primaries) this.#model.seed(primary, clock.nowMs());
    const opening = this.instances().filter(({ state }) => state !== 'FAILED');
    for (const instance of opening) {
      this.#model.assignAddress(instance.name, await this.#hosts.open(instance.name, instance.address));
      if (instance.serverCa === null) this.rotateServerCa(instance.name);
    }
    await this.#follow();
    await this.#server.listen({ host, port });
    const bound = this.#server.server.address();
    this.#address = `${host}:${typeof bound === 'object' && bound !== null ? bound.port : port}`;
    this.#settle();
  }

  /** Stops everything; can be called twice. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** The instances as the model has them now. */
  instances(): Instance[] {
    this.#model.advance(this.#options.clock.nowMs());
    return [...this.#model.state.instances.values()];
  }

  /** One instance; null when it does not exist. */
  instance(name: string): Instance | null {
    return this.instances().find((instance) => instance.name === name) ?? null;
  }

  /** Where an instance's MySQL answers; null while it does not. */
  mysqlAddress(name: string): { readonly host: string; readonly port: number } | null {
    const isServing = servingNames(this.#model.state).has(name);
    const address = this.instance(name)?.address ?? null;
    return isServing && address !== null ? { host: address, port: this.#options.mysqlPort } : null;
  }

  /** The clients logged in to an instance, unless its server is of another kind: that one knows them itself. */
  connections(name: string): Session[] {
    return this.#hosts.sessions(name);
  }

  /** Sets a replica's lag; null stops its replication. @throws {ApiError} when there is no such instance. */
  setLag(name: string, seconds: number | null): void {
    this.#model.setLag(name, seconds);
    this.#settle();
  }

  /** Gives an instance another certificate authority. @throws {ApiError} when there is no such instance. */
  rotateServerCa(name: string): void {
    this.#model.assignServerCa(name, createServerCa(name, this.#options.clock.nowMs()));
  }

  /** Makes the next create of a replica end with this error. */
  failNextCreate(code: string, message?: string): void {
    const said = message === undefined ? {} : { message };
    this.addFault({ kind: 'operationFails', operationType: 'CREATE_REPLICA', code, ...said });
  }

  /** Calls `listener` in the very moment in which the deletion of an instance begins. */
  watchDeletions(listener: (instance: Instance) => void): () => void {
    this.#onDeletion.add(listener);
    return () => {
      this.#onDeletion.delete(listener);
    };
  }

  addFault(fault: Fault): void {
    this.#faults.add(fault);
  }

  clearFaults(): void {
    this.#faults.clear();
  }

  /** How often each call of the API came in. */
  calls(): ReturnType<CallCounter['counts']> {
    return this.#calls.counts();
  }

  #settle(): void {
    if (this.#closing !== null) return;
    const { clock } = this.#options;
    this.#model.advance(clock.nowMs());
    this.#reconcile();
    this.#stateFile.write(this.#model.state);
    this.#cancelTimer();
    const atMs = this.#model.nextChangeMs();
    if (atMs === null) return;
    this.#cancelTimer = clock.setTimer(Math.max(1, atMs - clock.nowMs()), () => {
      this.#settle();
    });
  }

  #reconcile(): void {
    const { instances } = this.#model.state;
    const open = this.#hosts.names();
    const serving = servingNames(this.#model.state);
    for (const name of open) {
      if (!serving.has(name)) this.#hosts.cutSessions(name);
      if ((instances.get(name)?.state ?? 'FAILED') === 'FAILED') this.#move(name, () => this.#hosts.close(name));
    }
    for (const { name, state, address } of instances.values()) {
      if (state === 'PENDING_CREATE' && address === null && !open.includes(name))
        this.#move(name, () => this.#open(name));
    }
    void this.#follow();
  }

  /** Tells the servers whose replicas they are, and how far behind; they tell apart what is new. */
  async #follow(): Promise<void> {
    const { instances } = this.#model.state;
    const open = new Set(this.#hosts.names());
    const all = [...instances.values()].filter(({ name }) => open.has(name));
    for (const { name, primaryName, lagSeconds } of all) {
      const primaryAddress = instances.get(primaryName ?? '')?.address ?? null;
      const lag = lagSeconds === 'natural' ? 0 : lagSeconds;
      const replication = primaryAddress === null ? null : { primaryAddress, lagSeconds: lag };
      if (replication !== null || primaryName === null) await this.#hosts.follow?.(name, replication);
    }
  }

  /** Runs one opening or closing at a time for an instance, then looks again. */
  #move(name: string, work: () => Promise<void>): void {
    if (this.#moving.has(name)) return;
    const moving = work().finally(() => {
      this.#moving.delete(name);
      this.#settle();
    });
    this.#moving.set(name, moving);
  }

  async #open(name: string): Promise<void> {
    try {
      this.#model.assignAddress(name, await this.#hosts.open(name, null));
      await this.#follow();
      this.rotateServerCa(name);
    } catch (error) {
      this.#model.refuseAddress(name, error instanceof Error ? error.message : String(error));
    }
  }

  #view(name: string, sessions: readonly Session[]): ServerView | null {
    const { instances } = this.#model.state;
    const instance = instances.get(name);
    if (instance === undefined || !servingNames(this.#model.state).has(name)) return null;
    const nowMs = this.#options.clock.nowMs();
    return {
      name,
      databaseVersion: instance.databaseVersion,
      primaryAddress: instances.get(instance.primaryName ?? '')?.address ?? null,
      isReplica: instance.primaryName !== null,
      lagSeconds: this.#model.lagSeconds(name, nowMs),
      serverId: instance.address?.split('.').reduce((sum, part) => sum * 256 + Number(part), 0) ?? 0,
      port: this.#options.mysqlPort,
      sessions,
      nowMs,
    };
  }

  async #close(): Promise<void> {
    this.#cancelTimer();
    await this.#server.close();
    await Promise.all(this.#moving.values());
    await this.#hosts.closeAll();
  }
}
