import { findStrangers, findUnnamed } from './adoption.ts';
import { type Cordoned, type DesiredPlan, planDesired } from './desired.ts';
import { findForeignPending, findSiblingPending, type ForeignPending } from './foreign.ts';
import { claimHostgroups, describeWarming, findHold } from './holds.ts';
import { findWithdrawn, planLeaving } from './leaving.ts';
import type { Failure } from './messages.ts';
import type { Warming } from './monitor-gate.ts';
import {
  type Address,
  addressOf,
  isRuntimeEqual,
  isServing,
  isWrittenEqual,
  keyOf,
  type ServerKey,
  type ServerRow,
} from './rows.ts';
import { canServe, findServing, afterLoad, type Written } from './readers.ts';
import { shadowPlan } from './shadow.ts';
import { byKey, type GroupTarget } from './snapshot.ts';
import { rowsIn, type ViewIndex } from './view.ts';
import { type FallbackPlan, planFallback } from './writer-fallback.ts';

/**
 * Plans one step for all groups of a proxy: what to write, what to delete, whether to LOAD. Level-based: the step
 * after it is planned from a fresh view, until nothing is left. One step never does two things that need an order:
 *
 * - A row that goes passes through OFFLINE_SOFT and a LOAD, and is deleted only when no connection uses it.
 * - A reader goes only while another one gets queries; neither rows that are only now being added count nor those that
 *   a LOAD just un-shunned.
 * - A new writer comes only after a LOAD that took the old one out.
 * - An owned reader comes only after the proxy's own monitor reached it OFFLINE_SOFT.
 */
export type ServersPlan = {
  readonly groups: readonly GroupPlan[];
  /** When not empty, nothing that needs a LOAD may be done. */
  readonly foreignPending: readonly ForeignPending[];
};

/** What a plan rests on beside the proxy's tables. */
export type PlanContext = {
  /** Wall clock. */
  readonly nowMs: number;
  /** Groups that this agent has proven on its proxy before. */
  readonly known: ReadonlySet<string>;
  /**
   * Groups whose target is what this agent kept on disk, on a proxy that was not rebuilt since, and that no coordinator
   * has called current: an address that it withdraws may be another server's by now.
   */
  readonly unconfirmed: ReadonlySet<string>;
  /** For how long a reader has been ONLINE in every look, by group. */
  readonly readerOnlineMs: ReadonlyMap<string, number>;
  /** How long ago a look doubted a server, by key: it was SHUNNED, or out of service since. */
  readonly shunnedMs: ReadonlyMap<string, number>;
  /** For how long this agent has known a server, by `rampKey`. */
  readonly rampSeenMs: ReadonlyMap<string, number>;
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
  readonly warming: readonly Warming[];
  readonly cordoned: readonly Cordoned[];
  /** The writer stands in as a reader. */
  readonly isWriterFallback: boolean;
  /** A reader is ONLINE in runtime and stays so. */
  readonly hasReader: boolean;
  /** Somebody's pending edit would take the last reader out or bring a second writer in, if it was loaded. */
  readonly isHarmedByOthers: boolean;
  /** Wall clock at which the next step comes by itself. */
  readonly wakeAtMs: number | null;
  /** Of a group in shadow: what would be done, in words. */
  readonly differences?: readonly string[];
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

/** `step` is a row's own next one, where `desired` on a proven group is drift. */
export type RowCause = 'desired' | 'step' | 'fallback' | 'leaving' | 'drained' | 'lastReader';

/** An upper-case word for programs, a sentence for people. */
export type Hold = Failure;

/** What holds a group whose differences are only told. */
export const shadowCode = 'SHADOW';

const untouchable = ['HOSTGROUP_TAKEN', 'HOSTGROUP_CONTROLLED', 'ADOPTION_REQUIRED', shadowCode];

/** Whether nothing of the group may be touched on this proxy. */
export function isUntouchable(hold: Hold | null): boolean {
  return hold !== null && untouchable.includes(hold.code);
}

export type Removing = Address & {
  readonly connUsed: number;
  readonly reason: 'DRAINING' | 'PINNED' | 'LAST_READER' | 'ON_DISK' | 'HELD_BY_FOREIGN_ROW';
  readonly detail: string;
};

/** What should stand under one key. */
export type WantedRow = {
  readonly key: ServerKey;
  /** The key as text. */
  readonly id: string;
  readonly want: ServerRow | null;
  readonly cause: RowCause;
};

/** Plans the next step. Pure: same targets, same view, same plan. */
export function planServers(targets: readonly GroupTarget[], index: ViewIndex, context: PlanContext): ServersPlan {
  const owners = claimHostgroups(targets);
  const ours = new Set<string>();
  const cordonsPending: ForeignPending[] = [];
  const planned = targets.map((target) => {
    const owned = [target.body.writerHostgroup, target.body.readerHostgroup].filter(
      (hostgroup) => owners.get(hostgroup) === target.group,
    );
    const scope = { ...context, index, owners, ours, cordonsPending };
    return target.isShadow === true
      ? lookOnly(target, new Set(owned), scope)
      : planGroup(target, new Set(owned), scope);
  });
  const foreignPending = [...findForeignPending(index, ours), ...cordonsPending, ...findSiblingPending(index.siblings)];
  const groups = planned.map(({ plan, wanted }) => {
    const isHarmedByOthers = foreignPending.length > 0 && isHarmed(plan.target, wanted, index);
    return { ...plan, isHarmedByOthers };
  });
  return { groups, foreignPending };
}

/** Whether the plan has anything to do. */
export function hasWork(plan: ServersPlan): boolean {
  return plan.groups.some((group) => group.changes.length > 0 || group.diskDeletes.length > 0);
}

/** Whether doing the plan needs a LOAD. */
export function needsLoad(groups: readonly GroupPlan[]): boolean {
  return groups.some((group) => group.changes.some((change) => change.isLoad));
}

/**
 * Whether a step cannot wait for its turn: it brings a server into service or takes one out. What only changes weights,
 * limits and comments can, and so can the end of a row that gets no traffic any more.
 */
export function isUrgent(groups: readonly GroupPlan[]): boolean {
  return groups.some((group) =>
    group.changes.some(
      ({ isLoad, want, inRuntime }) =>
        isLoad && want !== null && (inRuntime === null || isServing(inRuntime) !== isServing(want)),
    ),
  );
}

/**
 * Whether a step may publish somebody's pending edit after its grace: it takes a server out or changes the writer, and
 * harms no group.
 */
export function isForced(groups: readonly GroupPlan[]): boolean {
  if (groups.some(({ isHarmedByOthers }) => isHarmedByOthers)) return false;
  return groups.some(({ target, changes }) =>
    changes.some(({ isLoad, want, inRuntime, key }) => {
      const served = isServing(inRuntime ?? undefined);
      const serves = isServing(want ?? undefined);
      return isLoad && (served ? !serves : serves && key.hostgroup === target.body.writerHostgroup);
    }),
  );
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

type Planned = { readonly plan: GroupPlan; readonly wanted: readonly WantedRow[] };

type Context = PlanContext & {
  readonly index: ViewIndex;
  readonly owners: ReadonlyMap<number, string>;
  /** Collects the keys that some group answers for. */
  readonly ours: Set<string>;
  /** Collects what people are about to take out of service. */
  readonly cordonsPending: ForeignPending[];
};

/** Plans a group that is in shadow: its rows are somebody else's, so a LOAD that would publish edits of them is not ours. */
function lookOnly(target: GroupTarget, owned: ReadonlySet<number>, context: Context): Planned {
  const hold = findHold(target, owned, context);
  const isConsentMissing = hold?.code === 'ADOPTION_REQUIRED';
  const scope = { ...context, ours: new Set<string>(), cordonsPending: [] };
  const known = isConsentMissing ? new Set([...context.known, target.group]) : context.known;
  const { plan } = planGroup(target, owned, { ...scope, known });
  return { plan: shadowPlan(plan, isConsentMissing ? null : hold), wanted: [] };
}

function planGroup(target: GroupTarget, owned: ReadonlySet<number>, context: Context): Planned {
  const { index, ours, shunnedMs } = context;
  const hold = findHold(target, owned, context);
  if (hold !== null) return { plan: heldPlan(target, hold, findStrangers(target, owned, index)), wanted: [] };
  const unnamed = findUnnamed(target, owned, index);
  const withdrawn = findWithdrawn(target, unnamed, index);
  const { desired, written, fallback } = planWithFallback(target, { owned, withdrawn }, context);
  const leaving = planLeaving(target, owned, {
    index,
    desired: desired.rows,
    written,
    withdrawn: withdrawn.filter((key) => fallback.server === null || keyOf(key) !== keyOf(fallback.server)),
    shunnedMs,
    isUnconfirmed: context.unconfirmed.has(target.group),
  });
  const wanted = [...leaving.desired, ...leaving.rows];
  const changes = wanted.map((row) => compareRow(row, index)).filter((change) => change.isWrite || change.isLoad);
  for (const { id } of wanted) ours.add(id);
  for (const key of desired.held) ours.add(keyOf(key));
  context.cordonsPending.push(...desired.pending);
  const isWaiting = desired.held.length > desired.pending.length || desired.warming.length > 0;
  const plan = {
    target,
    changes,
    diskDeletes: leaving.diskDeletes,
    isSettled: !isWaiting && changes.every((change) => isOnlyDrained(change)),
    hold: desired.hold ?? describeWarming(desired.warming),
    removing: leaving.removing,
    isDraining: leaving.removing.length > 0 || leaving.rows.length > 0,
    absent: leaving.absent,
    unmanaged: unnamed.filter((row) => !ours.has(keyOf(row))),
    runtimeRows: rowsIn(index, 'runtime', owned),
    warming: desired.warming,
    cordoned: desired.cordoned,
    isWriterFallback: hasStandIn(target, wanted, desired.held, index),
    hasReader: fallback.hasReader,
    isHarmedByOthers: false,
    wakeAtMs: earliest(desired.wakeAtMs, fallback.wakeAtMs),
  };
  return { plan, wanted };
}

type Going = { readonly owned: ReadonlySet<number>; readonly withdrawn: readonly ServerKey[] };

/** Plans the rows that the snapshot names, and the writer among the readers where none is left. */
function planWithFallback(
  target: GroupTarget,
  going: Going,
  context: Context,
): { readonly desired: DesiredPlan; readonly written: Written; readonly fallback: FallbackPlan } {
  const { index } = context;
  const named = planDesired(target, target.body.kind === 'removed' ? [] : target.body.servers, index, context);
  const written = new Map(named.rows.map(({ id, want }) => [id, want]));
  const expected = { written, warming: named.warming, going: findGoing(target, going, index) };
  const fallback = planFallback(target, expected, index, context);
  const standIn = planDesired(target, fallback.server === null ? [] : [fallback.server], index, context);
  if (!fallback.isNeeded && standIn.cordoned.length + standIn.pending.length === 0) {
    return { desired: named, written, fallback: { ...fallback, server: null } };
  }
  for (const { id, want } of standIn.rows) written.set(id, want);
  const desired = {
    ...named,
    rows: [...named.rows, ...standIn.rows.map((row) => ({ ...row, cause: 'fallback' as const }))],
    held: [...named.held, ...standIn.held],
    cordoned: [...named.cordoned, ...standIn.cordoned],
    pending: [...named.pending, ...standIn.pending],
    wakeAtMs: earliest(named.wakeAtMs, standIn.wakeAtMs),
  };
  return { desired, written, fallback };
}

/** Whether the writer is among the readers without the snapshot's saying so. */
function hasStandIn(
  { body }: GroupTarget,
  wanted: readonly WantedRow[],
  held: readonly ServerKey[],
  index: ViewIndex,
): boolean {
  if (body.kind === 'removed') return false;
  const writers = body.servers.filter(({ hostgroup }) => hostgroup === body.writerHostgroup);
  const asReaders = writers.map((writer) => keyOf({ ...writer, hostgroup: body.readerHostgroup }));
  const keys = new Set(asReaders.filter((key) => !byKey(body.servers).has(key)));
  if (keys.size === 0) return false;
  const becomes = wanted.some(({ id, want }) => keys.has(id) && canServe(want ?? undefined));
  return becomes || held.some((key) => keys.has(keyOf(key)) && canServe(index.runtime.get(keyOf(key))));
}

/** What our own writes do to a group is safe: it is others' edits that a LOAD would do more by. */
function isHarmed({ body }: GroupTarget, wanted: readonly WantedRow[], index: ViewIndex): boolean {
  if (body.kind === 'removed') return false;
  const written = new Map(wanted.map(({ id, want }) => [id, want]));
  const standing = rowsIn(index, 'memory', [body.writerHostgroup, body.readerHostgroup]);
  const keys = new Set([...written.keys(), ...standing.map(keyOf)]);
  const rows = [...keys].flatMap((key) => afterLoad(written, index, key) ?? []);
  const hasReader = rows.some((row) => row.hostgroup === body.readerHostgroup && canServe(row));
  const isWriter = (row: ServerRow): boolean => row.hostgroup === body.writerHostgroup && isServing(row);
  const before = rowsIn(index, 'runtime', [body.writerHostgroup]).filter(isWriter).map(keyOf);
  const added = rows.filter((row) => isWriter(row) && !before.includes(keyOf(row)));
  return (!hasReader && findServing(body, index).length > 0) || (added.length > 0 && before.length + added.length > 1);
}

/** Rows that have to go sooner or later, the writer as reader not counted. */
function findGoing(target: GroupTarget, { owned, withdrawn }: Going, index: ViewIndex): ReadonlySet<string> {
  const leaving = new Set(target.body.leaving.map(addressOf));
  if (leaving.size === 0) return new Set(withdrawn.map(keyOf));
  const rows = rowsIn(index, 'runtime', owned).filter((row) => leaving.has(addressOf(row)));
  return new Set([...rows, ...withdrawn].map(keyOf));
}

function earliest(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.min(one, other);
}

/** A row that waits only for its deletion gets no new traffic any more. */
function isOnlyDrained(change: RowChange): boolean {
  return change.cause === 'drained' && !isServing(change.inRuntime ?? undefined);
}

function heldPlan(target: GroupTarget, hold: Hold, unmanaged: readonly Address[]): GroupPlan {
  const nothing = {
    changes: [],
    diskDeletes: [],
    removing: [],
    absent: [],
    runtimeRows: [],
    warming: [],
    cordoned: [],
  };
  const service = { isWriterFallback: false, hasReader: false, isHarmedByOthers: false, wakeAtMs: null };
  return { target, ...nothing, ...service, unmanaged, isSettled: false, isDraining: false, hold };
}

function compareRow({ key, id, want, cause }: WantedRow, index: ViewIndex): RowChange {
  const [inMemory, inRuntime] = [index.memory.get(id) ?? null, index.runtime.get(id) ?? null];
  const isWrite = want === null ? inMemory !== null : inMemory === null || !isWrittenEqual(inMemory, want);
  const isLoad = differs(inRuntime, want) || (want?.status === 'ONLINE' && isShunnedByHand(inMemory, inRuntime));
  return { key, want, cause, inMemory, inRuntime, isWrite, isLoad };
}

/** What somebody loaded as SHUNNED stays so: ProxySQL takes back only its own shuns. */
function isShunnedByHand(inMemory: ServerRow | null, inRuntime: ServerRow | null): boolean {
  return inMemory?.status === 'SHUNNED' && inRuntime?.status === 'SHUNNED';
}

/** A row that is OFFLINE_HARD in memory is shown in runtime only while it has connections. */
function differs(inRuntime: ServerRow | null, want: ServerRow | null): boolean {
  if (want === null || want.status === 'OFFLINE_HARD') {
    return inRuntime !== null && inRuntime.status !== 'OFFLINE_HARD';
  }
  return inRuntime === null || !isRuntimeEqual(inRuntime, want);
}
