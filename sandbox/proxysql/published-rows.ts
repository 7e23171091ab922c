/** What becomes of a row of memory when it is published: ProxySQL reads it into its own structures and writes those. */
import type { SqlRow, SqlValue } from './admin-database.ts';

const userColumn = { password: 1, defaultSchema: 5, backend: 9, frontend: 10 } as const;
const ruleColumn = { digest: 8, modifiers: 12, destination: 15 } as const;
const statusColumn = 4;

/**
 * An account runs as two, one for clients and one for backends: all of the former first, each part in the order in which
 * accounts came.
 *
 * @param before What ran until now.
 */
export function publishedUsers(rows: readonly SqlRow[], before: readonly SqlRow[]): SqlRow[] {
  const accounts = rows.map((row) =>
    row.with(userColumn.defaultSchema, row[userColumn.defaultSchema] ?? '').with(userColumn.password, row[1] ?? ''),
  );
  const half = (own: number, other: number): SqlRow[] => {
    const order = new Map(before.filter((row) => row[own] === 1).map(([name], place) => [name, place]));
    const placeOf = ([name]: SqlRow): number => order.get(name) ?? order.size;
    return accounts
      .filter((row) => row[own] === 1)
      .map((row) => row.with(own, 1).with(other, 0))
      .sort((left, right) => placeOf(left) - placeOf(right));
  };
  return [...half(userColumn.frontend, userColumn.backend), ...half(userColumn.backend, userColumn.frontend)];
}

/** A query rule as it reads back. */
export function publishedRule(row: SqlRow): SqlRow {
  const destination = row[ruleColumn.destination] ?? null;
  return row
    .with(ruleColumn.digest, digestText(row[ruleColumn.digest] ?? null))
    .with(ruleColumn.modifiers, modifiersText(row[ruleColumn.modifiers] ?? null))
    .with(ruleColumn.destination, Number(destination) < 0 ? null : destination);
}

/** A server as SAVE ... FROM RUNTIME writes it: a shun is passing. */
export function unshunned(row: SqlRow): SqlRow {
  return row[statusColumn] === 'SHUNNED' ? row.with(statusColumn, 'ONLINE') : row;
}

/** Sixteen digits in capitals; null for what is no number. */
function digestText(value: SqlValue): string | null {
  const digits = /^\s*0x([0-9a-f]{1,16})/i.exec(String(value))?.[1];
  return digits === undefined ? null : `0x${digits.toUpperCase().padStart(16, '0')}`;
}

/** Those that it knows, in capitals. */
function modifiersText(value: SqlValue): string {
  const named = String(value).toUpperCase();
  return ['CASELESS', 'GLOBAL'].filter((modifier) => named.split(',').includes(modifier)).join();
}
