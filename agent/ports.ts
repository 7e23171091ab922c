import type { Capabilities } from './core/capabilities.ts';
import type { Gate } from './core/client-gate.ts';
import type { AgentMessage, CoordinatorMessage } from './core/messages.ts';
import type { LastKnownGood } from './core/last-known-good.ts';
import type { Owner } from './core/ownership.ts';
import type { ForeignPending } from './core/foreign.ts';
import type { MonitorLog } from './core/monitor-gate.ts';
import type { ProxySession } from './core/pinned-sessions.ts';
import type { Address, PoolRow, ServerKey, ServerRow } from './core/rows.ts';
import type { PauseMark, Sentinel } from './core/sentinel.ts';
import type { ProxyState } from './core/look.ts';
import type { Module, TableDescription, TableRow, TableView } from './core/table.ts';
import type { MarkedTable } from './core/table-statements.ts';
import type { CertificateFile } from './core/tls-params.ts';
import type { VariablesView } from './core/variables.ts';

/**
 * ProxySQL's admin interface, mostly one call per statement. Connects by itself.
 * Every call can throw {AgentError} `ADMIN_UNREACHABLE`, `ADMIN_LOGIN_REFUSED`, `ADMIN_CONNECTION_LOST`,
 * `ADMIN_TIMED_OUT` (the statement may still happen: look before deciding) or `ADMIN_STATEMENT_FAILED`.
 */
export interface ProxyAdmin {
  readVersion(): Promise<string>;
  /** Marks ProxySQL's memory unless it is marked already, and reads what stands then. */
  createSentinel(sentinel: Sentinel): Promise<ProxyState>;
  /** Takes the sentinel over, unless it is not that process's any more. */
  claimSentinel(owner: Owner, bootIdBefore: string): Promise<void>;
  /** Shows that the process that owns the sentinel lives, or with `ended` that others need not wait for it. */
  beatSentinel(bootId: string, sign: 'alive' | 'ended'): Promise<void>;
  /** Has the sentinel remember what the drain of the process that owns it did. */
  markPause(bootId: string, mark: PauseMark): Promise<void>;
  /** Reads memory, runtime and the sentinel at one moment. `null`: ProxySQL's memory was rebuilt since it was marked. */
  readState(): Promise<ProxyState | null>;
  /** What the proxy's monitor found of these addresses since then, by the proxy's wall clock. */
  readMonitor(addresses: readonly Address[], sinceMs: number): Promise<MonitorLog>;
  /** Who holds a connection to one of these, as far as ProxySQL lists it. */
  readSessions(addresses: readonly Address[]): Promise<readonly ProxySession[]>;
  /** Ends one client's session. @throws {AgentError} When it has ended by itself. */
  endSession(id: number): Promise<void>;
  readDiskServers(): Promise<readonly ServerKey[]>;
  readConnectionPool(): Promise<readonly PoolRow[]>;
  saveToDisk(module: Module): Promise<void>;
  /** Rows of these modules that are not on disk as they are in memory. */
  countUnsaved(modules: readonly Module[]): Promise<number>;
  /** Every server's status in runtime, by key. */
  readStatuses(): Promise<ReadonlyMap<string, string>>;
  /** What the proxy's monitor measured in the last minute: milliseconds, by address. */
  readLag(): Promise<ReadonlyMap<string, number>>;
  /** Open connections of clients. */
  readClients(): Promise<number>;
  /** Reads the sentinel and the door for clients at one moment. `null` as for `readState`. */
  readGate(): Promise<Gate | null>;
  /** Closes the listeners for clients; who is connected stays. @throws {AgentError} `ADMIN_ALREADY_PAUSED`. */
  pause(): Promise<void>;
  /** Opens them again. @throws {AgentError} `ADMIN_NOT_PAUSED`. */
  resume(): Promise<void>;
  /** Writes all rows or none. @throws {AgentError} `ADMIN_ROW_REFUSED`. */
  replaceServers(rows: readonly ServerRow[]): Promise<void>;
  deleteServers(keys: readonly ServerKey[]): Promise<void>;
  deleteDiskServers(keys: readonly ServerKey[]): Promise<void>;
  /**
   * Writes all rows or none and publishes memory to runtime, which is sent along: it happens also where the rows are refused.
   *
   * @throws {AgentError} `ADMIN_ROW_REFUSED` When the LOAD was done, and the rows were not.
   */
  publishServers(rows: readonly ServerRow[]): Promise<void>;
  /** Publishes memory to runtime. */
  loadServers(): Promise<void>;
  /** Calls back when an open connection breaks. */
  onConnectionLost(listener: () => void): void;
  close(): Promise<void>;
}

/** Dials the coordinator. */
export interface CoordinatorLink {
  /** Starts a stream; `handlers.ended` is called once, also when it never came about. */
  open(handlers: StreamHandlers): CoordinatorStream;
}

export interface CoordinatorStream {
  /** Sends, or drops the message when the stream has ended. */
  send(message: AgentMessage): void;
  /** Ends the stream after what was sent; resolves when it is closed. */
  end(): Promise<void>;
}

export type StreamHandlers = {
  readonly received: (message: CoordinatorMessage) => void;
  /**
   * `isOk`: the coordinator ended it, and has done what it was asked for. `retryAfterMs`: it has too much to do, and
   * said when to come again.
   */
  readonly ended: (reason: string, isOk: boolean, retryAfterMs?: number) => void;
};

/** Keeps the last known good on disk. */
export interface SnapshotStore {
  /**
   * Resolves to `null` when there is none. A file that cannot be trusted is set aside and its problem returned.
   *
   * @throws {AgentError} `SNAPSHOT_FILE_FAILED`.
   */
  read(): Promise<{ readonly state: LastKnownGood | null; readonly problem: string | null }>;
  /** Replaces it; resolves when it would survive a power cut. @throws {AgentError} `SNAPSHOT_FILE_FAILED`. */
  write(state: LastKnownGood): Promise<void>;
}

/** What the agent counts. */
export interface AgentMetrics {
  /** From an update's arrival to its APPLIED. */
  applied(seconds: number): void;
  answered(status: 'APPLIED' | 'REJECTED' | 'RETRYING'): void;
  loaded(): void;
  /** Somebody else's LOADs of the servers. */
  foreignLoaded(loads: number): void;
  /** A pinned session was ended. */
  sessionEnded(): void;
  driftRepaired(group: string): void;
  adminFailed(code: string): void;
  streamConnected(isConnected: boolean): void;
  groupsHeld(counts: { readonly groups: number; readonly settled: number; readonly removing: number }): void;
  lastKnownGoodSaved(atMs: number): void;
}

/** Makes ids and hashes, which core and loops must not. */
export interface Entropy {
  readonly randomId: () => string;
  readonly digest: (text: string) => string;
}

/** ProxySQL's tables beside mysql_servers. Every call can throw what `ProxyAdmin` throws; no error holds a secret. */
export interface ModuleAdmin {
  /** Reads which of our tables there are, and their columns. */
  readCapabilities(): Promise<Capabilities>;
  /** Reads how often and with what each module was loaded, as a text that changes with every LOAD. */
  readLoads(): Promise<ReadonlyMap<Module, string>>;
  readMemoryChecksum(module: Module): Promise<string>;
  /** Reads which groups have left their mark in memory or runtime of mysql_users and mysql_query_rules. */
  readMarks(): Promise<ReadonlyMap<MarkedTable, ReadonlySet<string>>>;
  /** Reads memory and runtime of one table at one moment. */
  readTable(table: TableDescription, columns: readonly string[]): Promise<TableView>;
  /** Reads which edits of the table's siblings a LOAD would publish; a few of them. */
  readSiblingPending(table: TableDescription): Promise<readonly ForeignPending[]>;
  /** Reads the names of ProxySQL's own accounts; their passwords go no further. */
  readReservedUsers(): Promise<ReadonlySet<string>>;
  readVariables(): Promise<VariablesView>;
  /** Writes all rows or none. @throws {AgentError} `ADMIN_ROW_REFUSED`. */
  replaceRows(table: TableDescription, rows: readonly TableRow[]): Promise<void>;
  deleteRows(table: TableDescription, rows: readonly TableRow[]): Promise<void>;
  writeVariables(variables: TableRow): Promise<void>;
  /** Publishes memory to runtime. */
  loadModule(module: Module): Promise<void>;
}

/** PEM files for ProxySQL, in a folder that it reads too. Every call can throw {AgentError} `TLS_FILE_FAILED`. */
export interface CertificateFiles {
  /** The folder as ProxySQL sees it; `null` when none is configured. */
  readonly folder: string | null;
  /** Resolves when all of them are there and would survive a power cut. */
  write(files: readonly CertificateFile[]): Promise<void>;
  list(): Promise<readonly string[]>;
  remove(names: readonly string[]): Promise<void>;
}
