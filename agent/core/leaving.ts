import type { Removing, WantedRow } from './plan.ts';
import { type Address, addressOf, compareKeys, isServing, keyOf, type ServerKey, type ServerRow } from './rows.ts';
import type { GroupTarget, LeavingServer } from './snapshot.ts';
import { connectionsUsed, type ViewIndex } from './view.ts';

/**
 * How addresses leave a group: OFFLINE_SOFT, until no connection uses the address in any hostgroup, then no row.
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

type Context = { readonly index: ViewIndex; readonly desired: readonly WantedRow[] };

/** Plans what happens to the addresses that have to go. `owned` are the hostgroups that this group answers for. */
export function planLeaving(target: GroupTarget, owned: ReadonlySet<number>, context: Context): LeavingPlan {
  const { index } = context;
  const lastReader = findLastReader(target, context);
  const isLast = (key: ServerKey): boolean => lastReader !== null && keyOf(lastReader) === keyOf(key);
  const desired = context.desired.map((row) =>
    row.want !== null && isLast(row.key)
      ? { ...row, want: { ...row.want, status: 'ONLINE' }, cause: 'lastReader' as const }
      : row,
  );
  const rows: WantedRow[] = [];
  const diskDeletes: ServerKey[] = [];
  const removing: Removing[] = [];
  const absent: Address[] = [];
  for (const key of desired) {
    if (key.cause === 'lastReader') removing.push(describeRemoving(key.key, 'LAST_READER', index));
  }
  for (const address of target.body.leaving) {
    const own = ownKeys(address, owned, index);
    for (const key of own) rows.push(planRow(key, isLast(key), index));
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
 * Finds the reader that has to stay because taking out all that should go would leave none ONLINE in runtime.
 * What was withdrawn last stays: it is the likeliest to be healthy.
 */
function findLastReader(target: GroupTarget, { index, desired }: Context): ServerKey | null {
  const { body } = target;
  if (body.kind === 'removed') return null;
  const withdrawnAt = new Map(body.leaving.map((address) => [addressOf(address), address.sinceRevision]));
  const offline = new Set(desired.filter((row) => row.want?.status !== 'ONLINE').map((row) => keyOf(row.key)));
  const online = [...index.runtime.values()].filter(
    (row) => row.hostgroup === body.readerHostgroup && row.status === 'ONLINE',
  );
  const going = online.filter((row) => withdrawnAt.has(addressOf(row)) || offline.has(keyOf(row)));
  if (going.length < online.length) return null;
  const since = (row: ServerRow): number => withdrawnAt.get(addressOf(row)) ?? 0;
  return going.toSorted((one, other) => since(other) - since(one) || compareKeys(one, other))[0] ?? null;
}

function planRow(key: ServerKey, isLast: boolean, index: ViewIndex): WantedRow {
  const inMemory = index.memory.get(keyOf(key));
  const inRuntime = index.runtime.get(keyOf(key));
  const row = inMemory ?? inRuntime;
  if (row === undefined || isDrained(key, inRuntime, index)) return { key, want: null, cause: 'drained' };
  if (isLast) return { key, want: { ...row, status: 'ONLINE' }, cause: 'lastReader' };
  // Removed by somebody else already: ProxySQL shows it until its connections are gone, there is nothing to write.
  if (inMemory === undefined && row.status === 'OFFLINE_HARD') return { key, want: null, cause: 'drained' };
  return { key, want: { ...row, status: 'OFFLINE_SOFT' }, cause: 'leaving' };
}

/** Not in runtime, or out of service there and without a connection; connections that were not read count as some. */
function isDrained(key: ServerKey, inRuntime: ServerRow | undefined, index: ViewIndex): boolean {
  if (inRuntime === undefined) return true;
  return !isServing(inRuntime) && connectionsUsed(index.pool, key) === 0;
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
  return { hostname: address.hostname, port: address.port, connUsed, reason };
}
