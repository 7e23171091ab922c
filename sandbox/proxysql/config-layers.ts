/**
 * ProxySQL's three layers of configuration (disk, memory, runtime) and the copying between them. Memory and disk are
 * SQLite tables; runtime is held here and in `Hostgroups`, and written into the `runtime_` tables when a statement
 * names one. A module is always copied whole: LOAD MYSQL SERVERS publishes all seven of its tables.
 */
import { randomUUID } from 'node:crypto';

import type { AdminDatabase, SqlRow } from './admin-database.ts';
import type { CopyRoute, ModuleName } from './admin-statement.ts';
import type { ChecksumName, Checksums } from './checksums.ts';
import { Hostgroups } from './hostgroups.ts';
import { publishedRule, publishedUsers, unshunned } from './published-rows.ts';
import { RuntimeVariables, variablePrefixes } from './runtime-variables.ts';

/** A server as ProxySQL's configuration file would name it. */
export type ConfiguredServer = { readonly hostgroup: number; readonly hostname: string; readonly port: number };

type TableModule = Exclude<ModuleName, keyof typeof variablePrefixes>;

const moduleTables: Readonly<Record<TableModule, readonly string[]>> = {
  'MYSQL SERVERS': [
    'mysql_servers',
    'mysql_replication_hostgroups',
    'mysql_group_replication_hostgroups',
    'mysql_galera_hostgroups',
    'mysql_aws_aurora_hostgroups',
    'mysql_hostgroup_attributes',
    'mysql_servers_ssl_params',
  ],
  'MYSQL USERS': ['mysql_users'],
  'MYSQL QUERY RULES': ['mysql_query_rules', 'mysql_query_rules_fast_routing'],
  'PROXYSQL SERVERS': ['proxysql_servers'],
  SCHEDULER: ['scheduler'],
  RESTAPI: ['restapi_routes'],
  'MYSQL FIREWALL': [
    'mysql_firewall_whitelist_users',
    'mysql_firewall_whitelist_rules',
    'mysql_firewall_whitelist_sqli_fingerprints',
  ],
};
const tableModules = Object.keys(moduleTables) as TableModule[];
const checksumOf: Partial<Record<TableModule, ChecksumName>> = {
  'MYSQL USERS': 'mysql_users',
  'MYSQL QUERY RULES': 'mysql_query_rules',
  'PROXYSQL SERVERS': 'proxysql_servers',
};

/** What of a table's memory content is published; all of it, in this order, where nothing else is said. */
const publishedRows: Readonly<Record<string, string>> = {
  mysql_servers: 'ORDER BY hostgroup_id, hostname, port',
  mysql_query_rules: 'WHERE active = 1 ORDER BY rule_id',
  mysql_users: 'WHERE active = 1 AND default_hostgroup >= 0',
};

export class ConfigLayers {
  readonly hostgroups = new Hostgroups();
  readonly checksums: Checksums;
  readonly variables = new RuntimeVariables();
  readonly #db: AdminDatabase;
  readonly #configured: readonly ConfiguredServer[];
  /** Published rows by table; `mysql_servers` is in `hostgroups`. */
  readonly #published = new Map<string, readonly SqlRow[]>();

  constructor(db: AdminDatabase, configured: readonly ConfiguredServer[], checksums: Checksums) {
    this.#db = db;
    this.#configured = configured;
    this.checksums = checksums;
  }

  /**
   * Does the first half of a start: memory from disk (from the configuration file when the disk is new), and from memory
   * what the admin interface needs to run.
   */
  boot(startVariables: Readonly<Record<string, string>>): void {
    this.variables.writeDefaults(this.#db, startVariables);
    if (this.#db.isFresh) {
      this.#loadConfigured();
      this.#copyTables('MYSQL SERVERS', 'main', 'disk');
      this.#db.run('INSERT INTO disk.global_variables SELECT * FROM main.global_variables');
      this.#db.run('INSERT INTO disk.global_settings VALUES (?, ?)', 'uuid', randomUUID());
    }
    for (const module of tableModules) this.#copyTables(module, 'disk', 'main');
    this.#db.run('REPLACE INTO main.global_variables SELECT * FROM disk.global_variables');
    this.#publish('MYSQL USERS');
    for (const prefix of Object.values(variablePrefixes)) this.#publishVariables(prefix);
  }

  /** Does the second half: runtime from memory. */
  bootTraffic(): void {
    for (const module of tableModules) if (module !== 'MYSQL USERS') this.#publish(module);
  }

  /** Copies a module between two layers; returns the rows that the answer counts. */
  copy(module: ModuleName, route: CopyRoute): number {
    if (module === 'MYSQL VARIABLES' || module === 'ADMIN VARIABLES') {
      return this.#copyVariables(variablePrefixes[module], route);
    }
    switch (route) {
      case 'memoryToRuntime':
        this.#publish(module);
        return 0;
      case 'runtimeToMemory':
        this.#retract(module);
        return 0;
      case 'memoryToDisk':
        this.#copyTables(module, 'main', 'disk');
        return 0;
      case 'diskToMemory':
        this.#copyTables(module, 'disk', 'main');
        return 0;
      case 'configToMemory':
        return module === 'MYSQL SERVERS' ? this.#loadConfigured() : 0;
    }
  }

  /** Rewrites the `runtime_` tables that `text` names. Naming one of a module's tables rewrites them all, but for rules. */
  refreshRuntimeTables(text: string): void {
    for (const module of tableModules) {
      const tables = this.#tablesOf(module);
      const named = tables.filter((table) => text.includes(`runtime_${table}`));
      if (named.length === 0) continue;
      const refreshed = module === 'MYSQL QUERY RULES' ? named : tables;
      for (const table of refreshed) this.#db.replaceRows(`main.runtime_${table}`, this.#runtimeRows(table));
    }
    if (text.includes('global_variables')) {
      this.#db.replaceRows('main.runtime_global_variables', this.variables.rows());
    }
    if (text.includes('runtime_checksums_values')) {
      this.#db.replaceRows('main.runtime_checksums_values', this.checksums.rows());
    }
  }

  /** Addresses that the monitor moves between a writer and a reader hostgroup. */
  placedByReadOnly(): { readonly hostname: string; readonly port: number }[] {
    return this.hostgroups.monitored().filter((address) =>
      this.#writersAndReaders()
        .flat()
        .some((hostgroup) => this.hostgroups.has({ hostgroup, ...address })),
    );
  }

  /** Moves a server to where it belongs. Only what runs changes: memory keeps what was written. */
  placeByReadOnly(address: { readonly hostname: string; readonly port: number }, isReadOnly: boolean): void {
    const before = this.hostgroups.checksumRows();
    const keepsReader = this.variables.get('mysql-monitor_writer_is_also_reader') === 'true';
    for (const [writer, reader] of this.#writersAndReaders()) {
      const writes = this.hostgroups.has({ hostgroup: writer, ...address });
      const reads = this.hostgroups.has({ hostgroup: reader, ...address });
      if (isReadOnly && writes) {
        if (!reads) this.hostgroups.copy({ from: writer, to: reader, ...address });
        this.hostgroups.remove({ hostgroup: writer, ...address });
      } else if (!isReadOnly && !writes && reads) {
        this.hostgroups.copy({ from: reader, to: writer, ...address });
        if (!keepsReader) this.hostgroups.remove({ hostgroup: reader, ...address });
      }
    }
    const after = this.hostgroups.checksumRows();
    if (JSON.stringify(before) !== JSON.stringify(after)) this.checksums.amend('mysql_servers', [after]);
  }

  /** Whether a client account of that name is published; it hides an admin account. */
  hasUser(name: string): boolean {
    return this.#runtimeRows('mysql_users').some((row) => row[0] === name);
  }

  #runtimeRows(table: string): readonly SqlRow[] {
    return table === 'mysql_servers' ? this.hostgroups.runtimeRows() : (this.#published.get(table) ?? []);
  }

  #writersAndReaders(): (readonly [writer: number, reader: number])[] {
    return this.#runtimeRows('mysql_replication_hostgroups').map(([writer, reader]) => [
      Number(writer),
      Number(reader),
    ]);
  }

  /** A module's tables, those that this version has. */
  #tablesOf(module: TableModule): readonly string[] {
    return moduleTables[module].filter((table) => this.#db.hasTable(table));
  }

  #publish(module: TableModule): void {
    const tables = this.#tablesOf(module);
    for (const table of tables) {
      const rows = this.#db.rows(`SELECT * FROM main.${table} ${publishedRows[table] ?? 'ORDER BY 1'}`);
      if (table === 'mysql_servers') this.hostgroups.commit(rows);
      else this.#published.set(table, this.#asPublished(table, rows));
    }
    const checksum = checksumOf[module];
    const contents = tables.map((table) =>
      table === 'mysql_servers' ? this.hostgroups.checksumRows() : this.#runtimeRows(table),
    );
    if (checksum !== undefined) this.checksums.publish(checksum, contents);
    if (module !== 'MYSQL SERVERS') return;
    this.checksums.publish('mysql_servers_v2', contents);
    this.checksums.publish('mysql_servers', contents.slice(0, 1));
  }

  #asPublished(table: string, rows: readonly SqlRow[]): readonly SqlRow[] {
    switch (table) {
      case 'mysql_users':
        return publishedUsers(rows, this.#runtimeRows(table));
      case 'mysql_query_rules':
        return rows.map(publishedRule);
      default:
        return rows;
    }
  }

  /** SAVE ... FROM RUNTIME: memory becomes what runs, with shunned servers as ONLINE. */
  #retract(module: TableModule): void {
    for (const table of this.#tablesOf(module)) {
      const rows = this.#runtimeRows(table);
      if (table === 'mysql_users') this.#retractUsers(rows);
      else if (table === 'mysql_servers') this.#db.replaceRows('main.mysql_servers', rows.map(unshunned));
      else this.#db.replaceRows(`main.${table}`, rows);
    }
  }

  /** Users that do not run stay in memory, inactive. Those that run come back as two rows each. */
  #retractUsers(rows: readonly SqlRow[]): void {
    this.#db.run('UPDATE main.mysql_users SET active = 0');
    for (const row of rows) this.#db.run(`REPLACE INTO main.mysql_users VALUES (${row.map(() => '?').join()})`, ...row);
  }

  /** One table after the other, each emptied and filled in two transactions: a kill in between leaves it empty. */
  #copyTables(module: TableModule, from: 'main' | 'disk', to: 'main' | 'disk'): void {
    for (const table of this.#tablesOf(module)) {
      this.#db.run(`DELETE FROM ${to}.${table}`);
      this.#db.run(`INSERT INTO ${to}.${table} SELECT * FROM ${from}.${table}`);
    }
  }

  #copyVariables(prefix: string, route: CopyRoute): number {
    switch (route) {
      case 'memoryToRuntime':
        this.#publishVariables(prefix);
        return 0;
      case 'runtimeToMemory':
        this.variables.writeToMemory(this.#db, prefix);
        return 0;
      case 'memoryToDisk':
        return this.#copyVariableRows(prefix, 'main', 'disk');
      case 'diskToMemory':
        return this.#copyVariableRows(prefix, 'disk', 'main');
      case 'configToMemory':
        return 0;
    }
  }

  #copyVariableRows(prefix: string, from: string, to: string): number {
    const reply = this.#db.execute(
      `REPLACE INTO ${to}.global_variables SELECT * FROM ${from}.global_variables WHERE variable_name LIKE '${prefix}%'`,
    );
    return reply.kind === 'ok' ? reply.affectedRows : 0;
  }

  #publishVariables(prefix: string): void {
    this.variables.readFromMemory(this.#db, prefix);
    const checksum = prefix === 'mysql-' ? 'mysql_variables' : 'admin_variables';
    this.checksums.publish(checksum, [this.variables.rows().filter(([name]) => String(name).startsWith(prefix))]);
  }

  /** The configuration file's servers are merged: what it does not name stays. */
  #loadConfigured(): number {
    for (const { hostgroup, hostname, port } of this.#configured) {
      const values = [hostgroup, hostname, port];
      this.#db.run('REPLACE INTO main.mysql_servers (hostgroup_id, hostname, port) VALUES (?, ?, ?)', ...values);
    }
    return this.#configured.length;
  }
}
