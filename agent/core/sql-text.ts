import assert from 'node:assert/strict';

/** Quotes a text as an SQLite literal. A backslash means nothing there; only the quote itself is doubled. */
export function quoteText(text: string): string {
  assert.ok(!text.includes('\0'), 'SQLite ends a statement at a NUL character');
  return `'${text.replaceAll("'", "''")}'`;
}

/** Renders a number. It stands in SQL as such only when it is whole. */
export function renderNumber(value: number): string {
  assert.ok(Number.isSafeInteger(value), `${value} is not a whole number`);
  return String(value);
}
