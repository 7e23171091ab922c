import type { SnapshotContent, SnapshotServer } from './snapshot.ts';
import type { TableRow } from './table.ts';

/** The rows that a snapshot comes to, by table and by what identifies a row in it. Secrets are marks, never themselves. */
export type ProxyTables = Readonly<Record<string, Readonly<Record<string, TableRow>>>>;

/** Makes a short mark of a secret: equal secrets, equal marks, and nothing to be learned from one. */
export type SecretMark = (secret: string) => string;

/** A value that people must not see begins with this. */
export const secretPrefix = '(hidden) ';

/** Renders the rows that every proxy of the group gets, as ProxySQL's tables have them. */
export function renderProxyTables(content: SnapshotContent, mark: SecretMark): ProxyTables {
  const { servers, parts } = content;
  const hide = (secret: string | null | undefined) =>
    secret === null || secret === undefined ? null : `${secretPrefix}${mark(secret)}`;
  const client = parts?.clientCertificate ?? null;
  const tls = servers.filter(({ caId }) => caId !== '' || client !== null);
  return {
    mysql_servers: rowsBy(servers, serverKey, serverRow),
    mysql_users: rowsBy(parts?.users ?? [], textOf('username'), (row) => ({
      ...row,
      password: hide(row['password']),
    })),
    mysql_query_rules: rowsBy(parts?.queryRules ?? [], textOf('rule_id'), (row) => row),
    mysql_hostgroup_attributes: rowsBy(parts?.hostgroupAttributes ?? [], textOf('hostgroup_id'), (row) => row),
    mysql_servers_ssl_params: rowsBy(tls, addressKey, ({ caId }) => ({
      ssl_ca: caId,
      ssl_cert: hide(client?.certificatePem),
      ssl_key: hide(client?.keyPem),
    })),
  };
}

function rowsBy<T>(items: readonly T[], keyOf: (item: T) => string, rowOf: (item: T) => TableRow) {
  return Object.fromEntries(items.map((item) => [keyOf(item), rowOf(item)]));
}

function textOf(column: string) {
  return (row: TableRow) => row[column] ?? '';
}

function addressKey({ hostname, port }: SnapshotServer): string {
  return `${hostname}:${port}`;
}

function serverKey(server: SnapshotServer): string {
  return `${server.hostgroup} ${addressKey(server)}`;
}

function serverRow(server: SnapshotServer): TableRow {
  return {
    hostgroup_id: String(server.hostgroup),
    hostname: server.hostname,
    port: String(server.port),
    status: server.status,
    weight: String(server.weight),
    max_connections: String(server.maxConnections),
    max_replication_lag: String(server.maxReplicationLagSeconds),
    use_ssl: server.useSsl ? '1' : '0',
    comment: server.comment,
  };
}
