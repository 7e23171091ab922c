/**
 * What ProxySQL's releases differ in, as an agent sees it: tables, columns and checksums.
 * @see docs/proxysql.md
 */
import { configTables } from './schema-config.ts';

/** A release as `2.5.2`. */
export type ProxySqlVersion = `${number}.${number}.${number}`;

export const newestVersion: ProxySqlVersion = '2.7.1';

const tablesSince: Readonly<Record<string, ProxySqlVersion>> = {
  mysql_hostgroup_attributes: '2.5.0',
  mysql_servers_ssl_params: '2.6.0',
};
const columnsSince: readonly (readonly [column: string, version: ProxySqlVersion])[] = [
  ['servers_defaults', '2.5.3'],
  ['hostgroup_settings', '2.6.0'],
];
/** Stands for all the tables that 3.0 has for PostgreSQL. */
const pgsqlServers = `CREATE TABLE pgsql_servers (hostgroup_id INT CHECK (hostgroup_id>=0) NOT NULL DEFAULT 0 , hostname VARCHAR NOT NULL , port INT CHECK (port >= 0 AND port <= 65535) NOT NULL DEFAULT 5432 , status VARCHAR CHECK (UPPER(status) IN ('ONLINE','SHUNNED','OFFLINE_SOFT', 'OFFLINE_HARD')) NOT NULL DEFAULT 'ONLINE' , weight INT CHECK (weight >= 0 AND weight <=10000000) NOT NULL DEFAULT 1 , compression INT CHECK (compression IN(0,1)) NOT NULL DEFAULT 0 , max_connections INT CHECK (max_connections >=0) NOT NULL DEFAULT 1000 , max_replication_lag INT CHECK (max_replication_lag >= 0 AND max_replication_lag <= 126144000) NOT NULL DEFAULT 0 , use_ssl INT CHECK (use_ssl IN(0,1)) NOT NULL DEFAULT 0 , max_latency_ms INT UNSIGNED CHECK (max_latency_ms>=0) NOT NULL DEFAULT 0 , comment VARCHAR NOT NULL DEFAULT '' , PRIMARY KEY (hostgroup_id, hostname, port) )`;

/** Definitions of the tables of `main` that a release has. */
export function configTablesOf(version: ProxySqlVersion): readonly string[] {
  const tables = configTables
    .filter((definition) => isAtLeast(version, tablesSince[tableName(definition)] ?? '0.0.0'))
    .map((definition) => withoutNewerColumns(definition, version));
  return isAtLeast(version, '3.0.0') ? [...tables, pgsqlServers] : tables;
}

/** Whether `runtime_checksums_values` has a row for all seven tables of servers together. */
export function hasServersV2(version: ProxySqlVersion): boolean {
  return isAtLeast(version, '2.6.0');
}

/** The table that a definition creates. */
export function tableName(definition: string): string {
  return /^CREATE TABLE (\w+)/.exec(definition)?.[1] ?? '';
}

function withoutNewerColumns(definition: string, version: ProxySqlVersion): string {
  return columnsSince
    .filter(([, since]) => !isAtLeast(version, since))
    .reduce((text, [column]) => text.replace(new RegExp(`\\n {4}${column} [^\\n]*`), ''), definition);
}

function isAtLeast(version: ProxySqlVersion, other: ProxySqlVersion): boolean {
  const [left, right] = [version, other].map((text) => text.split('.').map(Number));
  const index = left?.findIndex((part, position) => part !== right?.[position]) ?? -1;
  return index === -1 || (left?.[index] ?? 0) > (right?.[index] ?? 0);
}
