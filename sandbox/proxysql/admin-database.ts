import { dirname, join } from 'node:path';

import { DatabaseSync, type DatabaseSyncInstance, type StatementSyncInstance } from '@photostructure/sqlite';

import type { Reply, TextRow } from './packets.ts';
import { checksumsTable, diskOnlyTables } from './schema-config.ts';
import { monitorTables, statsTables } from './schema-stats.ts';
import { configTablesOf, type ProxySqlVersion, tableName } from './versions.ts';

export type SqlValue = string | number | bigint | null | Uint8Array;
export type SqlRow = readonly SqlValue[];

/** Tables of `main` that are neither on disk nor published. */
const memoryOnly = new Set(['coredump_filters']);
const unpublished = new Set(['mysql_collations']);

export type AdminDatabaseOptions = {
  /** Null keeps the disk database in memory, where it ends with the handle. */
  readonly dataFile: string | null;
  /** False spares the disk its fsync: enough to outlive a killed process, not a machine. */
  readonly isSynced: boolean;
  readonly version: ProxySqlVersion;
};

/**
 * The one SQLite handle behind all admin sessions: `main` in memory, `disk`, `stats` and `monitor` attached.
 * Double-quoted text is a string here, as it is there.
 */
export class AdminDatabase {
  /** Whether the disk database was new. */
  isFresh: boolean;
  readonly #db: DatabaseSyncInstance;
  readonly #configTables: readonly string[];

  constructor({ dataFile, isSynced, version }: AdminDatabaseOptions) {
    this.#configTables = configTablesOf(version);
    this.#db = new DatabaseSync(':memory:', { enableDoubleQuotedStringLiterals: true });
    const historyFile = dataFile === null ? ':memory:' : join(dirname(dataFile), 'proxysql_stats.db');
    this.#db.exec(`ATTACH DATABASE ${quote(dataFile ?? ':memory:')} AS disk`);
    this.#db.exec("ATTACH DATABASE ':memory:' AS stats; ATTACH DATABASE ':memory:' AS monitor");
    this.#db.exec(`ATTACH DATABASE ${quote(historyFile)} AS stats_history`);
    if (!isSynced) this.#db.exec('PRAGMA disk.synchronous = OFF');
    this.isFresh = this.rows("SELECT 1 FROM disk.sqlite_master WHERE name = 'mysql_servers'").length === 0;
    this.#createTables();
  }

  close(): void {
    this.#db.close();
  }

  /** Whether this version has a table of configuration of that name. */
  hasTable(name: string): boolean {
    return this.#configTables.some((definition) => tableName(definition) === name);
  }

  /**
   * Runs a client's statement, the first one only: what follows a semicolon is dropped, as ProxySQL drops it. One that
   * returns rows and fails while it runs is answered with the rows it had so far: ProxySQL does not look why they ended.
   */
  execute(sql: string): Reply {
    if (isBlank(sql)) return adminError('not an error');
    try {
      const statement = this.#db.prepare(sql);
      const columns = statement.columns();
      if (columns.length === 0) return { kind: 'ok', affectedRows: statement.run().changes, info: '' };
      statement.setReturnArrays(true);
      statement.setReadBigInts(true);
      const rows = rowsUntilError(statement);
      return { kind: 'rows', columns: columns.map(({ name }) => ({ name, type: 'text' })), rows: rows.map(textRow) };
    } catch (error) {
      return adminError(error instanceof Error ? error.message : String(error));
    }
  }

  /** Refuses what writes while `task` runs. */
  withoutWrites<T>(task: () => T): T {
    this.#db.exec('PRAGMA query_only = ON');
    try {
      return task();
    } finally {
      this.#db.exec('PRAGMA query_only = OFF');
    }
  }

  rows(sql: string): SqlRow[] {
    const statement = this.#db.prepare(sql);
    statement.setReturnArrays(true);
    return statement.all() as SqlRow[];
  }

  run(sql: string, ...values: SqlValue[]): void {
    this.#db.prepare(sql).run(...values);
  }

  /** Replaces a table's whole content. */
  replaceRows(table: string, rows: readonly SqlRow[]): void {
    this.#db.exec('SAVEPOINT replace_rows');
    this.#db.exec(`DELETE FROM ${table}`);
    const width = rows[0]?.length ?? 0;
    const insert =
      width === 0 ? null : this.#db.prepare(`INSERT INTO ${table} VALUES (${Array(width).fill('?').join()})`);
    for (const row of rows) insert?.run(...row);
    this.#db.exec('RELEASE replace_rows');
  }

  /** The whole content of the disk database, for one that has no file. */
  diskRows(): ReadonlyMap<string, readonly SqlRow[]> {
    const tables = this.rows("SELECT name FROM disk.sqlite_master WHERE type = 'table'").map(([name]) => String(name));
    return new Map(tables.map((table) => [table, this.rows(`SELECT * FROM disk.${table}`)]));
  }

  /** Puts back what `diskRows` returned. */
  restoreDisk(tables: ReadonlyMap<string, readonly SqlRow[]>): void {
    for (const [table, rows] of tables) this.replaceRows(`disk.${table}`, rows);
    this.isFresh = false;
  }

  #createTables(): void {
    for (const definition of this.#configTables) {
      const name = tableName(definition);
      this.#create('main', definition);
      if (!unpublished.has(name)) this.#create('main', definition.replace(name, `runtime_${name}`));
      if (this.isFresh && !memoryOnly.has(name)) this.#create('disk', definition);
    }
    this.#create('main', checksumsTable);
    if (this.isFresh) for (const definition of diskOnlyTables) this.#create('disk', definition);
    for (const definition of statsTables) this.#create('stats', definition);
    for (const definition of monitorTables) this.#create('monitor', definition);
  }

  /** Stores the definition in ProxySQL's own one-line form, from which SHOW CREATE TABLE makes lines again. */
  #create(schema: string, definition: string): void {
    const oneLine = definition.replace(/\(\n {4}/, '(').replaceAll(/,\n\s+/g, ' , ');
    this.#db.exec(oneLine.replace('CREATE TABLE ', `CREATE TABLE ${schema}.`));
  }
}

/** Every failed admin statement has this shape; only the text tells them apart. */
export function adminError(message: string): Reply {
  return { kind: 'error', errno: 1045, sqlState: '28000', message: `ProxySQL Admin Error: ${message}` };
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Whether nothing is left without comments and white space. */
function isBlank(sql: string): boolean {
  return sql.replaceAll(/--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/g, '').trim() === '';
}

function rowsUntilError(statement: StatementSyncInstance): SqlRow[] {
  const rows: SqlRow[] = [];
  try {
    for (const row of statement.iterate()) rows.push(row as SqlRow);
  } catch {
    // The rows so far are the answer.
  }
  return rows;
}

function textRow(row: readonly SqlValue[]): TextRow {
  return row.map((value) => {
    if (value === null || typeof value === 'string') return value;
    if (typeof value === 'bigint') return value.toString();
    return typeof value === 'number' ? realText(value) : Buffer.from(value).toString();
  });
}

/** SQLite writes a REAL with 15 digits, always with a point, and with an exponent of two digits where it needs one. */
function realText(value: number): string {
  const [digits = '', exponentText = '0'] = value.toExponential(14).split('e');
  const exponent = Number(exponentText);
  if (exponent < -4 || exponent >= 15) {
    const sign = exponent < 0 ? '-' : '+';
    return `${withPoint(Number(digits).toString())}e${sign}${Math.abs(exponent).toString().padStart(2, '0')}`;
  }
  return withPoint(Number(value.toPrecision(15)).toString());
}

function withPoint(digits: string): string {
  return digits.includes('.') ? digits : `${digits}.0`;
}
