/** One row of a ProxySQL table: ProxySQL's own column names, values as text, NULL as `null`. */
export type TableRow = Readonly<Record<string, string | null>>;

/** ProxySQL's way to write a truth value in a table. */
export function bit(isTrue: boolean): string {
  return isTrue ? '1' : '0';
}

/** Leaves out the columns that were not declared: they keep the table's default. */
export function rowOf(columns: Readonly<Record<string, string | number | boolean | null | undefined>>): TableRow {
  const declared = Object.entries(columns).filter(([, value]) => value !== undefined);
  return Object.fromEntries(declared.map(([name, value]) => [name, cellOf(value)]));
}

function cellOf(value: string | number | boolean | null | undefined): string | null {
  if (value === null || value === undefined) return null;
  return typeof value === 'boolean' ? bit(value) : String(value);
}
