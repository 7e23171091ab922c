import type { Gate } from '../../../agent/core/client-gate.ts';
import type { Owner } from '../../../agent/core/ownership.ts';
import type { MonitorLog } from '../../../agent/core/monitor-gate.ts';
import type { ProxySession } from '../../../agent/core/pinned-sessions.ts';
import {
  type Address,
  addressOf,
  type PoolRow,
  type ServerKey,
  type ServerRow,
  keyOf,
} from '../../../agent/core/rows.ts';
import type { SiblingRow } from '../../../agent/core/siblings.ts';
import type { Module } from '../../../agent/core/table.ts';
import type { ProxyState } from '../../../agent/core/look.ts';
import type { PauseMark, Sentinel, SentinelState } from '../../../agent/core/sentinel.ts';
import { AgentError } from '../../../agent/errors.ts';
import type { ProxyAdmin } from '../../../agent/ports.ts';

/** A row of the table's defaults. */
export function row(hostgroup: number, hostname: string, more: Partial<ServerRow> = {}): ServerRow {
  return {
    hostgroup,
    hostname,
    port: 3306,
    gtidPort: 0,
    status: 'ONLINE',
    weight: 1,
    compression: 0,
    maxConnections: 1000,
    maxReplicationLagSeconds: 0,
    useSsl: false,
    maxLatencyMs: 0,
    comment: '',
    ...more,
  };
}

/** A ProxySQL's server tables, with the effects that an agent has on them. */
export class FakeAdmin implements ProxyAdmin {
  readonly memory = new Map<string, ServerRow>();
  readonly runtime = new Map<string, ServerRow>();
  siblings: SiblingRow[] = [];
  /** Who holds connections, as far as ProxySQL lists it. */
  sessions: ProxySession[] = [];
  /** LOADs of the servers so far. */
  loads = 0;
  isMonitorEnabled = true;
  /** Rows that a save did not bring to disk. */
  unsaved = 0;
  /** Replication lag in milliseconds, by address. */
  readonly lag = new Map<string, number>();
  /** What the monitor says of a server; `null`: it answered. */
  monitor: (address: Address) => string | null = () => null;
  disk: ServerKey[] = [];
  /** Connections in use, by key. */
  readonly used = new Map<string, number>();
  sentinel: Sentinel | null = null;
  /** Since the sentinel's owner gave its last sign of life. */
  silentSeconds = 0;
  pauseMark: PauseMark = 'none';
  isPaused = false;
  clients = 0;
  version = '2.7.1';
  /** What was changed, in order: `replace 2`, `delete 1`, `load`, `disk 1`. */
  readonly effects: string[] = [];
  /** Thrown by the next call of that name, then cleared. */
  readonly nextErrors = new Map<string, AgentError>();
  /** Called before each call, so that a test can do something in between. */
  onCall: (name: string) => void = () => undefined;
  lost: () => void = () => undefined;

  /** Puts rows into memory and runtime. */
  serve(...rows: readonly ServerRow[]): this {
    for (const one of rows) {
      this.memory.set(keyOf(one), one.status === 'SHUNNED' ? { ...one, status: 'ONLINE' } : one);
      this.runtime.set(keyOf(one), one);
    }
    return this;
  }

  /** Loses all that is not on disk, as a restart does. */
  rebuild(): void {
    this.sentinel = null;
    this.pauseMark = 'none';
    this.memory.clear();
    this.runtime.clear();
    this.lost();
  }

  replace(rows: readonly ServerRow[]): void {
    for (const one of rows) this.memory.set(keyOf(one), one);
    this.effects.push(`replace ${rows.length}`);
  }

  delete(keys: readonly ServerKey[]): void {
    for (const key of keys) this.memory.delete(keyOf(key));
    this.effects.push(`delete ${keys.length}`);
  }

  /** Publishes memory; a removed row stays visible as OFFLINE_HARD while it has connections. */
  load(): void {
    const before = new Map(this.runtime);
    this.runtime.clear();
    for (const [key, one] of this.memory) if (one.status !== 'OFFLINE_HARD') this.runtime.set(key, one);
    for (const [key, one] of before) {
      const isUsed = (this.used.get(key) ?? 0) > 0;
      if (!this.runtime.has(key) && isUsed) this.runtime.set(key, { ...one, status: 'OFFLINE_HARD' });
    }
    this.loads += 1;
    this.effects.push('load');
  }

  pool(): readonly PoolRow[] {
    return [...this.runtime.values()].map((one) => ({
      hostgroup: one.hostgroup,
      hostname: one.hostname,
      port: one.port,
      status: one.status,
      connUsed: this.used.get(keyOf(one)) ?? 0,
      connFree: 0,
      connErr: 0,
      queries: 0,
      latencyMicros: 0,
    }));
  }

  readVersion(): Promise<string> {
    return this.#call('readVersion', () => this.version);
  }

  readState(): Promise<ProxyState | null> {
    return this.#call('readState', () => this.#state());
  }

  createSentinel(sentinel: Sentinel): Promise<ProxyState> {
    return this.#call('createSentinel', () => {
      this.sentinel ??= sentinel;
      return { ...this.#rows(), sentinel: this.#sentinelState(this.sentinel) };
    });
  }

  claimSentinel(owner: Owner, bootIdBefore: string): Promise<void> {
    return this.#call('claimSentinel', () => {
      if (this.sentinel?.bootId !== bootIdBefore) return;
      this.sentinel = { ...this.sentinel, ...owner };
      this.silentSeconds = 0;
    });
  }

  beatSentinel(bootId: string, sign: 'alive' | 'ended'): Promise<void> {
    return this.#call('beatSentinel', () => {
      if (this.sentinel?.bootId === bootId) this.silentSeconds = sign === 'alive' ? 0 : 1_800_000_000;
    });
  }

  markPause(bootId: string, mark: PauseMark): Promise<void> {
    return this.#call('markPause', () => {
      if (this.sentinel?.bootId === bootId) this.pauseMark = mark;
      this.effects.push(`mark ${mark}`);
    });
  }

  readMonitor(addresses: readonly Address[], sinceMs: number): Promise<MonitorLog> {
    return this.#call('readMonitor', () => this.monitorLog(addresses, sinceMs));
  }

  monitorLog(addresses: readonly Address[], sinceMs: number): MonitorLog {
    const checks = addresses.map((address) => ({ ...address, atMs: sinceMs, error: this.monitor(address) }));
    return { isEnabled: this.isMonitorEnabled, checks: this.isMonitorEnabled ? checks : [] };
  }

  readSessions(addresses: readonly Address[]): Promise<readonly ProxySession[]> {
    const among = new Set(addresses.map(addressOf));
    return this.#call('readSessions', () => this.sessions.filter((session) => among.has(addressOf(session))));
  }

  endSession(id: number): Promise<void> {
    return this.#call('endSession', () => {
      const ended = this.sessions.find((session) => session.id === id);
      if (ended === undefined) throw new AgentError('ADMIN_STATEMENT_FAILED', `Unknown thread id: ${id}`);
      this.sessions = this.sessions.filter((session) => session !== ended);
      const isOn = (key: string): boolean => key.endsWith(` ${addressOf(ended)}`);
      for (const [key, used] of this.used) if (isOn(key)) this.used.set(key, Math.max(0, used - 1));
      this.effects.push(`end ${id}`);
    });
  }

  readDiskServers(): Promise<readonly ServerKey[]> {
    return this.#call('readDiskServers', () => [...this.disk]);
  }

  readConnectionPool(): Promise<readonly PoolRow[]> {
    return this.#call('readConnectionPool', () => this.pool());
  }

  saveToDisk(module: Module): Promise<void> {
    return this.#call('saveToDisk', () => void this.effects.push(`save ${module}`));
  }

  countUnsaved(): Promise<number> {
    return this.#call('countUnsaved', () => this.unsaved);
  }

  readStatuses(): Promise<ReadonlyMap<string, string>> {
    return this.#call('readStatuses', () => new Map([...this.runtime].map(([key, { status }]) => [key, status])));
  }

  readLag(): Promise<ReadonlyMap<string, number>> {
    return this.#call('readLag', () => this.lag);
  }

  readClients(): Promise<number> {
    return this.#call('readClients', () => this.clients);
  }

  readGate(): Promise<Gate | null> {
    return this.#call('readGate', () => {
      const { isPaused, clients } = this;
      return this.sentinel === null ? null : { sentinel: this.#sentinelState(this.sentinel), isPaused, clients };
    });
  }

  pause(): Promise<void> {
    return this.#call('pause', () => {
      if (this.isPaused) throw new AgentError('ADMIN_ALREADY_PAUSED', 'already paused');
      this.isPaused = true;
      this.effects.push('pause');
    });
  }

  resume(): Promise<void> {
    return this.#call('resume', () => {
      if (!this.isPaused) throw new AgentError('ADMIN_NOT_PAUSED', 'not paused');
      this.isPaused = false;
      this.effects.push('resume');
    });
  }

  replaceServers(rows: readonly ServerRow[]): Promise<void> {
    return this.#call('replaceServers', () => {
      this.replace(rows);
    });
  }

  deleteServers(keys: readonly ServerKey[]): Promise<void> {
    return this.#call('deleteServers', () => {
      this.delete(keys);
    });
  }

  deleteDiskServers(keys: readonly ServerKey[]): Promise<void> {
    return this.#call('deleteDiskServers', () => {
      const gone = new Set(keys.map(keyOf));
      this.disk = this.disk.filter((key) => !gone.has(keyOf(key)));
      this.effects.push(`disk ${keys.length}`);
    });
  }

  async publishServers(rows: readonly ServerRow[]): Promise<void> {
    let refusal: AgentError | null = null;
    try {
      await this.replaceServers(rows);
    } catch (error) {
      // Behind a broken connection nothing happens; behind a refused row the LOAD does.
      if (!(error instanceof AgentError) || error.isRetryable) throw error;
      refusal = error;
    }
    await this.loadServers();
    if (refusal !== null) throw refusal;
  }

  loadServers(): Promise<void> {
    return this.#call('loadServers', () => {
      this.load();
    });
  }

  onConnectionLost(listener: () => void): void {
    this.lost = listener;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #rows(): Omit<ProxyState, 'sentinel'> {
    const { siblings, loads } = this;
    const columns = new Map<string, readonly string[]>();
    return { memory: [...this.memory.values()], runtime: [...this.runtime.values()], siblings, columns, loads };
  }

  #state(): ProxyState | null {
    return this.sentinel === null ? null : { ...this.#rows(), sentinel: this.#sentinelState(this.sentinel) };
  }

  #sentinelState(sentinel: Sentinel): SentinelState {
    return { ...sentinel, silentSeconds: this.silentSeconds, pause: this.pauseMark };
  }

  #call<Result>(name: string, act: () => Result): Promise<Result> {
    this.onCall(name);
    const error = this.nextErrors.get(name);
    this.nextErrors.delete(name);
    if (error !== undefined) return Promise.reject(error);
    // Acts at once, and a throw becomes a rejection.
    return new Promise((resolve) => {
      resolve(act());
    });
  }
}
