/**
 * ProxySQL's running set of servers, one object per (hostgroup, hostname, port). A server that a LOAD no longer names
 * becomes OFFLINE_HARD and keeps its used connections; it is forgotten by the first LOAD or read of
 * `runtime_mysql_servers` that finds it without any. Named again before that, the same object goes on.
 */
import type { SqlRow } from './admin-database.ts';

/** A server as tests and knobs name it; without `hostgroup`, in every hostgroup. */
export type ServerSelector = { readonly hostgroup?: number; readonly hostname: string; readonly port: number };

/** What traffic would have counted. Fields left out stay as they are. */
export type ServerCounters = {
  readonly used?: number;
  readonly free?: number;
  /** Connections opened and failed since the server was added. */
  readonly opened?: number;
  readonly failed?: number;
  readonly queries?: number;
  readonly latencyMicros?: number;
};

type ServerStatus = 'ONLINE' | 'SHUNNED' | 'SHUNNED_REPLICATION_LAG' | 'OFFLINE_SOFT' | 'OFFLINE_HARD';
type Server = {
  /** In the order of `mysql_servers`' columns, status left as it was loaded. */
  row: SqlRow;
  status: ServerStatus;
  readonly counters: { -readonly [Name in keyof ServerCounters]-?: NonNullable<ServerCounters[Name]> };
  maxUsed: number;
};

const statuses: readonly ServerStatus[] = ['ONLINE', 'SHUNNED', 'OFFLINE_SOFT', 'OFFLINE_HARD'];
const statusColumn = 4;
const maxReplicationLagColumn = 8;

export class Hostgroups {
  readonly #servers = new Map<string, Server>();
  #tableVersion = 0;

  /** Counts LOADs since the start: `Servers_table_version`. */
  get tableVersion(): number {
    return this.#tableVersion;
  }

  /** Makes these rows of `mysql_servers` the running ones, and lifts every shun but that for lag. */
  commit(rows: readonly SqlRow[]): void {
    this.#purge();
    const named = new Set(rows.map(serverKey));
    for (const [key, server] of this.#servers) {
      if (!named.has(key)) setStatus(server, 'OFFLINE_HARD');
    }
    for (const row of rows) this.#apply(row);
    this.#tableVersion += 1;
  }

  /** Rows of `runtime_mysql_servers`. */
  runtimeRows(): SqlRow[] {
    this.#purge();
    return [...this.#servers.values()].map((server) => shownRow(server, shownStatus(server))).sort(compareServers);
  }

  /** What the checksum covers: a shun is passing and local, a removed server is gone. */
  checksumRows(): SqlRow[] {
    return [...this.#servers.values()]
      .filter((server) => server.status !== 'OFFLINE_HARD')
      .map((server) => shownRow(server, shownStatus(server) === 'SHUNNED' ? 'ONLINE' : server.status))
      .sort(compareServers);
  }

  /** Rows of `stats_mysql_connection_pool`. Reading them drops free connections to servers that are not ONLINE. */
  poolRows(): SqlRow[] {
    return [...this.#servers.values()].map((server) => {
      if (server.status !== 'ONLINE') server.counters.free = 0;
      const { used, free, opened, failed, queries, latencyMicros } = server.counters;
      const [hostgroup = null, hostname = null, port = null] = server.row;
      const traffic = [used, free, opened, failed, server.maxUsed, queries, 0, 0, 0, latencyMicros];
      return [hostgroup, hostname, port, server.status, ...traffic];
    });
  }

  /** Addresses that the monitor looks at: all that are not removed, OFFLINE_SOFT ones too. */
  monitored(): { readonly hostname: string; readonly port: number }[] {
    const addresses = new Map<string, { hostname: string; port: number }>();
    for (const { row, status } of this.#servers.values()) {
      const address = { hostname: String(row[1]), port: Number(row[2]) };
      if (status !== 'OFFLINE_HARD') addresses.set(`${address.hostname}:${address.port}`, address);
    }
    return [...addresses.values()];
  }

  isMonitored(address: { readonly hostname: string; readonly port: number }): boolean {
    const { hostname, port } = address;
    for (const { row, status } of this.#servers.values()) {
      if (row[1] === hostname && row[2] === port && status !== 'OFFLINE_HARD') return true;
    }
    return false;
  }

  /** Addresses whose replication lag is asked for. */
  lagging(): { readonly hostname: string; readonly port: number }[] {
    return this.monitored().filter((address) =>
      this.#find(address).some(({ row, status }) => isServed(status) && Number(row[maxReplicationLagColumn]) > 0),
    );
  }

  /** Whether a server that may get traffic runs in a hostgroup. */
  has(server: Required<ServerSelector>): boolean {
    const found = this.#servers.get(serverKey([server.hostgroup, server.hostname, server.port]));
    return found !== undefined && isServed(found.status);
  }

  /** Has a server run in hostgroup `to` as it runs in `from`; it stays there as well. */
  copy({ from, to, hostname, port }: { readonly from: number; readonly to: number } & ServerSelector): void {
    for (const { row } of this.#find({ hostgroup: from, hostname, port })) this.#apply(row.with(0, to));
  }

  /** Removes a server as a LOAD without it does. */
  remove(server: Required<ServerSelector>): void {
    for (const found of this.#find(server)) setStatus(found, 'OFFLINE_HARD');
  }

  /** Connections in use and free, over all servers. */
  connections(): number {
    return [...this.#servers.values()].reduce((sum, { counters }) => sum + counters.used + counters.free, 0);
  }

  /** @throws {Error} when no such server runs. */
  count(selector: ServerSelector, counters: ServerCounters): void {
    for (const server of this.#find(selector)) {
      Object.assign(server.counters, counters);
      server.maxUsed = Math.max(server.maxUsed, server.counters.used);
    }
  }

  /** Ends one used connection of a server, if it has any. */
  endConnection(selector: ServerSelector): void {
    for (const { counters } of this.#find(selector)) counters.used = Math.max(0, counters.used - 1);
  }

  /**
   * Shuns what is ONLINE, as ProxySQL does by itself.
   *
   * @throws {Error} when no such server runs.
   */
  shun(selector: ServerSelector, cause: 'errors' | 'replicationLag'): void {
    for (const server of this.#find(selector)) {
      if (server.status === 'ONLINE') setStatus(server, cause === 'errors' ? 'SHUNNED' : 'SHUNNED_REPLICATION_LAG');
    }
  }

  /**
   * Shuns where the lag is above the server's limit, and ends such a shun where it is not.
   *
   * @param seconds Null for a server that is no replica.
   * @throws {Error} when no such server runs.
   */
  noteLag(selector: ServerSelector, seconds: number | null): void {
    for (const server of this.#find(selector)) {
      const limit = Number(server.row[maxReplicationLagColumn]);
      const isLate = seconds !== null && limit > 0 && seconds > limit;
      if (isLate && server.status === 'ONLINE') setStatus(server, 'SHUNNED_REPLICATION_LAG');
      else if (!isLate && server.status === 'SHUNNED_REPLICATION_LAG') setStatus(server, 'ONLINE');
    }
  }

  /**
   * Ends a shun, as traffic does in the real one after `mysql-shun_recovery_time_sec`.
   *
   * @throws {Error} when no such server runs.
   */
  unshun(selector: ServerSelector): void {
    for (const server of this.#find(selector)) {
      if (shownStatus(server) === 'SHUNNED') setStatus(server, 'ONLINE');
    }
  }

  /** Ends a shun that errors caused, where there is one. */
  recover(selector: ServerSelector): void {
    for (const server of this.#find(selector)) if (server.status === 'SHUNNED') setStatus(server, 'ONLINE');
  }

  #apply(row: SqlRow): void {
    const loaded = statuses.find((status) => status === String(row[statusColumn]).toUpperCase()) ?? 'ONLINE';
    const server = this.#servers.get(serverKey(row));
    if (server === undefined) {
      const counters = { used: 0, free: 0, opened: 0, failed: 0, queries: 0, latencyMicros: 0 };
      this.#servers.set(serverKey(row), { row, status: loaded, counters, maxUsed: 0 });
      return;
    }
    server.row = row;
    const staysShunned =
      server.status === 'SHUNNED_REPLICATION_LAG' && loaded === 'ONLINE' && Number(row[maxReplicationLagColumn]) > 0;
    if (!staysShunned) setStatus(server, loaded);
  }

  #purge(): void {
    for (const [key, { status, counters }] of this.#servers) {
      if (status === 'OFFLINE_HARD' && counters.used === 0 && counters.free === 0) this.#servers.delete(key);
    }
  }

  #find({ hostgroup, hostname, port }: ServerSelector): Server[] {
    const found = [...this.#servers.values()].filter(
      ({ row }) => (hostgroup === undefined || row[0] === hostgroup) && row[1] === hostname && row[2] === port,
    );
    if (found.length === 0) throw new Error(`no server ${hostname}:${port} in hostgroup ${hostgroup ?? 'any'}`);
    return found;
  }
}

function setStatus(server: Server, status: ServerStatus): void {
  server.status = status;
  if (status === 'OFFLINE_HARD') server.counters.free = 0;
}

function isServed(status: ServerStatus): boolean {
  return status !== 'OFFLINE_SOFT' && status !== 'OFFLINE_HARD';
}

function shownStatus({ status }: Server): ServerStatus {
  return status === 'SHUNNED_REPLICATION_LAG' ? 'SHUNNED' : status;
}

function shownRow({ row }: Server, status: ServerStatus): SqlRow {
  return row.with(statusColumn, status);
}

function serverKey(row: SqlRow): string {
  return JSON.stringify(row.slice(0, 3));
}

function compareServers(left: SqlRow, right: SqlRow): number {
  return Number(left[0]) - Number(right[0]) || compareText(left[1], right[1]) || Number(left[2]) - Number(right[2]);
}

function compareText(left: unknown, right: unknown): number {
  const [leftText, rightText] = [String(left), String(right)];
  if (leftText === rightText) return 0;
  return leftText < rightText ? -1 : 1;
}
