import type { ForeignPending } from './foreign.ts';
import type { Failure } from './messages.ts';

/** One row of a ProxySQL table: ProxySQL's own column names, values as text, NULL as `null`. */
export type TableRow = Readonly<Record<string, string | null>>;

/** What `LOAD … TO RUNTIME` publishes together. */
export type Module = 'MYSQL SERVERS' | 'MYSQL USERS' | 'MYSQL QUERY RULES' | 'MYSQL VARIABLES';

/** The tables beside mysql_servers that hold rows of groups. Such a row says whose it is in its comment. */
export type TableName = 'mysql_users' | 'mysql_query_rules' | 'mysql_hostgroup_attributes' | 'mysql_servers_ssl_params';

/** What there is to know about a table. */
export type TableDescription = {
  readonly name: TableName;
  readonly module: Module;
  /** Tables without rows of groups that the same LOAD publishes, other than those of the servers, and their keys. */
  readonly siblings: Readonly<Record<string, readonly string[]>>;
  /** What tells rows apart in SQL. */
  readonly primaryKey: readonly string[];
  /** What a group claims as a whole; for users the name, whatever rows bear it. */
  readonly identity: readonly string[];
  /** Every column that a group may name, with what a row that does not name it has. */
  readonly columns: TableRow;
  /** Columns whose values nobody may read. */
  readonly secrets: readonly string[];
  /** Rows whose column `active` is 0 stand in memory only: a row is taken out of service so before it is deleted. */
  readonly hasActive: boolean;
  /** What runtime shows of a row in memory after a LOAD. */
  readonly inRuntime: (row: TableRow) => readonly TableRow[];
  /** Columns that say nothing about an edit where memory has one of these rows and runtime the other. */
  readonly incomparable: (memory: TableRow, runtime: TableRow) => readonly string[];
};

/** A table as read at one moment; all rows have the same columns. */
export type TableView = { readonly memory: readonly TableRow[]; readonly runtime: readonly TableRow[] };

/** What one group of this proxy wants of a table. A removed group wants nothing. */
export type TableDemand = {
  readonly group: string;
  readonly rows: readonly TableRow[];
  readonly adoptExisting: boolean;
  /** Whether a row lies where only the group's own rows may be. */
  readonly claims: (row: TableRow) => boolean;
  /** Whether a row of ours that is not wanted any more has to stay for now. */
  readonly keeps: (row: TableRow) => boolean;
};

/** One step for one table. Level-based: the next one is planned from a fresh look, until nothing is left. */
export type TablePlan = {
  readonly groups: readonly TableGroupPlan[];
  /** What a LOAD would publish besides our rows. When not empty, nothing that needs a LOAD may be done. */
  readonly foreignPending: readonly ForeignPending[];
  /** Groups whose mark stands on a row. */
  readonly marked: ReadonlySet<string>;
};

export type TableGroupPlan = {
  readonly group: string;
  /** For one REPLACE, before everything else. */
  readonly writes: readonly TableRow[];
  /** Rows of ours that nothing needs any more, for one DELETE after all writes. */
  readonly deletes: readonly TableRow[];
  /** Runtime differs from what it should show. */
  readonly needsLoad: boolean;
  /** What the step changes, for people. */
  readonly changes: readonly string[];
  /** Memory and runtime are both as wanted. */
  readonly isSettled: boolean;
  readonly hold: Failure | null;
};

export type PlanTableOptions = {
  readonly table: TableDescription;
  /** The columns that this proxy's table has. */
  readonly columns: readonly string[];
};

/** Whether any group has something to do. */
export function hasTableWork(plan: TablePlan): boolean {
  return plan.groups.some((group) => group.writes.length > 0 || group.deletes.length > 0 || group.needsLoad);
}
