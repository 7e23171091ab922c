import { findForeignPending, type ForeignPending } from './foreign.ts';
import { planLeaving } from './leaving.ts';
import {
  type Address,
  isRuntimeEqual,
  isServing,
  isWrittenEqual,
  keyOf,
  type ServerKey,
  type ServerRow,
} from './rows.ts';
import { unnamedColumns } from './rows.ts';
import type { GroupTarget, Server } from './snapshot.ts';
import { indexView, type ProxyView, type ViewIndex } from './view.ts';

/**
 * Plans one step for all groups of a proxy: what to write, what to delete, whether to LOAD. Level-based: the step
 * after it is planned from a fresh view, until nothing is left. One step never does two things that need an order:
 *
 * - A row that goes passes through OFFLINE_SOFT and a LOAD, and is deleted only when no connection uses it.
 * - A reader goes only while another one is ONLINE in runtime; rows that are only now being added do not count.
 * - A new writer comes only after a LOAD that took the old one out.
 */
export type ServersPlan = {
  readonly groups: readonly GroupPlan[];
  /** When not empty, nothing that needs a LOAD may be done. */
  readonly foreignPending: readonly ForeignPending[];
};

export type GroupPlan = {
  readonly target: GroupTarget;
  readonly changes: readonly RowChange[];
  /** Rows of ours that only the disk still holds. */
  readonly diskDeletes: readonly ServerKey[];
  /** No new traffic differs from the snapshot; what drains, and the last reader, may remain. */
  readonly isSettled: boolean;
  readonly hold: Hold | null;
  readonly removing: readonly Removing[];
  /** Rows are on their way out: look again soon. */
  readonly isDraining: boolean;
  readonly absent: readonly Address[];
  readonly unmanaged: readonly Address[];
  /** The group's rows as runtime shows them. */
  readonly runtimeRows: readonly ServerRow[];
};

/** One row that is not as it should be, in memory (`isWrite`), in runtime (`isLoad`) or both. */
export type RowChange = {
  readonly key: ServerKey;
  /** `null` deletes the row. */
  readonly want: ServerRow | null;
  readonly cause: RowCause;
  readonly inMemory: ServerRow | null;
  readonly inRuntime: ServerRow | null;
  readonly isWrite: boolean;
  readonly isLoad: boolean;
};

export type RowCause = 'desired' | 'leaving' | 'drained' | 'lastReader';

export type Hold = { readonly code: 'HOSTGROUP_TAKEN' | 'WRITER_TAKEN'; readonly message: string };

export type Removing = Address & {
  readonly connUsed: number;
  readonly reason: 'DRAINING' | 'PINNED' | 'LAST_READER' | 'ON_DISK' | 'HELD_BY_FOREIGN_ROW';
  readonly detail: string;
};

/** What should stand under one key. */
export type WantedRow = { readonly key: ServerKey; readonly want: ServerRow | null; readonly cause: RowCause };

/** Plans the next step. Pure: same targets, same view, same plan. */
export function planServers(targets: readonly GroupTarget[], view: ProxyView): ServersPlan {
  const index = indexView(view);
  const owners = claimHostgroups(targets);
  const ours = new Set<string>();
  const groups = targets.map((target) => {
    const owned = [target.body.writerHostgroup, target.body.readerHostgroup].filter(
      (hostgroup) => owners.get(hostgroup) === target.group,
    );
    return planGroup(target, new Set(owned), { index, owners, ours });
  });
  return { groups, foreignPending: findForeignPending(index, ours) };
}

/** Whether the plan has anything to do. */
export function hasWork(plan: ServersPlan): boolean {
  return plan.groups.some((group) => group.changes.length > 0 || group.diskDeletes.length > 0);
}

/** Whether doing the plan needs a LOAD. */
export function needsLoad(groups: readonly GroupPlan[]): boolean {
  return groups.some((group) => group.changes.some((change) => change.isLoad));
}

/** Says what is wrong with a row, for a log line. */
export function describeChange(change: RowChange): string {
  const where = change.isWrite ? 'memory' : 'runtime';
  const found = change.isWrite ? change.inMemory : change.inRuntime;
  return `${where} has ${describeRow(found)}, wanted ${describeRow(change.want)}`;
}

function describeRow(row: ServerRow | null): string {
  if (row === null) return 'no row';
  return (
    `status ${row.status} weight ${row.weight} max_connections ${row.maxConnections} ` +
    `max_replication_lag ${row.maxReplicationLagSeconds} use_ssl ${row.useSsl ? 1 : 0} ` +
    `comment ${JSON.stringify(row.comment)}`
  );
}

/** A hostgroup belongs to the group that named it first; a removed group gives way to a living one. */
function claimHostgroups(targets: readonly GroupTarget[]): ReadonlyMap<number, string> {
  const owners = new Map<number, string>();
  const living = targets.filter((target) => target.body.kind === 'snapshot');
  const removed = targets.filter((target) => target.body.kind === 'removed');
  for (const { group, body } of [...living, ...removed]) {
    for (const hostgroup of [body.writerHostgroup, body.readerHostgroup]) {
      if (!owners.has(hostgroup)) owners.set(hostgroup, group);
    }
  }
  return owners;
}

type Context = {
  readonly index: ViewIndex;
  readonly owners: ReadonlyMap<number, string>;
  /** Collects the keys that some group answers for. */
  readonly ours: Set<string>;
};

function planGroup(target: GroupTarget, owned: ReadonlySet<number>, context: Context): GroupPlan {
  const { index, ours } = context;
  const taken = target.body.kind === 'snapshot' ? findTakenHostgroup(target, context.owners) : null;
  if (taken !== null) return heldPlan(target, taken);
  const desired = planDesired(target, index);
  const leaving = planLeaving(target, owned, { index, desired: desired.rows });
  const wanted = [...leaving.desired, ...leaving.rows];
  const changes = wanted.map((row) => compareRow(row, index)).filter((change) => change.isWrite || change.isLoad);
  for (const row of wanted) ours.add(keyOf(row.key));
  for (const key of desired.held) ours.add(keyOf(key));
  const rows = [...new Map([...index.runtime, ...index.memory]).values()].filter((row) => owned.has(row.hostgroup));
  return {
    target,
    changes,
    diskDeletes: leaving.diskDeletes,
    isSettled: desired.held.length === 0 && changes.every((change) => isOnlyDrained(change)),
    hold: desired.hold,
    removing: leaving.removing,
    isDraining: leaving.removing.length > 0 || leaving.rows.length > 0,
    absent: leaving.absent,
    unmanaged: rows.filter((row) => !ours.has(keyOf(row)) && isSomewhere(row, index)),
    runtimeRows: [...index.runtime.values()].filter((row) => owned.has(row.hostgroup)),
  };
}

/** A row that waits only for its deletion gets no new traffic any more. */
function isOnlyDrained(change: RowChange): boolean {
  return change.cause === 'drained' && !isServing(change.inRuntime ?? undefined);
}

function isSomewhere(row: ServerRow, index: ViewIndex): boolean {
  return index.memory.has(keyOf(row)) || row.status !== 'OFFLINE_HARD';
}

function findTakenHostgroup(target: GroupTarget, owners: ReadonlyMap<number, string>): Hold | null {
  for (const hostgroup of [target.body.writerHostgroup, target.body.readerHostgroup]) {
    const owner = owners.get(hostgroup);
    if (owner !== undefined && owner !== target.group) {
      return { code: 'HOSTGROUP_TAKEN', message: `hostgroup ${hostgroup} belongs to group ${owner} on this proxy` };
    }
  }
  return null;
}

function heldPlan(target: GroupTarget, hold: Hold): GroupPlan {
  const nothing = { changes: [], diskDeletes: [], removing: [], absent: [], unmanaged: [], runtimeRows: [] };
  return { target, ...nothing, isSettled: false, isDraining: false, hold };
}

/** The rows that the snapshot names; a writer that has to wait for another one is held back. */
function planDesired(
  target: GroupTarget,
  index: ViewIndex,
): { readonly rows: readonly WantedRow[]; readonly held: readonly ServerKey[]; readonly hold: Hold | null } {
  const rows: WantedRow[] = [];
  const held: ServerKey[] = [];
  let hold: Hold | null = null;
  if (target.body.kind === 'removed') return { rows, held, hold };
  for (const server of target.body.servers) {
    const inMemory = index.memory.get(keyOf(server));
    const want = buildRow(server, inMemory ?? index.runtime.get(keyOf(server)));
    const others = findOtherWriters(target, server, index);
    if (others.length === 0) {
      rows.push({ key: server, want, cause: 'desired' });
      continue;
    }
    held.push(server);
    hold ??= describeWriterHold(target, server, others);
    // A half-done earlier step may have written it: then the LOAD that takes the old one out must not bring it in.
    if (inMemory !== undefined) {
      rows.push({ key: server, want: { ...want, status: 'OFFLINE_SOFT' }, cause: 'desired' });
    }
  }
  return { rows, held, hold };
}

/** Other rows that still serve in the writer hostgroup, when `server` is about to become ONLINE there. */
function findOtherWriters(target: GroupTarget, server: Server, index: ViewIndex): readonly ServerRow[] {
  if (server.hostgroup !== target.body.writerHostgroup || server.status !== 'ONLINE') return [];
  if (isServing(index.runtime.get(keyOf(server)))) return [];
  const serving = [...index.memory.values(), ...index.runtime.values()].filter(
    (row) => row.hostgroup === server.hostgroup && keyOf(row) !== keyOf(server) && isServing(row),
  );
  return [...new Map(serving.map((row) => [keyOf(row), row])).values()];
}

/** Only a row that no snapshot takes out holds the new writer for longer than one step. */
function describeWriterHold(target: GroupTarget, server: Server, others: readonly ServerRow[]): Hold | null {
  if (target.body.kind === 'removed') return null;
  const named = new Set<string>();
  for (const one of target.body.servers) named.add(keyOf(one));
  for (const one of target.body.leaving) named.add(keyOf({ ...one, hostgroup: server.hostgroup }));
  const stranger = others.find((row) => !named.has(keyOf(row)));
  if (stranger === undefined) return null;
  const message =
    `mysql_servers: hostgroup ${keyOf(stranger)} serves as writer and no snapshot names it; ` +
    `${server.hostname}:${server.port} has to wait`;
  return { code: 'WRITER_TAKEN', message };
}

function buildRow(server: Server, existing: ServerRow | undefined): ServerRow {
  return {
    hostgroup: server.hostgroup,
    hostname: server.hostname,
    port: server.port,
    gtidPort: existing?.gtidPort ?? unnamedColumns.gtidPort,
    status: server.status,
    weight: server.weight,
    compression: existing?.compression ?? unnamedColumns.compression,
    maxConnections: server.maxConnections,
    maxReplicationLagSeconds: server.maxReplicationLagSeconds,
    useSsl: server.useSsl,
    maxLatencyMs: existing?.maxLatencyMs ?? unnamedColumns.maxLatencyMs,
    comment: server.comment,
  };
}

function compareRow({ key, want, cause }: WantedRow, index: ViewIndex): RowChange {
  const inMemory = index.memory.get(keyOf(key)) ?? null;
  const inRuntime = index.runtime.get(keyOf(key)) ?? null;
  const isWrite = want === null ? inMemory !== null : inMemory === null || !isWrittenEqual(inMemory, want);
  const isLoad =
    want === null
      ? inRuntime !== null && inRuntime.status !== 'OFFLINE_HARD'
      : inRuntime === null || !isRuntimeEqual(inRuntime, want);
  return { key, want, cause, inMemory, inRuntime, isWrite, isLoad };
}
