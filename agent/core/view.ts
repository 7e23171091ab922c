import type { MonitorLog } from './monitor-gate.ts';
import { type Address, addressOf, keyOf, type PoolRow, type ServerKey, type ServerRow } from './rows.ts';
import type { SiblingRow } from './siblings.ts';

/** What stands beside the servers' rows. Connections, disk and monitor are read only when a decision needs them. */
export type OtherReads = {
  /** Read after `runtime`: a row that was OFFLINE_SOFT there takes no connection any more. `null` when not read. */
  readonly pool: readonly PoolRow[] | null;
  readonly disk: readonly ServerKey[] | null;
  /** The tables that a LOAD publishes together with mysql_servers. */
  readonly siblings: readonly SiblingRow[];
  /** What the proxy's monitor found; `null` when not read. */
  readonly monitor: MonitorLog | null;
};

/** Memory and runtime, answering by key, by hostgroup and by address. */
export type RowIndex = {
  readonly memory: ReadonlyMap<string, ServerRow>;
  readonly runtime: ReadonlyMap<string, ServerRow>;
  /** Memory's and runtime's rows by hostgroup: with many groups, nobody looks through all of them. */
  readonly hostgroups: ReadonlyMap<number, HostgroupRows>;
  /** Every row's key in memory or runtime that has the address. */
  readonly keysAt: (address: Address) => readonly ServerKey[];
};

/** What one look at a proxy found. */
export type ViewIndex = RowIndex & OtherReads;

type HostgroupRows = {
  readonly memory: ServerRow[];
  readonly runtime: ServerRow[];
  /** Those in memory, and those in runtime that memory has not: a removed one is shown there while it has connections. */
  readonly standing: ServerRow[];
};

/** Indexes memory and runtime. */
export function indexRows(view: {
  readonly memory: readonly ServerRow[];
  readonly runtime: readonly ServerRow[];
}): RowIndex {
  const memory = new Map<string, ServerRow>();
  const runtime = new Map<string, ServerRow>();
  const hostgroups = new Map<number, HostgroupRows>();
  for (const row of view.memory) {
    memory.set(keyOf(row), row);
    const rows = findHostgroup(hostgroups, row.hostgroup);
    rows.memory.push(row);
    rows.standing.push(row);
  }
  for (const row of view.runtime) {
    const key = keyOf(row);
    runtime.set(key, row);
    const rows = findHostgroup(hostgroups, row.hostgroup);
    rows.runtime.push(row);
    if (row.status !== 'OFFLINE_HARD' && !memory.has(key)) rows.standing.push(row);
  }
  let byAddress: ReadonlyMap<string, readonly ServerKey[]> | null = null;
  const keysAt = (address: Address): readonly ServerKey[] => {
    byAddress ??= indexAddresses(new Map<string, ServerKey>([...runtime, ...memory]).values());
    return byAddress.get(addressOf(address)) ?? [];
  };
  return { memory, runtime, hostgroups, keysAt };
}

function findHostgroup(hostgroups: Map<number, HostgroupRows>, hostgroup: number): HostgroupRows {
  const known = hostgroups.get(hostgroup);
  if (known !== undefined) return known;
  const rows = { memory: [], runtime: [], standing: [] };
  hostgroups.set(hostgroup, rows);
  return rows;
}

function indexAddresses(keys: Iterable<ServerKey>): ReadonlyMap<string, readonly ServerKey[]> {
  const byAddress = new Map<string, ServerKey[]>();
  for (const key of keys) {
    const others = byAddress.get(addressOf(key));
    if (others === undefined) byAddress.set(addressOf(key), [key]);
    else others.push(key);
  }
  return byAddress;
}

const noRows: readonly ServerRow[] = [];

/** The rows of these hostgroups in one of the tables, or standing in any. */
export function rowsIn(
  index: RowIndex,
  where: keyof HostgroupRows,
  hostgroups: Iterable<number>,
): readonly ServerRow[] {
  let rows: readonly ServerRow[] = noRows;
  for (const hostgroup of hostgroups) {
    const found = index.hostgroups.get(hostgroup)?.[where] ?? noRows;
    if (found.length > 0) rows = rows.length === 0 ? found : rows.concat(found);
  }
  return rows;
}

/** Sums the connections in use over every hostgroup that holds the address, foreign ones too; `null` when not read. */
export function connectionsUsed(
  pool: readonly PoolRow[] | null,
  address: Address,
  isCounted: (row: PoolRow) => boolean = () => true,
): number | null {
  if (pool === null) return null;
  let used = 0;
  for (const row of pool) {
    if (row.hostname === address.hostname && row.port === address.port && isCounted(row)) used += row.connUsed;
  }
  return used;
}
