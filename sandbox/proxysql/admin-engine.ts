import { type Clock, systemClock } from '../../process/clock.ts';
import { adminError, AdminDatabase, type SqlRow } from './admin-database.ts';
import { type AdminStatement, parseStatement, squeeze } from './admin-statement.ts';
import { Checksums, tableChecksum } from './checksums.ts';
import { type ClientSession, heldConnections } from './client-sessions.ts';
import { ConfigLayers, type ConfiguredServer } from './config-layers.ts';
import { loadCostMs, waitOutCost } from './load-cost.ts';
import { Mutex } from './mutex.ts';
import type { Reply } from './packets.ts';
import { refreshStatsTables } from './stats-tables.ts';
import { variableDefaults } from './variable-defaults.ts';
import type { ProxySqlVersion } from './versions.ts';

/** How a statement ended the process: `;` alone kills a real ProxySQL with SIGSEGV. */
export type ExitCause = 'crash' | 'shutdown' | 'restart';

export type EngineOptions = {
  readonly version: ProxySqlVersion;
  readonly dataFile: string | null;
  /** `none` answers a LOAD at once; a clock that stands still needs it. */
  readonly loadCost: 'real' | 'none';
  readonly clock?: Clock;
  readonly startVariables: Readonly<Record<string, string>>;
  readonly configuredServers: readonly ConfiguredServer[];
  readonly onExit: (cause: ExitCause) => void;
  /** What a disk database without a file held before, by table. */
  readonly diskRows?: ReadonlyMap<string, readonly SqlRow[]>;
  /** What a PROXYSQL RESTART keeps of the process before it. */
  readonly previous?: { readonly startedMs: number; readonly checksums: Checksums };
};

/** Who is logged in, and from where. */
export type AdminLogin = { readonly user: string; readonly address: string };

type Contents = { readonly db: AdminDatabase; readonly layers: ConfigLayers };

const ok = { kind: 'ok', affectedRows: 0, info: '' } as const;

/** Answers admin statements of all sessions, one at a time, on one database: a ProxySQL process without its network. */
export class AdminEngine {
  readonly startedMs: number;
  /** Counted by clients of the proxy, of which the emulator has none: set by tests. */
  clientConnections = 0;
  sessions: readonly ClientSession[] = [];
  /** Statements that were no mere look: every one that does not begin as reads do. */
  changingStatements = 0;
  /** Whether the next SAVE MYSQL SERVERS TO DISK is the last thing that the process does. */
  diesInNextSave = false;
  readonly #options: EngineOptions;
  readonly #versionText: string;
  readonly #clock: Clock;
  readonly #mutex = new Mutex();
  #contents: Contents;
  #isPaused = false;
  /** Between PROXYSQL STOP and START only the admin interface runs. */
  #isStopped = false;
  #isClosed = false;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.startedMs = options.previous?.startedMs ?? this.#clock.monotonicMs();
    this.#versionText = `${options.version}-emulator`;
    const checksums = options.previous?.checksums ?? new Checksums(this.#clock, options.version);
    this.#contents = this.#boot(checksums, options.diskRows);
    this.layers.bootTraffic();
  }

  get db(): AdminDatabase {
    return this.#contents.db;
  }

  get layers(): ConfigLayers {
    return this.#contents.layers;
  }

  /** Resolves to null when the statement ended the process instead of being answered. */
  execute(sql: string, login: AdminLogin): Promise<Reply | null> {
    if (!/^\s*(?:SELECT|CHECKSUM|SHOW)\b/i.test(sql)) this.changingStatements += 1;
    return this.#mutex.run(async () => {
      try {
        return await this.#answer(sql, login);
      } catch (error) {
        // A client can get in the way of our own SQL too: by a trigger, a dropped table, a lock on the disk database.
        return adminError(error instanceof Error ? error.message : String(error));
      }
    });
  }

  /** Drops memory and runtime. Statements that still wait are never answered. */
  close(): void {
    this.#isClosed = true;
    this.db.close();
  }

  /** The password of an admin account, or null: no such account, or a client account has its name. */
  passwordOf(user: string): string | null {
    if (this.layers.hasUser(user)) return null;
    const accounts = this.layers.variables.get('admin-admin_credentials').split(';');
    const account = accounts.map((text) => text.split(':')).find(([name]) => name === user);
    return account?.[1] ?? null;
  }

  #boot(checksums: Checksums, diskRows: EngineOptions['diskRows']): Contents {
    const { dataFile, version, loadCost, configuredServers, startVariables } = this.#options;
    const db = new AdminDatabase({ dataFile, version, isSynced: loadCost === 'real' });
    if (diskRows !== undefined) db.restoreDisk(diskRows);
    const layers = new ConfigLayers(db, configuredServers, checksums);
    layers.boot({ 'admin-version': this.#versionText, ...startVariables });
    return { db, layers };
  }

  async #answer(sql: string, login: AdminLogin): Promise<Reply | null> {
    if (this.#isClosed) return null;
    const text = squeeze(sql);
    this.layers.refreshRuntimeTables(text);
    refreshStatsTables(this.db, text, {
      hostgroups: this.layers.hostgroups,
      sessions: this.sessions,
      isExtended: this.layers.variables.get('mysql-show_processlist_extended') !== '0',
      globalStatus: () => this.#globalStatus(),
    });
    const statement = parseStatement(sql, { ...login, version: this.#versionText });
    switch (statement.kind) {
      case 'crash':
        this.#options.onExit('crash');
        return null;
      case 'copy':
        return this.#copy(statement);
      case 'proxysql':
        return this.#proxysql(statement.command);
      default:
        return this.#answerAtOnce(statement);
    }
  }

  #answerAtOnce(statement: Exclude<AdminStatement, { kind: 'crash' | 'copy' | 'proxysql' }>): Reply {
    switch (statement.kind) {
      case 'noOp':
        return ok;
      case 'sql':
        return this.#runSql(statement.sql);
      case 'setVariable':
        return this.#setVariable(statement.name, statement.value);
      case 'killConnection':
        return this.#killConnection(statement.sessionId);
      case 'tableChecksum':
        return textRows(['table', 'checksum'], [statement.label, tableChecksum(this.db.rows(statement.sql))]);
      case 'globalChecksum':
        return longRow('CHECKSUM', this.layers.checksums.globalChecksum());
      case 'readOnlyFlag':
        return longRow('@@global.read_only', this.#isReadOnly() ? '1' : '0');
    }
  }

  #runSql(sql: string): Reply {
    return this.#isReadOnly() ? this.db.withoutWrites(() => this.db.execute(sql)) : this.db.execute(sql);
  }

  async #copy({ module, route }: Extract<AdminStatement, { kind: 'copy' }>): Promise<Reply | null> {
    if (this.diesInNextSave && module === 'MYSQL SERVERS' && route === 'memoryToDisk') {
      this.db.run('DELETE FROM disk.mysql_servers');
      this.#options.onExit('crash');
      return null;
    }
    const startedMs = this.#clock.monotonicMs();
    const affectedRows = this.layers.copy(module, route);
    if (module === 'MYSQL SERVERS' && route === 'memoryToRuntime' && this.#options.loadCost === 'real') {
      const servers = this.layers.hostgroups.checksumRows().length;
      await waitOutCost(this.#clock, startedMs, loadCostMs(servers));
    }
    return { ...ok, affectedRows };
  }

  #proxysql(command: string): Reply | null {
    switch (command) {
      case 'PROXYSQL PAUSE':
      case 'PROXYSQL RESUME':
        return this.#pause(command === 'PROXYSQL PAUSE');
      case 'PROXYSQL READONLY':
      case 'PROXYSQL READWRITE':
        this.layers.variables.set('admin-read_only', String(command === 'PROXYSQL READONLY'));
        return ok;
      case 'PROXYSQL STOP':
        return this.#stop();
      case 'PROXYSQL START':
        if (!this.#isStopped) return adminError('ProxySQL already started');
        this.#isStopped = false;
        this.layers.bootTraffic();
        return ok;
      case 'PROXYSQL RESTART':
        this.#options.onExit('restart');
        return null;
      case 'PROXYSQL SHUTDOWN':
      case 'PROXYSQL SHUTDOWN SLOW':
      case 'PROXYSQL KILL':
        this.#options.onExit('shutdown');
        return null;
      default:
        return ok;
    }
  }

  /** Drops runtime and reads memory from disk anew. Admin sessions go on. */
  #stop(): Reply {
    const { db, layers } = this.#contents;
    const diskRows = this.#options.dataFile === null ? db.diskRows() : undefined;
    db.close();
    this.#contents = this.#boot(layers.checksums, diskRows);
    this.#isStopped = true;
    this.#isPaused = false;
    this.sessions = [];
    this.clientConnections = 0;
    return ok;
  }

  #pause(isPaused: boolean): Reply {
    if (this.#isPaused === isPaused) {
      return adminError(
        isPaused
          ? 'ProxySQL MySQL module is already paused, impossible to pause'
          : 'ProxySQL MySQL module is not paused, impossible to resume',
      );
    }
    this.#isPaused = isPaused;
    return ok;
  }

  #setVariable(name: string, value: string): Reply {
    if (name === 'mysql-init_connect') {
      const advice = 'is not configurable using SET command. You must run UPDATE global_variables';
      return adminError(`ERROR: Global variable '${name}' ${advice}`);
    }
    if (!variableDefaults.has(name)) return { ...ok, info: `ERROR: Unknown global variable: '${name}'.` };
    return this.#runSql(`UPDATE global_variables SET variable_value=${value} WHERE variable_name='${name}'`);
  }

  #killConnection(sessionId: number): Reply {
    const session = this.sessions.find((candidate) => candidate.sessionId === sessionId);
    if (session === undefined) return adminError(`Unknown thread id: ${sessionId}`);
    this.sessions = this.sessions.filter((candidate) => candidate !== session);
    for (const connection of heldConnections(session)) this.layers.hostgroups.endConnection(connection);
    return ok;
  }

  #isReadOnly(): boolean {
    return this.layers.variables.get('admin-read_only') === 'true';
  }

  #globalStatus(): Readonly<Record<string, number | boolean>> {
    return {
      ProxySQL_Uptime: Math.floor((this.#clock.monotonicMs() - this.startedMs) / 1000),
      Client_Connections_connected: this.clientConnections,
      Server_Connections_connected: this.layers.hostgroups.connections(),
      Servers_table_version: this.layers.hostgroups.tableVersion,
      mysql_listener_paused: this.#isPaused,
    };
  }
}

function textRows(names: readonly string[], row: readonly string[]): Reply {
  return { kind: 'rows', columns: names.map((name) => ({ name, type: 'text' })), rows: [row] };
}

function longRow(name: string, value: string): Reply {
  return { kind: 'rows', columns: [{ name, type: 'longlong' }], rows: [[value]] };
}
