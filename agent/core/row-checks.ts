import type { TableDescription, TableRow } from './table.ts';

/** Checks what every row of a snapshot has to fulfil before it may come near a statement. */
export function findRowProblems(table: TableDescription, group: string, rows: readonly TableRow[]): readonly string[] {
  const seen = new Set<string>();
  return rows.flatMap((row) => {
    const name = rowName(table, row);
    const problems = checkRow(table, group, row);
    if (seen.has(name)) problems.push('is there twice');
    seen.add(name);
    return problems.map((problem) => `${table.name} ${name}: ${problem}`);
  });
}

/** Whether a text is a whole number in a range, written as ProxySQL writes it. */
export function isWholeText(text: string | null | undefined, min: number, max: number): boolean {
  if (typeof text !== 'string' || !/^(?:0|-?[1-9]\d*)$/.test(text)) return false;
  const value = Number(text);
  return Number.isSafeInteger(value) && value >= min && value <= max;
}

/** Smallest and largest value of a column with whole numbers. ProxySQL keeps another number than one beyond, without a word. */
export type Ranges = Readonly<Record<string, readonly [min: number, max: number]>>;

/** Lists the columns of a row that are not in their range; one that is not named, or may be NULL and is, is fine. */
export function checkRanges(table: TableDescription, row: TableRow, ranges: Ranges): string[] {
  return Object.entries(ranges).flatMap(([column, [min, max]]) => {
    const value = row[column];
    if (value === undefined || (value === null && table.columns[column] === null)) return [];
    return isWholeText(value, min, max) ? [] : [`${column} ${String(value)} is not ${min} to ${max}`];
  });
}

function checkRow(table: TableDescription, group: string, row: TableRow): string[] {
  const problems: string[] = [];
  for (const [column, value] of Object.entries(row)) {
    if (!Object.hasOwn(table.columns, column)) problems.push(`a group has no say in column ${column}`);
    if (value?.includes('\0') === true) problems.push(`${column} holds a NUL character`);
  }
  for (const column of table.identity) {
    if (row[column] === undefined && table.columns[column] === null) problems.push(`has no ${column}`);
  }
  if (row['comment']?.startsWith(`chester ${group} `) !== true) {
    problems.push(`comment does not begin with "chester ${group} "`);
  }
  return problems;
}

function rowName(table: TableDescription, row: TableRow): string {
  return table.identity.map((column) => `${column} ${JSON.stringify(row[column] ?? table.columns[column])}`).join(' ');
}
