import { neededReads } from '../../../agent/core/leaving.ts';
import { isOf, parseMark } from '../../../agent/core/marks.ts';
import type { MonitorCheck } from '../../../agent/core/monitor-gate.ts';
import {
  type GroupPlan,
  hasWork,
  isForced,
  needsLoad,
  planServers,
  type ServersPlan,
} from '../../../agent/core/plan.ts';
import { addressOf, isServing, keyOf, type ServerKey, type ServerRow } from '../../../agent/core/rows.ts';
import { noteShuns } from '../../../agent/core/readers.ts';
import { indexRows } from '../../../agent/core/view.ts';
import { rampKey } from '../../../agent/core/slow-start.ts';
import type { GroupTarget } from '../../../agent/core/snapshot.ts';
import { FakeAdmin } from './fake-admin.ts';
import { noonMs } from './planning.ts';

/** What somebody does to a row in memory, and whether he loads it. */
export type Edit = {
  readonly atSeconds: number;
  readonly key: string;
  readonly act: 'OFFLINE_SOFT' | 'OFFLINE_HARD' | 'ONLINE' | 'comment' | 'delete';
  readonly isLoaded: boolean;
};

/** One step of the agent's, and what stood before it. */
export type Step = {
  readonly before: FakeAdmin;
  readonly groups: readonly GroupPlan[];
  readonly atMs: number;
  /** Publishes somebody's pending edit, too. */
  readonly isForced: boolean;
};

const pingMs = 8000;
/** How long somebody's pending edit holds a drain back. */
const graceMs = 60_000;
const stepsMax = 8;

/** A proxy whose time passes: its monitor pings, its dead servers are shunned, connections end, people edit. */
export class ProxyWorld {
  readonly admin: FakeAdmin;
  nowMs = noonMs;
  readonly known = new Set<string>();
  /** Addresses that answer nobody. */
  readonly dead: ReadonlySet<string>;
  /** What happened, for people. */
  readonly story: string[] = [];
  readonly checks: MonitorCheck[] = [];
  /** Rows that served until somebody took them out of service, and when; known as the group's own. */
  readonly cordonedAt = new Map<string, number>();
  /** Rows that the agent ever found SHUNNED. */
  readonly foundDead = new Set<string>();
  #readerOnlineSince = new Map<string, number>();
  #shunnedAt: ReadonlyMap<string, number> = new Map();
  #rampSince = new Map<string, number>();
  #pendingSinceMs: number | null = null;

  constructor(admin: FakeAdmin, dead: ReadonlySet<string> = new Set()) {
    this.admin = admin;
    this.dead = dead;
    this.#shun();
  }

  /** Looks and plans, remembering what the agent does from look to look. */
  look(targets: readonly GroupTarget[]): ServersPlan {
    const tables = { memory: [...this.admin.memory.values()], runtime: [...this.admin.runtime.values()] };
    this.#note(targets, tables.runtime);
    const rows = indexRows(tables);
    const needed = neededReads(targets, rows);
    const monitor = needed.warming.length > 0 ? { isEnabled: true, checks: this.checks } : null;
    const [pool, disk] = [needed.pool ? this.admin.pool() : null, needed.disk ? this.admin.disk : null];
    const { nowMs, known } = this;
    const plan = planServers(
      targets,
      { ...rows, siblings: this.admin.siblings, pool, disk, monitor },
      {
        nowMs,
        known,
        unconfirmed: new Set(),
        readerOnlineMs: agesAt(this.#readerOnlineSince, nowMs),
        shunnedMs: agesAt(this.#shunnedAt, nowMs),
        rampSeenMs: agesAt(this.#rampSince, nowMs),
      },
    );
    for (const { target, hasReader, isSettled } of plan.groups) {
      if (!hasReader) this.#readerOnlineSince.delete(target.group);
      else note(this.#readerOnlineSince, target.group, nowMs);
      if (isSettled) this.known.add(target.group);
    }
    return plan;
  }

  #note(targets: readonly GroupTarget[], runtime: readonly ServerRow[]): void {
    this.#shunnedAt = noteShuns(this.#shunnedAt, runtime, this.nowMs);
    for (const row of runtime.filter(({ status }) => status === 'SHUNNED')) this.foundDead.add(keyOf(row));
    const servers = targets.flatMap(({ body }) => (body.kind === 'removed' ? [] : body.servers));
    for (const server of servers) note(this.#rampSince, rampKey(server), this.nowMs);
  }

  /** Steps until there is nothing to do now, or nothing may be done. */
  converge(targets: readonly GroupTarget[], check: (step: Step) => void): ServersPlan {
    for (let count = 0; count < stepsMax; count += 1) {
      const plan = this.look(targets);
      const isPending = plan.foreignPending.length > 0;
      this.#pendingSinceMs = isPending ? (this.#pendingSinceMs ?? this.nowMs) : null;
      if (!hasWork(plan)) return plan;
      const isHeld = isPending && needsLoad(plan.groups);
      if (isHeld) {
        const heldMs = this.nowMs - (this.#pendingSinceMs ?? this.nowMs);
        if (heldMs < graceMs || !isForced(plan.groups)) return plan;
      }
      const before = copyTables(this.admin);
      this.#tell(plan.groups);
      execute(this.admin, plan.groups);
      check({ before, groups: plan.groups, atMs: this.nowMs, isForced: isHeld });
    }
    throw new Error(`${stepsMax} steps and no end`);
  }

  /** Lets time pass: pings are answered or not, dead servers are shunned, drained connections end. */
  pass(ms: number): void {
    const beforeMs = this.nowMs;
    this.nowMs += ms;
    const lastPingMs = Math.floor(this.nowMs / pingMs) * pingMs;
    if (lastPingMs > beforeMs) this.#ping(lastPingMs);
    this.#shun();
    for (const [key, row] of this.admin.runtime) {
      if (isServing(row)) continue;
      this.admin.used.delete(key);
      if (row.status === 'OFFLINE_HARD') this.admin.runtime.delete(key);
    }
  }

  /** Somebody edits a row, if it is there. */
  edit({ key, act, isLoaded }: Edit): void {
    const row = this.admin.memory.get(key);
    if (row === undefined) return;
    this.#noteCordon(row, { key, act, isLoaded });
    if (act === 'delete') this.admin.memory.delete(key);
    else this.admin.memory.set(key, { ...row, ...(act === 'comment' ? { comment: 'mine' } : { status: act }) });
    this.story.push(`${this.#clock()} somebody: ${key} ${act}${isLoaded ? ', LOAD' : ''}`);
    if (isLoaded) this.load();
  }

  /** With one of our marks it looks like our own doing. */
  #noteCordon(row: ServerRow, { key, act, isLoaded }: Omit<Edit, 'atSeconds'>): void {
    const isOurs = isOf(row, 'orders') || this.known.has('orders');
    const isCordon = act.startsWith('OFFLINE') && isLoaded && isOurs && parseMark(row.comment).mark === null;
    if (isCordon && row.status === 'ONLINE') this.cordonedAt.set(key, this.nowMs);
    if (act === 'ONLINE' || act === 'delete') this.cordonedAt.delete(key);
  }

  /** Somebody's LOAD; clients run into the dead at once. */
  load(): void {
    this.admin.load();
    this.#shun();
  }

  #ping(atMs: number): void {
    const rows = [...this.admin.runtime.values()].filter(({ status }) => status !== 'OFFLINE_HARD');
    const addresses = new Map(rows.map((row) => [addressOf(row), row]));
    for (const [address, { hostname, port }] of addresses) {
      this.checks.push({ hostname, port, atMs, error: this.dead.has(address) ? 'timed out' : null });
    }
  }

  #shun(): void {
    for (const [key, row] of this.admin.runtime) {
      if (row.status === 'ONLINE' && this.dead.has(addressOf(row))) {
        this.admin.runtime.set(key, { ...row, status: 'SHUNNED' });
      }
    }
  }

  #tell(groups: readonly GroupPlan[]): void {
    const changes = groups.flatMap((group) => group.changes);
    const words = changes.map(({ key, want, cause, inMemory, inRuntime }) => {
      const [memory, runtime, wanted] = [inMemory, inRuntime, want].map(renderRow);
      return `${keyOf(key)} memory ${memory} runtime ${runtime} wanted ${wanted} (${cause})`;
    });
    this.story.push(`${this.#clock()} step: ${words.join('; ')}${needsLoad(groups) ? '; LOAD' : ''}`);
  }

  #clock(): string {
    return new Date(this.nowMs).toISOString().slice(11, 19);
  }
}

function agesAt(since: ReadonlyMap<string, number>, nowMs: number): ReadonlyMap<string, number> {
  return new Map([...since].map(([key, atMs]) => [key, nowMs - atMs]));
}

function note(since: Map<string, number>, key: string, nowMs: number): void {
  if (!since.has(key)) since.set(key, nowMs);
}

/** A row in few words. */
export function renderRow(row: ServerRow | null | undefined): string {
  return row == null ? '-' : `${row.status} ${row.weight}/${row.maxConnections} '${row.comment}'`;
}

/** Does what the executor does with a step. `groupsMax`: somebody else's LOAD falls behind that many writes. */
export function execute(admin: FakeAdmin, groups: readonly GroupPlan[], groupsMax = Infinity): void {
  const written = (group: GroupPlan) => group.changes.filter((change) => change.isWrite);
  for (const group of groups.slice(0, groupsMax)) {
    const rows = written(group).flatMap((change) => (change.want === null ? [] : [change.want]));
    if (rows.length > 0) admin.replace(rows);
  }
  if (groupsMax !== Infinity) return;
  const deletes = groups.flatMap((group) => written(group).filter((change) => change.want === null));
  if (deletes.length > 0) admin.delete(deletes.map((change) => change.key));
  if (needsLoad(groups)) admin.load();
  void admin.deleteDiskServers(groups.flatMap((group): readonly ServerKey[] => group.diskDeletes));
}

/** The same tables again. */
export function copyTables(admin: FakeAdmin): FakeAdmin {
  const one = new FakeAdmin();
  for (const [key, value] of admin.memory) one.memory.set(key, value);
  for (const [key, value] of admin.runtime) one.runtime.set(key, value);
  for (const [key, value] of admin.used) one.used.set(key, value);
  one.disk = [...admin.disk];
  return one;
}
