import assert from 'node:assert/strict';
import { readMark } from './table-plan.ts';
import type { AnswerRow } from './answers.ts';
import { deleteTuples, replaceTuples, type Writer } from './sentinel.ts';
import { quoteText } from './sql-text.ts';
import type { Capabilities } from './capabilities.ts';
import type { ForeignPending } from './foreign.ts';
import type { Module, TableDescription, TableName, TableRow, TableView } from './table.ts';
import { parseAccountNames } from './users.ts';
import type { VariablesView } from './variables.ts';

/** Admin SQL for the tables beside mysql_servers, as text, and its answers as values. */

const tableNames = [
  'mysql_users',
  'mysql_query_rules',
  'mysql_hostgroup_attributes',
  'mysql_servers_ssl_params',
] as const;
/** The tables whose rows are not read together with the servers. */
const markedTables = ['mysql_users', 'mysql_query_rules'] as const;
export type MarkedTable = (typeof markedTables)[number];
const moduleNames: ReadonlyMap<string, Module> = new Map([
  ['mysql_servers_v2', 'MYSQL SERVERS'],
  ['mysql_users', 'MYSQL USERS'],
  ['mysql_query_rules', 'MYSQL QUERY RULES'],
  ['mysql_variables', 'MYSQL VARIABLES'],
]);

export const selectCapabilities =
  'SELECT m.name, p.name FROM sqlite_master AS m, pragma_table_info(m.name) AS p ' +
  `WHERE m.name IN (${tableNames.map(quoteText).join(', ')}) ORDER BY m.name, p.cid`;
export const selectLoads = 'SELECT name, version, checksum FROM runtime_checksums_values';
export const selectMarks = markedTables
  .flatMap((table) =>
    [table, `runtime_${table}`].map((from) => `SELECT '${table}', comment FROM ${from} WHERE comment LIKE 'chester %'`),
  )
  .join(' UNION ');
/** What names ProxySQL's own accounts; the values of the first two hold passwords. */
export const selectAccounts =
  'SELECT variable_name, variable_value FROM runtime_global_variables WHERE variable_name IN ' +
  "('admin-admin_credentials', 'admin-stats_credentials', 'mysql-monitor_username')";
export const selectVariables = ['memory', 'runtime']
  .map((where) => {
    const table = where === 'memory' ? 'global_variables' : 'runtime_global_variables';
    return `SELECT '${where}', variable_name, variable_value FROM ${table} WHERE variable_name LIKE 'mysql-%'`;
  })
  .join(' UNION ALL ');

/** Renders the statement that sums up a module's tables in memory. */
export function checksumMemory(module: Module): string {
  return `CHECKSUM MEMORY ${module}`;
}

/** Renders the statement that publishes a module. */
export function loadModule(module: Module): string {
  return `LOAD ${module} TO RUNTIME`;
}

/** Renders the statement that reads memory and runtime of a table at one moment. */
export function selectTable(table: TableName, columns: readonly string[]): string {
  const list = columns.map(quoteName).join(', ');
  return `SELECT 'memory', ${list} FROM ${table} UNION ALL SELECT 'runtime', ${list} FROM runtime_${table}`;
}

/** A table may have a million rows; whoever reads of an edit needs to see a few. */
const pendingMax = 6;

/** Renders the statement that finds rows of which only memory, or only runtime, knows. */
export function selectPending(table: string, key: readonly string[]): string {
  const runtime = `runtime_${table}`;
  const only = (where: string, one: string, other: string): string =>
    `SELECT * FROM (SELECT '${where}', ${key.map(quoteName).join(', ')} ` +
    `FROM (SELECT * FROM ${one} EXCEPT SELECT * FROM ${other}) LIMIT ${pendingMax})`;
  return `${only('memory', table, runtime)} UNION ALL ${only('runtime', runtime, table)}`;
}

/** Renders one statement that writes all `rows`, which name the same columns: either all of them change or none. */
export function replaceRows(table: TableName, rows: readonly TableRow[], writer: Writer): string {
  const columns = Object.keys(rows[0] ?? {});
  assert.ok(columns.length > 0, 'nothing to replace');
  const tuples = rows.map((row) => `(${columns.map((column) => quoteValue(row[column])).join(', ')})`);
  return replaceTuples(table, columns.map(quoteName).join(', '), tuples, writer);
}

/** Renders one statement that deletes exactly the rows with these keys. */
export function deleteRows({ name, primaryKey }: TableDescription, rows: readonly TableRow[], writer: Writer): string {
  assert.ok(rows.length > 0, 'nothing to delete');
  const keys = rows.map((row) => `(${primaryKey.map((column) => quoteValue(row[column])).join(', ')})`);
  return deleteTuples(name, primaryKey.map(quoteName).join(', '), keys, writer);
}

/** Renders one statement that writes variables into memory. */
export function writeVariables(variables: TableRow, writer: Writer): string {
  const tuples = Object.entries(variables).map(([name, value]) => `(${quoteText(name)}, ${quoteValue(value)})`);
  assert.ok(tuples.length > 0, 'nothing to write');
  return replaceTuples('global_variables', 'variable_name, variable_value', tuples, writer);
}

/** Reads the answer to `selectCapabilities`. */
export function parseCapabilities(rows: readonly AnswerRow[]): Capabilities {
  const capabilities = new Map<TableName, string[]>();
  for (const [table, column] of rows) {
    const name = tableNames.find((one) => one === table);
    if (name === undefined) continue;
    capabilities.set(name, [...(capabilities.get(name) ?? []), String(column)]);
  }
  return capabilities;
}

/** Reads the answer to `selectLoads`. */
export function parseLoads(rows: readonly AnswerRow[]): ReadonlyMap<Module, string> {
  return new Map(
    rows.flatMap(([name, version, checksum]) => {
      const module = moduleNames.get(String(name));
      return module === undefined ? [] : [[module, `${String(version)} ${String(checksum)}`] as const];
    }),
  );
}

/** Reads the answer to `checksumMemory`. */
export function parseChecksum(rows: readonly AnswerRow[]): string {
  return String(rows[0]?.[1] ?? '');
}

/** Reads the answer to `selectMarks`. */
export function parseMarks(rows: readonly AnswerRow[]): ReadonlyMap<MarkedTable, ReadonlySet<string>> {
  const groupsIn = (table: string): ReadonlySet<string> => {
    const marks = rows.filter(([name]) => name === table).map(([, comment]) => readMark({ comment: textOf(comment) }));
    return new Set(marks.filter((group) => group !== null));
  };
  return new Map(markedTables.map((table) => [table, groupsIn(table)]));
}

/** Reads the answer to `selectTable`. */
export function parseTable(columns: readonly string[], rows: readonly AnswerRow[]): TableView {
  const rowsIn = (where: string): readonly TableRow[] =>
    rows
      .filter(([name]) => name === where)
      .map((row) => Object.fromEntries(columns.map((column, index) => [column, textOf(row[index + 1])])));
  return { memory: rowsIn('memory'), runtime: rowsIn('runtime') };
}

/** Reads the answer to `selectPending`. */
export function parsePending(
  table: string,
  key: readonly string[],
  rows: readonly AnswerRow[],
): readonly ForeignPending[] {
  const nameOf = (row: AnswerRow): string =>
    key.map((column, index) => `${column} ${String(row[index + 1])}`).join(' ');
  const namesIn = (where: string): readonly string[] => rows.filter(([name]) => name === where).map(nameOf);
  const [inMemory, inRuntime] = [new Set(namesIn('memory')), new Set(namesIn('runtime'))];
  return [...new Set([...inMemory, ...inRuntime])].map((row) => {
    const wouldBe = !inRuntime.has(row) ? 'added' : inMemory.has(row) ? 'changed' : 'removed';
    return { table, row, wouldBe };
  });
}

/** Reads the names in the answer to `selectAccounts`, and nothing else. */
export function parseAccounts(rows: readonly AnswerRow[]): ReadonlySet<string> {
  return new Set(
    rows.flatMap(([name, value]) =>
      name === 'mysql-monitor_username' ? [String(value)] : parseAccountNames(String(value ?? '')),
    ),
  );
}

/** Reads the answer to `selectVariables`. */
export function parseVariables(rows: readonly AnswerRow[]): VariablesView {
  const valuesIn = (where: string): ReadonlyMap<string, string> =>
    new Map(rows.filter(([name]) => name === where).map(([, name, value]) => [String(name), String(value ?? '')]));
  return { memory: valuesIn('memory'), runtime: valuesIn('runtime') };
}

function textOf(value: AnswerRow[number] | undefined): string | null {
  return value === undefined || value === null ? null : String(value);
}

/** SQLite turns the text of a number into that number where the column is for numbers. */
function quoteValue(value: string | null | undefined): string {
  return value === undefined || value === null ? 'NULL' : quoteText(value);
}

/** A name that is not a plain word would be taken for a text. */
function quoteName(name: string): string {
  assert.match(name, /^\w+$/, `${JSON.stringify(name)} is not the name of a column`);
  return name;
}
