/** What becomes of a row of memory when it is published: ProxySQL reads it into its own structures and writes those. */
import type { SqlRow, SqlValue } from './admin-database.ts';

const userColumn = { password: 1, defaultSchema: 5, backend: 9, frontend: 10 } as const;
const ruleColumn = { digest: 8, modifiers: 12 } as const;
/** destination_hostgroup, next_query_flagIN, mirror_flagOUT, mirror_hostgroup, gtid_from_hostgroup: -1 is "not set". */
const numberOrUnset: ReadonlySet<number> = new Set([15, 23, 24, 25, 30]);
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
  return row
    .map((value, column) => (numberOrUnset.has(column) && Number(value) === -1 ? null : value))
    .with(ruleColumn.digest, digestText(row[ruleColumn.digest] ?? null))
    .with(ruleColumn.modifiers, modifiersText(row[ruleColumn.modifiers] ?? null));
}

/** A server as SAVE ... FROM RUNTIME writes it: a shun is passing. */
export function unshunned(row: SqlRow): SqlRow {
  return row[statusColumn] === 'SHUNNED' ? row.with(statusColumn, 'ONLINE') : row;
}

/** Sixteen digits in capitals, as strtoull reads a number in any base; null for none, for 0 and for what is too large. */
function digestText(value: SqlValue): string | null {
  const text = /^\s*(0x[0-9a-f]+|0[0-7]*|[1-9]\d*)/i.exec(String(value))?.[1] ?? '0';
  const number = BigInt(/^0\d/.test(text) ? `0o${text.slice(1)}` : text);
  if (number === 0n || number >= 0xffff_ffff_ffff_ffffn) return null;
  return `0x${number.toString(16).toUpperCase().padStart(16, '0')}`;
}

/** Those that it knows, in capitals; what follows one up to the next comma does not matter. */
function modifiersText(value: SqlValue): string {
  const words = String(value).toUpperCase().split(',');
  return ['CASELESS', 'GLOBAL'].filter((modifier) => words.some((word) => word.startsWith(modifier))).join();
}
