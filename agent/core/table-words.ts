import type { Failure } from './messages.ts';
import type { TableDescription, TablePlan, TableRow } from './table.ts';

/** Rows of tables in words for people: named by their key, with secrets left out. */
const rowsMax = 5;

/** Names a row: `username app`. */
export function nameRow(table: TableDescription, row: TableRow): string {
  return table.identity.map((column) => `${column} ${row[column] ?? ''}`).join(' ');
}

/** Names a few rows. */
export function nameRows(table: TableDescription, rows: readonly TableRow[]): string {
  return listFew(rows.map((row) => nameRow(table, row)));
}

/** What a group would change in a table, and what would keep it from that. */
export function tableDifferences({ name }: TableDescription, plan: TablePlan, group: string): readonly string[] {
  return plan.groups
    .filter((one) => one.group === group)
    .flatMap(({ changes, hold }) => [
      ...changes.map((change) => `${name}: ${change}`),
      ...(hold === null ? [] : [`${hold.code}: ${hold.message}`]),
    ]);
}

/** Says that another group of this proxy has these rows. */
export function describeTaken(
  table: TableDescription,
  rows: readonly TableRow[],
  ownerOf: (row: TableRow) => string | undefined,
): Failure {
  const words = rows.map((row) => `${nameRow(table, row)} belongs to group ${ownerOf(row) ?? ''}`);
  return { code: 'ROW_TAKEN', message: `${table.name}: ${listFew(words)} on this proxy` };
}

/** Ends the words about a row that stands as it is wanted, but for the comment by which it is known as ours. */
export const onlyMarked = 'marked as ours';

/** Says what is written over rows that stand: the columns that differ. */
export function describeRewrite(table: TableDescription, standing: readonly TableRow[], row: TableRow): string {
  const columns = Object.keys(row).filter((column) => standing.some((one) => one[column] !== row[column]));
  if (columns.every((column) => column === 'comment')) return onlyMarked;
  const before = standing.map((one) => renderColumns(table, one, columns)).join(' and ');
  return `changed from ${before} to ${renderColumns(table, row, columns)}`;
}

type Adoption = {
  /** Rows that are wanted, where somebody else's stand. */
  readonly taken: readonly TableRow[];
  /** Rows that would be removed. */
  readonly squatters: readonly TableRow[];
  readonly standing: (row: TableRow) => readonly TableRow[];
};

/** Says what stands in the way, and what an adoption would make of it. */
export function describeAdoption(table: TableDescription, { taken, squatters, standing }: Adoption): Failure {
  const words = [
    ...taken.map((row) => describeTakeover(table, standing(row), row)),
    ...squatters.map(
      (row) => `${nameRow(table, row)} stands where only the group's own rows may be, and would be removed`,
    ),
  ];
  const message = `${table.name}: ${listFew(words)}; set policy.adoptExisting to take these rows over`;
  return { code: 'ADOPTION_REQUIRED', message };
}

function describeTakeover(table: TableDescription, standing: readonly TableRow[], row: TableRow): string {
  const columns = Object.keys(row).filter((column) => standing.some((one) => one[column] !== row[column]));
  const before = standing.map((one) => renderColumns(table, one, columns)).join(' and ');
  return `${nameRow(table, row)} stands with ${before}, and would have ${renderColumns(table, row, columns)}`;
}

function renderColumns(table: TableDescription, row: TableRow, columns: readonly string[]): string {
  return columns.map((column) => `${column} ${renderValue(table, column, row[column] ?? null)}`).join(' ');
}

function renderValue(table: TableDescription, column: string, value: string | null): string {
  if (table.secrets.includes(column)) return '(hidden)';
  return value === null ? 'NULL' : /^[\w.:*-]+$/.test(value) ? value : JSON.stringify(value);
}

function listFew(words: readonly string[]): string {
  const more = words.length > rowsMax ? `, and ${words.length - rowsMax} more` : '';
  return `${words.slice(0, rowsMax).join(', ')}${more}`;
}
