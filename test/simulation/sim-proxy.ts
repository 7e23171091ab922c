import type { MonitorLog } from '../../agent/core/monitor-gate.ts';
import type { ProxySession } from '../../agent/core/pinned-sessions.ts';
import { type Address, addressOf, keyOf, type ServerRow } from '../../agent/core/rows.ts';
import type { Module } from '../../agent/core/table.ts';
import { AgentError } from '../../agent/errors.ts';
import { FakeAdmin } from '../agent/fakes/fake-admin.ts';
import type { Random } from './random.ts';

export type ProxyWorld = {
  readonly random: Random;
  /** Whether what stands at an address answers. */
  readonly isUp: (address: string) => boolean;
  /** Share of the time at which clients use a server. */
  readonly traffic: number;
};

/** How long a proxy's monitor remembers. */
const checksKeptMs = 90_000;

/** A ProxySQL that lives: clients come and go, its monitor looks, dead servers are shunned, it restarts from its disk. */
export class SimProxy extends FakeAdmin {
  readonly id: string;
  isDown = false;
  /** Somebody's rows: ours must never move them. */
  readonly foreignKeys = new Set<string>();
  /** When a row was last added to runtime, and when the monitor last reached its address. */
  readonly runtimeSince = new Map<string, number>();
  readonly reachedAt = new Map<string, number>();
  /** Since when a row has had connections in use. */
  readonly usedSinceMs = new Map<string, number>();
  /** Somebody's edits that wait for a LOAD, by key. */
  readonly pendingEdits = new Map<string, { readonly row: ServerRow; readonly sinceMs: number }>();
  nowMs = 0;
  /** Of its sentinel's process: the newest connection that has looked. */
  writerConnection = 0;
  /** When the agent's newest look read the tables, and when somebody else last changed them. */
  lookedAtMs = -Infinity;
  othersAtMs = -Infinity;
  /** Rows that a person edited: what they are is that person's doing. */
  readonly editedKeys = new Set<string>();
  /** Called before an agent ends a client's session. */
  sessionEnding: (session: ProxySession) => void = () => undefined;
  #sessionIds = 0;
  readonly #world: ProxyWorld;
  #checks: {
    readonly hostname: string;
    readonly port: number;
    readonly atMs: number;
    readonly error: string | null;
  }[] = [];

  constructor(id: string, world: ProxyWorld) {
    super();
    this.id = id;
    this.#world = world;
    this.onCall = () => {
      if (this.isDown) throw new AgentError('ADMIN_UNREACHABLE', 'connection refused');
    };
  }

  get diskRows(): readonly ServerRow[] {
    return this.disk as unknown as readonly ServerRow[];
  }

  /** A person keeps what memory holds. */
  save(): void {
    this.disk = [...this.memory.values()];
  }

  override saveToDisk(module: Module): Promise<void> {
    if (module === 'MYSQL SERVERS') this.save();
    return super.saveToDisk(module);
  }

  override countUnsaved(): Promise<number> {
    const saved = new Map(this.diskRows.map((row) => [keyOf(row), JSON.stringify(row)]));
    this.unsaved = [...this.memory].filter(([key, row]) => saved.get(key) !== JSON.stringify(row)).length;
    return super.countUnsaved();
  }

  /** A client pins its session to a server: it keeps its connection until it goes, or is ended. */
  hold({ hostname, port }: Address): ProxySession {
    const session = { id: (this.#sessionIds += 1), user: 'app', client: '10.0.0.9', seconds: 1, pins: ['get_lock'] };
    const held = { ...session, hostname, port };
    this.sessions = [...this.sessions, held];
    return held;
  }

  letGo(session: ProxySession): void {
    this.sessions = this.sessions.filter((other) => other !== session);
  }

  override endSession(id: number): Promise<void> {
    const session = this.sessions.find((one) => one.id === id);
    if (session !== undefined && !this.isDown) this.sessionEnding(session);
    return super.endSession(id);
  }

  /** A person takes an address out of it, wherever it stands. */
  removeByPerson(address: string): void {
    for (const rows of [this.memory, this.runtime]) {
      for (const [key, row] of rows) if (row.hostname === address) rows.delete(key);
    }
    this.disk = this.disk.filter((row) => (row as unknown as ServerRow).hostname !== address);
    this.othersAtMs = this.nowMs;
    this.noteRuntime();
  }

  /** Stops, and comes back with what is on its disk. */
  restart(): void {
    const rows = this.diskRows;
    this.used.clear();
    this.sessions = [];
    this.runtimeSince.clear();
    this.#checks = [];
    this.pendingEdits.clear();
    this.othersAtMs = this.nowMs;
    this.rebuild();
    for (const row of rows) this.memory.set(keyOf(row), row);
    for (const row of rows) this.runtime.set(keyOf(row), row);
    this.noteRuntime();
  }

  override load(): void {
    super.load();
    this.pendingEdits.clear();
    this.noteRuntime();
  }

  /** Remembers since when each row is in runtime. */
  noteRuntime(): void {
    for (const key of this.runtimeSince.keys()) if (!this.runtime.has(key)) this.runtimeSince.delete(key);
    for (const key of this.runtime.keys()) if (!this.runtimeSince.has(key)) this.runtimeSince.set(key, this.nowMs);
  }

  override monitorLog(addresses: readonly Address[], sinceMs: number): MonitorLog {
    const among = new Set(addresses.map(addressOf));
    const checks = this.#checks.filter((check) => check.atMs >= sinceMs && among.has(addressOf(check)));
    return { isEnabled: true, checks };
  }

  /** Time passes: clients, monitor, shunning. `wallMs` is what the proxy's own clock shows. */
  tick(wallMs: number, elapsedSeconds: number): void {
    if (this.isDown) return;
    this.silentSeconds += elapsedSeconds;
    for (const [key, row] of this.runtime) this.#turn(key, row);
    if (this.#world.random.chance(0.6)) this.#ping(wallMs);
    this.#checks = this.#checks.filter(({ atMs }) => Math.abs(wallMs - atMs) < checksKeptMs);
    this.noteRuntime();
  }

  /** ProxySQL takes the dead out, and back once they answer; what somebody loaded as SHUNNED stays so. */
  #turn(key: string, row: ServerRow): void {
    const isDead = !this.#world.isUp(row.hostname);
    if (isDead) this.#cut(key, row);
    if (isDead && row.status === 'ONLINE') this.runtime.set(key, { ...row, status: 'SHUNNED' });
    if (!isDead && row.status === 'SHUNNED' && this.memory.get(key)?.status !== 'SHUNNED') {
      this.runtime.set(key, { ...row, status: 'ONLINE' });
    }
    if (this.runtime.get(key) !== row) this.othersAtMs = this.nowMs;
    this.#useOrDrain(key, this.runtime.get(key) ?? row, isDead);
  }

  #cut(key: string, row: ServerRow): void {
    this.used.delete(key);
    this.#loseSessions(row);
  }

  #loseSessions(row: ServerRow): void {
    this.sessions = this.sessions.filter((session) => addressOf(session) !== addressOf(row));
  }

  /** Connections that pinned sessions keep; who holds what was taken away loses it. */
  #heldOf(row: ServerRow): number {
    if (row.status === 'OFFLINE_HARD') this.#loseSessions(row);
    return this.sessions.filter((session) => addressOf(session) === addressOf(row)).length;
  }

  #useOrDrain(key: string, row: ServerRow, isDead: boolean): void {
    const { random, traffic } = this.#world;
    const used = this.used.get(key) ?? 0;
    const held = this.#heldOf(row);
    if (!isDead && row.status === 'ONLINE' && row.weight > 0)
      this.used.set(key, Math.max(held, random.chance(traffic) ? random.int(0, 4) : 0));
    else if (used > held && random.chance(0.5)) this.used.set(key, random.int(held, used - 1));
    if ((this.used.get(key) ?? 0) > 0) {
      if (!this.usedSinceMs.has(key)) this.usedSinceMs.set(key, this.nowMs);
      return;
    }
    this.used.delete(key);
    this.usedSinceMs.delete(key);
    if (row.status === 'OFFLINE_HARD') this.runtime.delete(key);
  }

  #ping(atMs: number): void {
    const rows = [...this.runtime.values()].filter(({ status }) => status !== 'OFFLINE_HARD');
    for (const { hostname, port } of new Map(rows.map((row) => [addressOf(row), row])).values()) {
      const isReached = this.#world.isUp(hostname);
      if (isReached) this.reachedAt.set(addressOf({ hostname, port }), this.nowMs);
      this.#checks.push({ hostname, port, atMs, error: isReached ? null : 'timed out' });
    }
  }

  /** Connections that clients use at an address, in any hostgroup. */
  connectionsTo(address: string): number {
    let sum = 0;
    for (const [key, used] of this.used) if (this.runtime.get(key)?.hostname === address) sum += used;
    return sum;
  }

  /** Where an address stands, in words; `null`: nowhere. */
  findAddress(address: string): string | null {
    const places = [
      ['memory', [...this.memory.values()]],
      ['runtime', [...this.runtime.values()]],
      ['disk', this.diskRows],
    ] as const;
    const found = places.flatMap(([place, rows]) =>
      rows.filter((row) => row.hostname === address).map((row) => `${place} ${keyOf(row)} ${row.status}`),
    );
    return found.length === 0 ? null : found.join(', ');
  }
}
