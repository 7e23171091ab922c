import { findAdopted, findUnnamed } from './adoption.ts';
import { isOf, parseMark, withMark } from './marks.ts';
import type { PlanContext, Removing, WantedRow } from './plan.ts';
import { canServe, doubtMs, findServing, afterLoad, type Written } from './readers.ts';
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
import { connectionsUsed, type RowIndex, type ViewIndex } from './view.ts';

/**
 * How servers leave a group: OFFLINE_SOFT, until no connection uses the address in any hostgroup, then no row.
 * The last reader that gets queries stays, unless the whole group was removed. One that was SHUNNED a moment ago is
 * none: it may be as dead as before.
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
 * while something waits for it. What is still ONLINE in runtime has to be taken out first, whatever runs on it.
 */
export function neededReads(targets: readonly GroupTarget[], index: RowIndex): NeededReads {
  let pool = false;
  let disk = false;
  for (const target of targets) {
    const { body } = target;
    const owned = new Set([body.writerHostgroup, body.readerHostgroup]);
    const unnamed = findUnnamed(target, owned, index);
    if (body.leaving.length + unnamed.length === 0) continue;
    const leaving = body.leaving.map((address) => ownKeys(address, owned, index));
    if (leaving.some((keys) => keys.length === 0)) disk = true;
    const rows = [...leaving.flat(), ...findWithdrawn(target, unnamed, index)];
    if (rows.some((key) => isOutOfService(index.runtime.get(keyOf(key))))) pool = true;
  }
  return { pool, disk, warming: findWarming(targets, index.runtime.values()) };
}

function findWarming(targets: readonly GroupTarget[], rows: Iterable<ServerRow>): NeededReads['warming'] {
  const warming: NeededReads['warming'][number][] = [];
  for (const row of rows) {
    const { mark } = parseMark(row.comment);
    if (mark?.kind !== 'warming' || !targets.some(({ group }) => isOf(row, group))) continue;
    warming.push({ hostname: row.hostname, port: row.port, sinceMs: mark.sinceMs });
  }
  return warming;
}

type Context = {
  readonly index: ViewIndex;
  readonly desired: readonly WantedRow[];
  readonly written: Written;
  /** Rows that go although their address does not leave. */
  readonly withdrawn: readonly ServerKey[];
  readonly shunnedMs: PlanContext['shunnedMs'];
  /** Nobody called the target current yet: what serves now may be somebody newer's doing. */
  readonly isUnconfirmed: boolean;
};

/** Plans what happens to the addresses that have to go. `owned` are the hostgroups that this group answers for. */
export function planLeaving(target: GroupTarget, owned: ReadonlySet<number>, context: Context): LeavingPlan {
  const { index, withdrawn } = context;
  const lastReader = findLastReader(target, owned, context);
  const isLast = (key: ServerKey): boolean => lastReader !== null && keyOf(lastReader) === keyOf(key);
  const desired = context.desired.map((row) =>
    row.want !== null && isLast(row.key) ? { ...row, want: stay(row.want, index), cause: 'lastReader' as const } : row,
  );
  const rows = withdrawn.map((key) => planRow(key, { isLast: isLast(key), usedBy: 'row' }, index));
  const diskDeletes: ServerKey[] = [];
  const removing: Removing[] = [
    ...desired.filter(({ cause }) => cause === 'lastReader').map(({ key }) => describe(key, 'LAST_READER', index)),
    ...describeAdopted(target, withdrawn, { isLast, owned, index }),
  ];
  const absent: Address[] = [];
  for (const address of target.body.leaving) {
    const own = ownKeys(address, owned, index);
    if (context.isUnconfirmed && own.some((key) => isServing(index.runtime.get(keyOf(key))))) continue;
    for (const key of own) rows.push(planRow(key, { isLast: isLast(key), usedBy: 'address' }, index));
    const verdict = judge(address, { own, owned, isLast: own.some(isLast), index });
    diskDeletes.push(...verdict.diskDeletes);
    if (verdict.reason === null) absent.push({ hostname: address.hostname, port: address.port });
    else removing.push(describe(address, verdict.reason, index));
  }
  return { desired, rows, diskDeletes, removing, absent };
}

/** What the group adopted to let it go; an address that it still serves elsewhere is not on its way out. */
function describeAdopted(
  { body }: GroupTarget,
  withdrawn: readonly ServerKey[],
  { isLast, owned, index }: Pick<Evidence, 'owned' | 'index'> & { readonly isLast: (key: ServerKey) => boolean },
): readonly Removing[] {
  if (body.kind === 'removed' || withdrawn.length === 0) return [];
  const named = new Set(body.servers.map(addressOf));
  const addresses = new Map(withdrawn.map((key) => [addressOf(key), key]));
  return [...addresses.values()]
    .filter((key) => !named.has(addressOf(key)))
    .map((key) => {
      const own = withdrawn.filter((other) => addressOf(other) === addressOf(key));
      const { reason } = judge(key, { own, owned, isLast: own.some(isLast), index });
      return describe(key, reason ?? 'DRAINING', index);
    });
}

function ownKeys(address: LeavingServer, owned: ReadonlySet<number>, index: RowIndex): readonly ServerKey[] {
  return index
    .keysAt(address)
    .filter((key) => owned.has(key.hostgroup))
    .toSorted(compareKeys);
}

/**
 * Finds rows that have to go although their address does not. Those that the group put in and does not name any more
 * although it still names their address elsewhere, such as a writer that stood in for missing readers; their own
 * comment says so. Those that the group took out of service itself, and that came back after they were gone: ProxySQL
 * may carry a statement out long after its time was over. And, where the operator had the group adopt what it found,
 * those that it does not name.
 */
export function findWithdrawn(
  target: GroupTarget,
  unnamed: readonly ServerRow[],
  index: RowIndex,
): readonly ServerKey[] {
  const { body, group } = target;
  if (body.kind === 'removed' || unnamed.length === 0) return [];
  const addresses = new Set(body.servers.map(addressOf));
  const leaving = new Set(body.leaving.map(addressOf));
  const isOnItsWay = (row: ServerRow): boolean => parseMark(row.comment).mark?.kind === 'leaving';
  const ours = unnamed.filter((row) => isOf(row, group) && (addresses.has(addressOf(row)) || isOnItsWay(row)));
  return [...ours, ...findAdopted(target, unnamed, index)]
    .filter((row) => !leaving.has(addressOf(row)))
    .toSorted(compareKeys);
}

/**
 * Finds the reader that has to stay because else none that gets queries would, or only such as were found dead a moment
 * ago. What was withdrawn last stays: it is the likeliest to be healthy.
 */
function findLastReader(target: GroupTarget, owned: ReadonlySet<number>, context: Context): ServerKey | null {
  const { body } = target;
  const { index, written, withdrawn, shunnedMs } = context;
  if (body.kind === 'removed') return null;
  const leaving = body.leaving.flatMap((address) => ownKeys(address, owned, index));
  const gone = new Set([...leaving, ...withdrawn].map(keyOf));
  const isStaying = (row: ServerRow): boolean =>
    !gone.has(keyOf(row)) && canServe(afterLoad(written, index, keyOf(row)));
  const isSure = (row: ServerRow): boolean => (shunnedMs.get(keyOf(row)) ?? Infinity) >= doubtMs;
  const serving = findServing(body, index);
  if (serving.some((row) => isStaying(row) && isSure(row))) return null;
  const isOurs = (row: ServerRow): boolean => gone.has(keyOf(row)) || written.has(keyOf(row));
  const going = serving.filter((row) => !isStaying(row) && isOurs(row));
  const candidates = going.some(isSure) ? going.filter(isSure) : going;
  const withdrawnAt = new Map(body.leaving.map((address) => [addressOf(address), address.sinceRevision]));
  const since = (row: ServerRow): number => withdrawnAt.get(addressOf(row)) ?? 0;
  return candidates.toSorted((one, other) => since(other) - since(one) || compareKeys(one, other))[0] ?? null;
}

/** `usedBy`: whose connections keep the row, those of its address in every hostgroup or its own only. */
type Leave = { readonly isLast: boolean; readonly usedBy: 'address' | 'row' };

function planRow(key: ServerKey, { isLast, usedBy }: Leave, index: ViewIndex): WantedRow {
  const id = keyOf(key);
  const [inMemory, inRuntime] = [index.memory.get(id), index.runtime.get(id)];
  const row = inMemory ?? inRuntime;
  if (row === undefined || isDrained(key, usedBy, index)) return { key, id, want: null, cause: 'drained' };
  if (isLast) return { key, id, want: stay(row, index), cause: 'lastReader' };
  // Removed by somebody else already: ProxySQL shows it until its connections are gone, there is nothing to write.
  if (inMemory === undefined && row.status === 'OFFLINE_HARD') return { key, id, want: null, cause: 'drained' };
  if (row.status === 'OFFLINE_SOFT') return { key, id, want: row, cause: 'leaving' };
  const comment = withMark(row.comment, { kind: 'leaving' });
  return { key, id, want: { ...row, status: 'OFFLINE_SOFT', comment }, cause: 'leaving' };
}

/** The row as one that serves, with what it serves with now where the new row would get no queries. */
function stay(row: ServerRow, { runtime }: ViewIndex): ServerRow {
  const serving = { ...row, status: 'ONLINE', comment: withMark(row.comment, null) };
  const { weight, maxConnections } = canServe(serving) ? serving : (runtime.get(keyOf(row)) ?? serving);
  return { ...serving, weight, maxConnections };
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
  const somewhere = index.keysAt(address);
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

function describe(address: Address, reason: Removing['reason'], index: ViewIndex): Removing {
  const connUsed = connectionsUsed(index.pool, address) ?? 0;
  return { hostname: address.hostname, port: address.port, connUsed, reason, detail: '' };
}
