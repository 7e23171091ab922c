import { findStrangers } from './adoption.ts';
import { isOf, parseMark, withMark } from './marks.ts';
import type { Removing, WantedRow } from './plan.ts';
import {
  type Address,
  addressOf,
  compareKeys,
  isServing,
  keyOf,
  type PoolRow,
  type ServerKey,
  type ServerRow,
} from './rows.ts';
import type { GroupTarget, LeavingServer } from './snapshot.ts';
import { connectionsUsed, indexView, type ProxyView, type ViewIndex } from './view.ts';

/**
 * How servers leave a group: OFFLINE_SOFT, until no connection uses the address in any hostgroup, then no row.
 * The last reader that is ONLINE in runtime stays, unless the whole group was removed.
 */
export type LeavingPlan = {
  /** The desired rows, with the last reader kept ONLINE where the snapshot would take it out. */
  readonly desired: readonly WantedRow[];
  readonly rows: readonly WantedRow[];
  readonly diskDeletes: readonly ServerKey[];
  readonly removing: readonly Removing[];
  readonly absent: readonly Address[];
};

export type NeededReads = {
  readonly pool: boolean;
  readonly disk: boolean;
  /** Servers that wait for the monitor, and since when (wall clock). */
  readonly warming: readonly (Address & { readonly sinceMs: number })[];
};

/**
 * Says what else has to be read: connections while something drains, the disk to prove an absence, the monitor's word
 * while something waits for it. What is still ONLINE in runtime has to be
 * taken out first, whatever runs on it.
 */
export function neededReads(targets: readonly GroupTarget[], view: Pick<ProxyView, 'memory' | 'runtime'>): NeededReads {
  const index = indexView({ ...view, pool: null, disk: null, siblings: [], monitor: null });
  let pool = false;
  let disk = false;
  for (const target of targets) {
    const { body } = target;
    const owned = new Set([body.writerHostgroup, body.readerHostgroup]);
    const leaving = body.leaving.map((address) => ownKeys(address, owned, index));
    if (leaving.some((keys) => keys.length === 0)) disk = true;
    const rows = [...leaving.flat(), ...findWithdrawn(target, owned, index, null)];
    if (rows.some((key) => isOutOfService(index.runtime.get(keyOf(key))))) pool = true;
  }
  return { pool, disk, warming: findWarming(targets, view.memory) };
}

function findWarming(targets: readonly GroupTarget[], memory: readonly ServerRow[]): NeededReads['warming'] {
  return memory.flatMap((row) => {
    const { mark } = parseMark(row.comment);
    if (mark?.kind !== 'warming' || !targets.some(({ group }) => isOf(row, group))) return [];
    return [{ hostname: row.hostname, port: row.port, sinceMs: mark.sinceMs }];
  });
}

type Context = {
  readonly index: ViewIndex;
  readonly desired: readonly WantedRow[];
  /** The writer as reader, where it is needed. */
  readonly fallback: ServerKey | null;
};

/** Plans what happens to the addresses that have to go. `owned` are the hostgroups that this group answers for. */
export function planLeaving(target: GroupTarget, owned: ReadonlySet<number>, context: Context): LeavingPlan {
  const { index } = context;
  const lastReader = findLastReader(target, owned, context);
  const isLast = (key: ServerKey): boolean => lastReader !== null && keyOf(lastReader) === keyOf(key);
  const desired = context.desired.map((row) =>
    row.want !== null && isLast(row.key) ? { ...row, want: stay(row.want), cause: 'lastReader' as const } : row,
  );
  const rows = findWithdrawn(target, owned, index, context.fallback).map((key) =>
    planRow(key, { isLast: isLast(key), usedBy: 'row' }, index),
  );
  const diskDeletes: ServerKey[] = [];
  const removing: Removing[] = [];
  const absent: Address[] = [];
  for (const key of desired) {
    if (key.cause === 'lastReader') removing.push(describeRemoving(key.key, 'LAST_READER', index));
  }
  for (const address of target.body.leaving) {
    const own = ownKeys(address, owned, index);
    for (const key of own) rows.push(planRow(key, { isLast: isLast(key), usedBy: 'address' }, index));
    const verdict = judge(address, { own, owned, isLast: own.some(isLast), index });
    diskDeletes.push(...verdict.diskDeletes);
    if (verdict.reason === null) absent.push({ hostname: address.hostname, port: address.port });
    else removing.push(describeRemoving(address, verdict.reason, index));
  }
  return { desired, rows, diskDeletes, removing, absent };
}

function ownKeys(address: LeavingServer, owned: ReadonlySet<number>, index: ViewIndex): readonly ServerKey[] {
  const keys = index.keysByAddress.get(addressOf(address)) ?? [];
  return keys.filter((key) => owned.has(key.hostgroup)).toSorted(compareKeys);
}

/**
 * Finds rows that have to go although their address does not. Those that the group put in and does not name any more
 * although it still names their address elsewhere, such as a writer that stood in for missing readers; their own
 * comment says so. And, where the operator had the group adopt what it found, those that it does not name.
 */
export function findWithdrawn(
  target: GroupTarget,
  owned: ReadonlySet<number>,
  index: ViewIndex,
  fallback: ServerKey | null,
): readonly ServerKey[] {
  const { body, group } = target;
  if (body.kind === 'removed') return [];
  const named = new Set([...body.servers, ...(fallback === null ? [] : [fallback])].map(keyOf));
  const addresses = new Set(body.servers.map(addressOf));
  const leaving = new Set(body.leaving.map(addressOf));
  const ours = [...new Map([...index.runtime, ...index.memory]).values()].filter(
    (row) => owned.has(row.hostgroup) && addresses.has(addressOf(row)) && isOf(row, group),
  );
  const adopted = body.policy.adoptExisting ? findStrangers(target, owned, index) : [];
  return [...ours, ...adopted]
    .filter((row) => !named.has(keyOf(row)) && !leaving.has(addressOf(row)))
    .toSorted(compareKeys);
}

/**
 * Finds the reader that has to stay because taking out all that should go would leave none ONLINE in runtime.
 * What was withdrawn last stays: it is the likeliest to be healthy.
 */
function findLastReader(
  target: GroupTarget,
  owned: ReadonlySet<number>,
  { index, desired, fallback }: Context,
): ServerKey | null {
  const { body } = target;
  if (body.kind === 'removed') return null;
  const withdrawnAt = new Map(body.leaving.map((address) => [addressOf(address), address.sinceRevision]));
  const out = new Set([
    ...desired.filter((row) => row.want?.status !== 'ONLINE').map((row) => keyOf(row.key)),
    ...findWithdrawn(target, owned, index, fallback).map(keyOf),
  ]);
  const online = [...index.runtime.values()].filter(
    (row) => row.hostgroup === body.readerHostgroup && row.status === 'ONLINE',
  );
  const going = online.filter((row) => withdrawnAt.has(addressOf(row)) || out.has(keyOf(row)));
  if (going.length < online.length) return null;
  const since = (row: ServerRow): number => withdrawnAt.get(addressOf(row)) ?? 0;
  return going.toSorted((one, other) => since(other) - since(one) || compareKeys(one, other))[0] ?? null;
}

/** `usedBy`: whose connections keep the row, those of its address in every hostgroup or its own only. */
type Leave = { readonly isLast: boolean; readonly usedBy: 'address' | 'row' };

function planRow(key: ServerKey, { isLast, usedBy }: Leave, index: ViewIndex): WantedRow {
  const inMemory = index.memory.get(keyOf(key));
  const inRuntime = index.runtime.get(keyOf(key));
  const row = inMemory ?? inRuntime;
  if (row === undefined || isDrained(key, usedBy, index)) return { key, want: null, cause: 'drained' };
  if (isLast) return { key, want: stay(row), cause: 'lastReader' };
  // Removed by somebody else already: ProxySQL shows it until its connections are gone, there is nothing to write.
  if (inMemory === undefined && row.status === 'OFFLINE_HARD') return { key, want: null, cause: 'drained' };
  if (row.status === 'OFFLINE_SOFT') return { key, want: row, cause: 'leaving' };
  const comment = row.comment.startsWith('chester ') ? withMark(row.comment, { kind: 'leaving' }) : row.comment;
  return { key, want: { ...row, status: 'OFFLINE_SOFT', comment }, cause: 'leaving' };
}

/** The row as one that serves. */
function stay(row: ServerRow): ServerRow {
  return { ...row, status: 'ONLINE', comment: withMark(row.comment, null) };
}

/** Not in runtime, or out of service there and without a connection; connections that were not read count as some. */
function isDrained(key: ServerKey, usedBy: Leave['usedBy'], index: ViewIndex): boolean {
  const inRuntime = index.runtime.get(keyOf(key));
  if (inRuntime === undefined) return true;
  const isCounted = (row: PoolRow): boolean => usedBy === 'address' || row.hostgroup === key.hostgroup;
  return isOutOfService(inRuntime) && connectionsUsed(index.pool, key, isCounted) === 0;
}

function isOutOfService(inRuntime: ServerRow | undefined): boolean {
  return inRuntime !== undefined && !isServing(inRuntime);
}

type Verdict = { readonly reason: Removing['reason'] | null; readonly diskDeletes: readonly ServerKey[] };
type Evidence = {
  readonly own: readonly ServerKey[];
  readonly owned: ReadonlySet<number>;
  readonly isLast: boolean;
  readonly index: ViewIndex;
};

/** Says why an address is not gone, or with `null` that it is in no hostgroup of runtime, memory and disk. */
function judge(address: Address, { own, owned, isLast, index }: Evidence): Verdict {
  if (isLast) return { reason: 'LAST_READER', diskDeletes: [] };
  const somewhere = index.keysByAddress.get(addressOf(address)) ?? [];
  const isForeignHeld = somewhere.length > own.length;
  if (own.length > 0) {
    const usedByOwn = connectionsUsed(index.pool, address, (row) => owned.has(row.hostgroup));
    return { reason: isForeignHeld && usedByOwn === 0 ? 'HELD_BY_FOREIGN_ROW' : 'DRAINING', diskDeletes: [] };
  }
  if (isForeignHeld) return { reason: 'HELD_BY_FOREIGN_ROW', diskDeletes: [] };
  if (index.disk === null) return { reason: 'ON_DISK', diskDeletes: [] };
  const onDisk = index.disk.filter((key) => key.hostname === address.hostname && key.port === address.port);
  if (onDisk.length === 0) return { reason: null, diskDeletes: [] };
  const ownOnDisk = onDisk.filter((key) => owned.has(key.hostgroup));
  return { reason: ownOnDisk.length > 0 ? 'ON_DISK' : 'HELD_BY_FOREIGN_ROW', diskDeletes: ownOnDisk };
}

function describeRemoving(address: Address, reason: Removing['reason'], index: ViewIndex): Removing {
  const connUsed = connectionsUsed(index.pool, address) ?? 0;
  return { hostname: address.hostname, port: address.port, connUsed, reason, detail: '' };
}
