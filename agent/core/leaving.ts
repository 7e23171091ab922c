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

/**
 * Says what else has to be read: connections while something drains, the disk to prove an absence. What is still
 * ONLINE in runtime has to be taken out first, whatever runs on it.
 */
export function neededReads(
  targets: readonly GroupTarget[],
  view: Pick<ProxyView, 'memory' | 'runtime'>,
): { readonly pool: boolean; readonly disk: boolean } {
  const index = indexView({ ...view, pool: null, disk: null });
  let pool = false;
  let disk = false;
  for (const target of targets) {
    const { body } = target;
    const owned = new Set([body.writerHostgroup, body.readerHostgroup]);
    const leaving = body.leaving.map((address) => ownKeys(address, owned, index));
    if (leaving.some((keys) => keys.length === 0)) disk = true;
    const rows = [...leaving.flat(), ...findWithdrawn(target, owned, index)];
    if (rows.some((key) => isOutOfService(index.runtime.get(keyOf(key))))) pool = true;
  }
  return { pool, disk };
}

type Context = { readonly index: ViewIndex; readonly desired: readonly WantedRow[] };

/** Plans what happens to the addresses that have to go. `owned` are the hostgroups that this group answers for. */
export function planLeaving(target: GroupTarget, owned: ReadonlySet<number>, context: Context): LeavingPlan {
  const { index } = context;
  const lastReader = findLastReader(target, owned, context);
  const isLast = (key: ServerKey): boolean => lastReader !== null && keyOf(lastReader) === keyOf(key);
  const desired = context.desired.map((row) =>
    row.want !== null && isLast(row.key)
      ? { ...row, want: { ...row.want, status: 'ONLINE' }, cause: 'lastReader' as const }
      : row,
  );
  const rows = findWithdrawn(target, owned, index).map((key) =>
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
 * Finds rows that the group put in and does not name any more although it still names their address elsewhere, such
 * as a primary that stood in for missing readers. Their own comment says that a snapshot of this group wrote them;
 * a row that no snapshot ever named does not say so and is left alone.
 */
function findWithdrawn(target: GroupTarget, owned: ReadonlySet<number>, index: ViewIndex): readonly ServerKey[] {
  if (target.body.kind === 'removed') return [];
  const { servers } = target.body;
  const named = new Set(servers.map(keyOf));
  const addresses = new Set(servers.map(addressOf));
  const rows = [...new Map([...index.runtime, ...index.memory]).values()].filter(
    (row) =>
      owned.has(row.hostgroup) &&
      addresses.has(addressOf(row)) &&
      !named.has(keyOf(row)) &&
      row.comment.startsWith(`chester ${target.group} `),
  );
  return rows.toSorted(compareKeys);
}

/**
 * Finds the reader that has to stay because taking out all that should go would leave none ONLINE in runtime.
 * What was withdrawn last stays: it is the likeliest to be healthy.
 */
function findLastReader(
  target: GroupTarget,
  owned: ReadonlySet<number>,
  { index, desired }: Context,
): ServerKey | null {
  const { body } = target;
  if (body.kind === 'removed') return null;
  const withdrawnAt = new Map(body.leaving.map((address) => [addressOf(address), address.sinceRevision]));
  const out = new Set([
    ...desired.filter((row) => row.want?.status !== 'ONLINE').map((row) => keyOf(row.key)),
    ...findWithdrawn(target, owned, index).map(keyOf),
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
  if (isLast) return { key, want: { ...row, status: 'ONLINE' }, cause: 'lastReader' };
  // Removed by somebody else already: ProxySQL shows it until its connections are gone, there is nothing to write.
  if (inMemory === undefined && row.status === 'OFFLINE_HARD') return { key, want: null, cause: 'drained' };
  return { key, want: { ...row, status: 'OFFLINE_SOFT' }, cause: 'leaving' };
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
