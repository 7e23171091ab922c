import { type ProxyTables, secretPrefix } from './proxy-tables.ts';
import type { TableRow } from './table.ts';

/** A value that differs; null: it is not there. */
export type FieldChange = { readonly field: string; readonly before: string | null; readonly after: string | null };

/** A row of one of the proxies' tables that comes, goes or changes. */
export type RowChange = {
  readonly table: string;
  readonly change: 'add' | 'remove' | 'change';
  /** What identifies it. */
  readonly key: string;
  readonly columns: readonly FieldChange[];
};

/** Compares what proxies have with what they would have. Secrets are only said to differ. */
export function diffTables(before: ProxyTables, after: ProxyTables): RowChange[] {
  const tables = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return tables.flatMap((table) => diffRows(table, before[table] ?? {}, after[table] ?? {}));
}

/** Counts changes by table, for example `+1 mysql_servers, ~2 mysql_users`; empty when nothing differs. */
export function summariseChanges(changes: readonly RowChange[]): string {
  const signs = { add: '+', remove: '-', change: '~' } as const;
  const counts = new Map<string, number>();
  for (const { table, change } of changes) {
    const name = `${signs[change]} ${table}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].map(([name, count]) => `${name.slice(0, 1)}${count}${name.slice(1)}`).join(', ');
}

/** Compares two declarations field by field, by dotted path; a list is one value. */
export function diffFields(before: unknown, after: unknown): FieldChange[] {
  const [old, next] = [flatten(before), flatten(after)];
  const fields = [...new Set([...old.keys(), ...next.keys()])].sort();
  return fields
    .filter((field) => old.get(field) !== next.get(field))
    .map((field) => ({ field, before: old.get(field) ?? null, after: next.get(field) ?? null }));
}

type Rows = Readonly<Record<string, TableRow>>;

function diffRows(table: string, before: Rows, after: Rows): RowChange[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return keys.flatMap((key): RowChange[] => {
    const [old, next] = [before[key], after[key]];
    const columns = diffColumns(old ?? {}, next ?? {});
    if (old === undefined) return [{ table, change: 'add', key, columns }];
    if (next === undefined) return [{ table, change: 'remove', key, columns }];
    return columns.length === 0 ? [] : [{ table, change: 'change', key, columns }];
  });
}

function diffColumns(before: TableRow, after: TableRow): FieldChange[] {
  const columns = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return columns
    .filter((column) => (before[column] ?? null) !== (after[column] ?? null))
    .map((column) => {
      const [old, next] = [before[column] ?? null, after[column] ?? null];
      const isSecret = isHidden(old) || isHidden(next);
      if (!isSecret) return { field: column, before: old, after: next };
      return {
        field: column,
        before: old && '(hidden)',
        after: next && (old === null ? '(hidden)' : '(hidden, another)'),
      };
    });
}

function isHidden(value: string | null): boolean {
  return value?.startsWith(secretPrefix) ?? false;
}

function flatten(value: unknown, path = '', found = new Map<string, string>()): Map<string, string> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    for (const [name, content] of Object.entries(value))
      flatten(content, path === '' ? name : `${path}.${name}`, found);
  } else if (value !== undefined && value !== null) {
    found.set(path, typeof value === 'string' ? value : JSON.stringify(value));
  }
  return found;
}
