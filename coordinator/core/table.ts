/** One row of a ProxySQL table: ProxySQL's own column names, values as text, NULL as `null`. */
export type TableRow = Readonly<Record<string, string | null>>;

/** Builds a row of what was declared, truth values as 0 and 1; columns that were not keep the table's default. */
export function rowOf(columns: Readonly<Record<string, string | number | boolean | null | undefined>>): TableRow {
  const declared = Object.entries(columns).filter(([, value]) => value !== undefined);
  return Object.fromEntries(declared.map(([name, value]) => [name, cellOf(value)]));
}

function cellOf(value: string | number | boolean | null | undefined): string | null {
  if (value === null || value === undefined) return null;
  return String(typeof value === 'boolean' ? Number(value) : value);
}
