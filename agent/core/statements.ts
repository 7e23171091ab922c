import assert from 'node:assert/strict';
import { type AnswerRow, integer, text } from './answers.ts';
import type { MonitorLog } from './monitor-gate.ts';
import type { ProxySession } from './pinned-sessions.ts';
import { type Address, addressOf, keyOf, type PoolRow, type ServerKey, type ServerRow } from './rows.ts';
import { deleteTuples, parseSentinel, replaceTuples, type SentinelState, type Writer } from './sentinel.ts';
import { siblingTables, type TableColumns } from './siblings.ts';
import { quoteText, renderNumber } from './sql-text.ts';
import type { Module } from './table.ts';

/**
 * Admin SQL as text: changes to statements, answers to rows. ProxySQL's admin port is SQLite behind MySQL's protocol:
 * no placeholders, no transactions, one statement per packet (the tail of a longer one is dropped in silence), and a
 * lone `;` kills the whole proxy.
 */

/** Of mysql_servers, all of ProxySQL 2.x. */
export const serverColumns =
  'hostgroup_id, hostname, port, gtid_port, status, weight, compression, ' +
  'max_connections, max_replication_lag, use_ssl, max_latency_ms, comment';

/** Renders the question for what the proxy's monitor found of these addresses since then. */
export function selectMonitor(addresses: readonly Address[], sinceMs: number): string {
  const where = `WHERE (hostname, port) IN (VALUES ${renderAddresses(addresses)}) AND time_start_us >= ${renderNumber(sinceMs)} * 1000`;
  return (
    `SELECT hostname, port, time_start_us / 1000, ping_error FROM monitor.mysql_server_ping_log ${where} ` +
    `UNION ALL SELECT hostname, port, time_start_us / 1000, connect_error FROM monitor.mysql_server_connect_log ${where} ` +
    "UNION ALL SELECT 'enabled', 0, 0, variable_value FROM global_variables " +
    "WHERE variable_name = 'mysql-monitor_enabled'"
  );
}

export const selectDiskServers = 'SELECT hostgroup_id, hostname, port FROM disk.mysql_servers';
/** Costs 2 to 5 ms and drops free connections of servers that are not ONLINE. */
export const selectConnectionPool =
  'SELECT hostgroup, srv_host, srv_port, status, ConnUsed, ConnFree, ConnERR, Queries, Latency_us ' +
  'FROM stats_mysql_connection_pool';
/** Renders the save of one module. 14 commits of their own for the servers: a kill between two can lose a table. */
export function saveToDisk(module: Module): string {
  return `SAVE ${module} TO DISK`;
}

/** Renders the question how many rows of these modules are not on disk as they are in memory. */
export function countUnsaved(modules: readonly Module[], known: TableColumns): string {
  const tables = modules
    .flatMap((module) => savedTables[module])
    .filter((table) => !isOptional(table) || known.has(table));
  const differences = tables.flatMap((table) => [
    `(SELECT COUNT(*) FROM (SELECT * FROM main.${table} EXCEPT SELECT * FROM disk.${table}))`,
    `(SELECT COUNT(*) FROM (SELECT * FROM disk.${table} EXCEPT SELECT * FROM main.${table}))`,
  ]);
  return `SELECT ${['0', ...differences].join(' + ')}`;
}

const savedTables: Readonly<Record<Module, readonly string[]>> = {
  'MYSQL SERVERS': ['mysql_servers', ...siblingTables],
  'MYSQL USERS': ['mysql_users'],
  'MYSQL QUERY RULES': ['mysql_query_rules'],
  'MYSQL VARIABLES': [],
};

function isOptional(table: string): boolean {
  return siblingTables.includes(table);
}

/** Every server's status, the cheap way: 1 ms with a few servers. */
export const selectStatuses = 'SELECT hostgroup_id, hostname, port, status FROM runtime_mysql_servers';
/** The last minute's replication lag by the proxy's monitor; only rows with a `max_replication_lag` have any. */
export const selectLag =
  'SELECT hostname, port, MAX(time_start_us), repl_lag FROM monitor.mysql_server_replication_lag_log ' +
  "WHERE error IS NULL AND repl_lag IS NOT NULL AND time_start_us > (strftime('%s', 'now') - 60) * 1000000 " +
  'GROUP BY hostname, port';
/** Costs 6 ms. */
export const selectClients =
  "SELECT Variable_Value FROM stats_mysql_global WHERE Variable_Name = 'Client_Connections_connected'";
/** The sentinel and the door for clients at one moment. Costs 6 ms. */
export const selectGate =
  "SELECT 'sentinel', proxy_boot, agent_id, boot_id, strftime('%s', 'now') - heartbeat_at, pause " +
  'FROM main.chester_agent ' +
  "UNION ALL SELECT 'status', Variable_Name, Variable_Value, '', '', '' FROM stats_mysql_global " +
  "WHERE Variable_Name IN ('Client_Connections_connected', 'mysql_listener_paused')";
/** Renders the question for the sessions that hold a connection to one of these. Costs up to 27 ms with 200 sessions. */
export function selectSessions(addresses: readonly Address[]): string {
  const among = renderAddresses(addresses);
  const host = "json_extract(backend.value, '$.conn.mysql.host')";
  const port = "json_extract(backend.value, '$.conn.mysql.port')";
  const columns = 'p.SessionID, p.user, p.cli_host, p.time_ms / 1000';
  return (
    `SELECT ${columns}, p.srv_host, p.srv_port, NULL FROM stats_mysql_processlist p ` +
    `WHERE (p.srv_host, p.srv_port) IN (VALUES ${among}) ` +
    `UNION ALL SELECT ${columns}, ${host}, ${port}, json_extract(backend.value, '$.conn.status') ` +
    "FROM stats_mysql_processlist p, json_each(p.extended_info, '$.backends') backend " +
    `WHERE json_valid(p.extended_info) AND (${host}, ${port}) IN (VALUES ${among})`
  );
}

/** Renders the end of one client's session; its connection closes. */
export function endSession(id: number): string {
  return `KILL CONNECTION ${renderNumber(id)}`;
}

/** Closes ProxySQL's listeners. Holds up every admin session until all threads have; on an idle proxy that takes 2 s. */
export const pauseProxy = 'PROXYSQL PAUSE';
export const resumeProxy = 'PROXYSQL RESUME';
export const selectVersion = "SELECT variable_value FROM global_variables WHERE variable_name = 'admin-version'";
export const loadServers = 'LOAD MYSQL SERVERS TO RUNTIME';

/** Renders one statement that writes all `rows`: either all of them change or none. */
export function replaceServers(rows: readonly ServerRow[], writer: Writer): string {
  assert.ok(rows.length > 0, 'nothing to replace');
  return replaceTuples('mysql_servers', serverColumns, rows.map(renderServer), writer);
}

/** Renders a row's values, in the order of `serverColumns`. */
export function renderServer(row: ServerRow): string {
  const values = [
    renderNumber(row.hostgroup),
    quoteText(row.hostname),
    renderNumber(row.port),
    renderNumber(row.gtidPort),
    quoteText(row.status),
    renderNumber(row.weight),
    renderNumber(row.compression),
    renderNumber(row.maxConnections),
    renderNumber(row.maxReplicationLagSeconds),
    row.useSsl ? '1' : '0',
    renderNumber(row.maxLatencyMs),
    quoteText(row.comment),
  ];
  return `(${values.join(', ')})`;
}

function renderAddresses(addresses: readonly Address[]): string {
  assert.ok(addresses.length > 0, 'nobody to ask about');
  return addresses.map(({ hostname, port }) => `(${quoteText(hostname)}, ${renderNumber(port)})`).join(', ');
}

/** Renders one statement that deletes exactly the rows with these keys, for as long as `writer` may. */
export function deleteServers(
  table: 'mysql_servers' | 'disk.mysql_servers',
  keys: readonly ServerKey[],
  writer: Writer,
): string {
  assert.ok(keys.length > 0, 'nothing to delete');
  const rows = keys.map(
    (key) => `(${renderNumber(key.hostgroup)}, ${quoteText(key.hostname)}, ${renderNumber(key.port)})`,
  );
  return deleteTuples(table, 'hostgroup_id, hostname, port', rows, writer);
}

/** Reads the answer to `selectMonitor`. */
export function parseMonitor(rows: readonly AnswerRow[]): MonitorLog {
  const enabled = rows.find((row) => text(row, 0) === 'enabled');
  const checks = rows
    .filter((row) => row !== enabled)
    .map((row) => ({
      hostname: text(row, 0),
      port: integer(row, 1),
      atMs: integer(row, 2),
      error: row[3] === null ? null : text(row, 3),
    }));
  return { isEnabled: enabled === undefined || text(enabled, 3) === 'true', checks };
}

/** Reads the answer to `selectGate`; `null` when the sentinel's row or the number of clients is missing. */
export function parseGate(
  rows: readonly AnswerRow[],
): { readonly sentinel: SentinelState; readonly isPaused: boolean; readonly clients: number } | null {
  const sentinel = rows.find((row) => row[0] === 'sentinel');
  const status = new Map(rows.map((row) => [text(row, 1), text(row, 2)]));
  const clients = Number(status.get('Client_Connections_connected'));
  if (sentinel === undefined || !Number.isSafeInteger(clients)) return null;
  return {
    sentinel: parseSentinel(sentinel.slice(1)),
    isPaused: status.get('mysql_listener_paused') === 'true',
    clients,
  };
}

/** Reads the answer to `selectDiskServers`. */
export function parseKeys(rows: readonly AnswerRow[]): readonly ServerKey[] {
  return rows.map((row) => ({ hostgroup: integer(row, 0), hostname: text(row, 1), port: integer(row, 2) }));
}

/** Reads the answer to `selectStatuses`: status by key. */
export function parseStatuses(rows: readonly AnswerRow[]): ReadonlyMap<string, string> {
  return new Map(
    rows.map((row) => {
      const key = { hostgroup: integer(row, 0), hostname: text(row, 1), port: integer(row, 2) };
      return [keyOf(key), text(row, 3)] as const;
    }),
  );
}

/** Reads the answer to `selectLag`: milliseconds by address. */
export function parseLag(rows: readonly AnswerRow[]): ReadonlyMap<string, number> {
  return new Map(
    rows.map((row) => [addressOf({ hostname: text(row, 0), port: integer(row, 1) }), integer(row, 3) * 1000]),
  );
}

/** Reads the answer to `selectConnectionPool`. */
export function parsePool(rows: readonly AnswerRow[]): readonly PoolRow[] {
  return rows.map((row) => ({
    hostgroup: integer(row, 0),
    hostname: text(row, 1),
    port: integer(row, 2),
    status: text(row, 3),
    connUsed: integer(row, 4),
    connFree: integer(row, 5),
    connErr: integer(row, 6),
    queries: integer(row, 7),
    latencyMicros: integer(row, 8),
  }));
}

/** Reads the answer to `selectSessions`: each session once an address, the row that says more where there are two. */
export function parseSessions(rows: readonly AnswerRow[]): readonly ProxySession[] {
  const sessions = new Map<string, ProxySession>();
  for (const row of rows) {
    const session = {
      id: integer(row, 0),
      user: text(row, 1),
      client: text(row, 2),
      seconds: integer(row, 3),
      hostname: text(row, 4),
      port: integer(row, 5),
      pins: parsePins(row[6] ?? null),
    };
    sessions.set(`${session.id} ${session.hostname} ${session.port}`, session);
  }
  return [...sessions.values()];
}

/** A connection's flags: those that are set name why the session keeps it. */
function parsePins(status: string | number | null): readonly string[] {
  if (status === null) return [];
  const flags: unknown = JSON.parse(String(status));
  if (typeof flags !== 'object' || flags === null) return [];
  return Object.entries(flags).flatMap(([flag, isSet]) => (isSet === true && flag !== 'no_multiplex' ? [flag] : []));
}
