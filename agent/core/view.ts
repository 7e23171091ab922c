import type { MonitorLog } from './monitor-gate.ts';
import { addressOf, keyOf, type PoolRow, type ServerKey, type ServerRow } from './rows.ts';
import type { SiblingRow } from './siblings.ts';

/** What one look at a proxy found. Connections and disk are read only when a decision needs them. */
export type ProxyView = {
  readonly memory: readonly ServerRow[];
  readonly runtime: readonly ServerRow[];
  /** Read after `runtime`: a row that was OFFLINE_SOFT there takes no connection any more. `null` when not read. */
  readonly pool: readonly PoolRow[] | null;
  readonly disk: readonly ServerKey[] | null;
  /** The tables that a LOAD publishes together with mysql_servers. */
  readonly siblings: readonly SiblingRow[];
  /** What the proxy's monitor found; `null` when not read. */
  readonly monitor: MonitorLog | null;
};

/** A view that answers by key and by address. */
export type ViewIndex = {
  readonly memory: ReadonlyMap<string, ServerRow>;
  readonly runtime: ReadonlyMap<string, ServerRow>;
  /** Every row's key in memory or runtime, by address. */
  readonly keysByAddress: ReadonlyMap<string, readonly ServerKey[]>;
  readonly disk: readonly ServerKey[] | null;
  readonly pool: readonly PoolRow[] | null;
  readonly siblings: readonly SiblingRow[];
  readonly monitor: MonitorLog | null;
};

/** Indexes a view. */
export function indexView(view: ProxyView): ViewIndex {
  const memory = new Map(view.memory.map((row) => [keyOf(row), row]));
  const runtime = new Map(view.runtime.map((row) => [keyOf(row), row]));
  const keysByAddress = new Map<string, ServerKey[]>();
  for (const row of new Map<string, ServerKey>([...runtime, ...memory]).values()) {
    const keys = keysByAddress.get(addressOf(row));
    if (keys === undefined) keysByAddress.set(addressOf(row), [row]);
    else keys.push(row);
  }
  return { ...view, memory, runtime, keysByAddress };
}

/** Every row in memory, and those in runtime that memory has not; a removed one is shown there while it has connections. */
export function standingRows({ memory, runtime }: Pick<ViewIndex, 'memory' | 'runtime'>): readonly ServerRow[] {
  const removing = [...runtime].filter(([key, row]) => !memory.has(key) && row.status !== 'OFFLINE_HARD');
  return [...memory.values(), ...removing.map(([, row]) => row)];
}

/** Sums the connections in use over every hostgroup that holds the address, foreign ones too; `null` when not read. */
export function connectionsUsed(
  pool: readonly PoolRow[] | null,
  address: { readonly hostname: string; readonly port: number },
  isCounted: (row: PoolRow) => boolean = () => true,
): number | null {
  if (pool === null) return null;
  let used = 0;
  for (const row of pool) {
    if (row.hostname === address.hostname && row.port === address.port && isCounted(row)) used += row.connUsed;
  }
  return used;
}
