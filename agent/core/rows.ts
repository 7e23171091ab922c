import { parseMark } from './marks.ts';

/**
 * Rows of ProxySQL's server tables. `mysql_servers` (memory) is what everybody edits, `runtime_mysql_servers` is what
 * routes; LOAD copies the first over the second. A row's key is hostgroup, hostname and port, spelled exactly:
 * to ProxySQL `localhost` and `LOCALHOST` are two servers.
 */
export type Address = { readonly hostname: string; readonly port: number };

/** What identifies a row. */
export type ServerKey = Address & { readonly hostgroup: number };

/** One row, all columns of ProxySQL 2.x. */
export type ServerRow = ServerKey & {
  readonly gtidPort: number;
  /** ONLINE, SHUNNED, OFFLINE_SOFT or OFFLINE_HARD. */
  readonly status: string;
  readonly weight: number;
  readonly compression: number;
  readonly maxConnections: number;
  readonly maxReplicationLagSeconds: number;
  readonly useSsl: boolean;
  readonly maxLatencyMs: number;
  readonly comment: string;
};

/** One server's line in `stats_mysql_connection_pool`. */
export type PoolRow = ServerKey & {
  readonly status: string;
  readonly connUsed: number;
  readonly connFree: number;
  readonly connErr: number;
  readonly queries: number;
  readonly latencyMicros: number;
};

/** What the columns that no snapshot names get in a new row: the table's own defaults. */
export const unnamedColumns = { gtidPort: 0, compression: 0, maxLatencyMs: 0 } as const;

/** A key as text, for maps. */
export function keyOf(key: ServerKey): string {
  return `${key.hostgroup} ${addressOf(key)}`;
}

/** An address as text, for maps and for people. */
export function addressOf(address: Address): string {
  return `${address.hostname}:${address.port}`;
}

/** Whether a row in this status gets new traffic, or would again without anybody's doing. */
export function isServing(row: ServerRow | undefined): boolean {
  return row?.status === 'ONLINE' || row?.status === 'SHUNNED';
}

/** Whether the columns we write are equal. */
export function isWrittenEqual(one: ServerRow, other: ServerRow): boolean {
  return (
    one.status === other.status &&
    one.weight === other.weight &&
    one.maxConnections === other.maxConnections &&
    one.maxReplicationLagSeconds === other.maxReplicationLagSeconds &&
    one.useSsl === other.useSsl &&
    one.comment === other.comment
  );
}

/** Whether the runtime shows what a LOAD of `row` would make it show; SHUNNED there is ProxySQL's own act. */
export function isRuntimeEqual(runtime: ServerRow, row: ServerRow): boolean {
  const isShunned = runtime.status === 'SHUNNED' && row.status === 'ONLINE';
  return isWrittenEqual(isShunned ? { ...runtime, status: 'ONLINE' } : runtime, row);
}

/** Orders keys by hostgroup, then address. */
export function compareKeys(one: ServerKey, other: ServerKey): number {
  if (one.hostgroup !== other.hostgroup) return one.hostgroup - other.hostgroup;
  if (one.hostname !== other.hostname) return one.hostname < other.hostname ? -1 : 1;
  return one.port - other.port;
}

/**
 * Renders rows for hashing: sorted, one per line, SHUNNED as ONLINE and without our marks, so that two proxies that were told the same
 * render the same whatever their monitors think.
 */
export function renderRows(rows: readonly ServerRow[]): string {
  return rows
    .toSorted(compareKeys)
    .map((row) =>
      JSON.stringify([
        row.hostgroup,
        row.hostname,
        row.port,
        row.status === 'SHUNNED' ? 'ONLINE' : row.status,
        row.weight,
        row.maxConnections,
        row.maxReplicationLagSeconds,
        row.useSsl,
        parseMark(row.comment).comment,
      ]),
    )
    .join('\n');
}
