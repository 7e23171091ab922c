/**
 * A ProxySQL admin interface without ProxySQL: the same SQL over the same protocol, held to recordings of a real 2.7.1.
 * It routes no queries; what traffic would change (connections in use, shuns, clients) is set through the handle.
 * A statement can end it, as it ends the real one: `;` alone is a crash, PROXYSQL SHUTDOWN and KILL a shutdown. Then
 * nothing listens, every connection is cut, and the handle emits 'crash' or 'shutdown'; `restart()` brings it back.
 */
import { EventEmitter } from 'node:events';

import { type Clock, systemClock } from '../../process/clock.ts';
import type { SqlRow } from './admin-database.ts';
import { AdminEngine, type EngineOptions, type ExitCause } from './admin-engine.ts';
import { AdminServer } from './admin-server.ts';
import type { ClientSession } from './client-sessions.ts';
import type { ConfiguredServer } from './config-layers.ts';
import type { ServerCounters, ServerSelector } from './hostgroups.ts';
import { Monitor } from './monitor.ts';
import { newestVersion, type ProxySqlVersion } from './versions.ts';

export type ProxySqlEmulatorOptions = {
  readonly host?: string;
  /** 0 for any free port. */
  readonly port: number;
  /** The disk database; null keeps it in memory, where it outlives a restart but not the emulator. */
  readonly dataFile?: string | null;
  /** The release that it pretends to be: tables, columns and checksums that came later are missing. */
  readonly version?: ProxySqlVersion;
  /** Admin accounts, admin/admin and radmin/radmin when left out. A disk database that has others wins. */
  readonly credentials?: readonly { readonly user: string; readonly password: string }[];
  /** Whether LOAD MYSQL SERVERS TO RUNTIME takes as long as the real one. */
  readonly loadCost?: 'real' | 'none';
  /** Whether `mysql-monitor_enabled` starts as true. */
  readonly monitor?: boolean;
  /** Whether a shun ends once pings succeed for `mysql-shun_recovery_time_sec`, as it does under traffic. */
  readonly recovers?: boolean;
  /** Servers of the configuration file: read when the disk database is new, and by LOAD MYSQL SERVERS FROM CONFIG. */
  readonly configuredServers?: readonly ConfiguredServer[];
  readonly clock?: Clock;
};

/** Starts an emulated ProxySQL and waits until its admin port answers. */
export async function startProxySqlEmulator(options: ProxySqlEmulatorOptions): Promise<ProxySqlEmulator> {
  const emulator = new ProxySqlEmulator(options);
  await emulator.restart();
  return emulator;
}

/** A running emulator. Its knobs throw when the server that they name does not run. */
export class ProxySqlEmulator extends EventEmitter<{ crash: []; shutdown: [] }> {
  readonly #options: ProxySqlEmulatorOptions;
  readonly #host: string;
  #port: number;
  #engine: AdminEngine | null = null;
  #server: AdminServer | null = null;
  #monitor: Monitor | null = null;
  /** What the disk database held, while it has no file and nothing runs. */
  #disk: ReadonlyMap<string, readonly SqlRow[]> | null = null;

  constructor(options: ProxySqlEmulatorOptions) {
    super();
    this.#options = options;
    this.#host = options.host ?? '127.0.0.1';
    this.#port = options.port;
  }

  get port(): number {
    return this.#port;
  }

  /** The admin interface as `host:port`. */
  get address(): string {
    return `${this.#host}:${this.#port}`;
  }

  /** Kills the process as SIGKILL does, if it runs, and starts it on the same disk database and port. */
  async restart(): Promise<void> {
    await this.#stop();
    await this.#start();
  }

  /** Ends the emulator for good. */
  async close(): Promise<void> {
    await this.#stop();
    this.#disk = null;
  }

  /** How many statements since the start were no mere look. */
  get changingStatements(): number {
    return this.#running().changingStatements;
  }

  /** Sets what the connection pool counts for a server. */
  setConnections({ hostgroup, hostname, port, ...counters }: Required<ServerSelector> & ServerCounters): void {
    this.#running().layers.hostgroups.count({ hostgroup, hostname, port }, counters);
  }

  /** Shuns a server, in every hostgroup unless one is named, until the next LOAD (a lag shun stays over LOADs). */
  shun(server: ServerSelector, cause: 'errors' | 'replicationLag' = 'errors'): void {
    this.#running().layers.hostgroups.shun(server, cause);
  }

  /** Ends a shun, as traffic would. */
  unshun(server: ServerSelector): void {
    this.#running().layers.hostgroups.unshun(server);
  }

  /** Sets `Client_Connections_connected`: clients of the proxy, not of its admin interface. */
  setClientConnections(count: number): void {
    this.#running().clientConnections = count;
  }

  /** Sets the list of client sessions. KILL CONNECTION ends one, and with it the connection that it uses. */
  setSessions(sessions: readonly ClientSession[]): void {
    this.#running().sessions = sessions;
  }

  /**
   * Has the next SAVE MYSQL SERVERS TO DISK killed after its first write, as 3 of 50 were: the servers on disk are gone.
   * Emits 'crash'.
   */
  dieInNextSave(): void {
    this.#running().diesInNextSave = true;
  }

  /** Adds a row to `monitor.mysql_server_replication_lag_log`; a lag of null is a server that is no replica. */
  logReplicationLag(server: { readonly hostname: string; readonly port: number }, lagSeconds: number | null): void {
    const startedMicros = this.#clock().nowMs() * 1000;
    this.#running().db.run(
      'REPLACE INTO monitor.mysql_server_replication_lag_log VALUES (?, ?, ?, ?, ?, NULL)',
      ...[server.hostname, server.port, startedMicros, 500, lagSeconds],
    );
  }

  async #start(previous?: EngineOptions['previous']): Promise<void> {
    const accounts = this.#options.credentials ?? ['admin', 'radmin'].map((name) => ({ user: name, password: name }));
    const engine = new AdminEngine({
      version: this.#options.version ?? newestVersion,
      dataFile: this.#options.dataFile ?? null,
      loadCost: this.#options.loadCost ?? 'real',
      clock: this.#clock(),
      startVariables: {
        'admin-admin_credentials': accounts.map(({ user, password }) => `${user}:${password}`).join(';'),
        'admin-mysql_ifaces': this.address,
        'mysql-monitor_enabled': String(this.#options.monitor ?? false),
      },
      configuredServers: this.#options.configuredServers ?? [],
      onExit: (cause) => {
        void this.#exit(cause);
      },
      ...(this.#disk === null ? {} : { diskRows: this.#disk }),
      ...(previous === undefined ? {} : { previous }),
    });
    this.#engine = engine;
    this.#monitor = new Monitor(engine, this.#clock(), this.#options.recovers ?? false);
    this.#server = new AdminServer({
      passwordOf: (user) => engine.passwordOf(user),
      execute: (sql, login) => engine.execute(sql, login),
    });
    this.#port = await this.#server.listen(this.#port, this.#host);
    this.#monitor.start();
  }

  async #stop(): Promise<void> {
    const [server, engine] = [this.#server, this.#engine];
    this.#monitor?.stop();
    this.#server = this.#engine = this.#monitor = null;
    await server?.close();
    if (engine === null) return;
    if ((this.#options.dataFile ?? null) === null) this.#disk = engine.db.diskRows();
    engine.close();
  }

  async #exit(cause: ExitCause): Promise<void> {
    const engine = this.#engine;
    await this.#stop();
    if (cause !== 'restart') this.emit(cause);
    else if (engine !== null) await this.#start({ startedMs: engine.startedMs, checksums: engine.layers.checksums });
  }

  #running(): AdminEngine {
    if (this.#engine === null) throw new Error('the emulator does not run');
    return this.#engine;
  }

  #clock(): Clock {
    return this.#options.clock ?? systemClock;
  }
}
