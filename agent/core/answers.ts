/** One row of an answer of ProxySQL's admin port. Every column arrives as text, whatever its type. */
export type AnswerRow = readonly (string | number | null)[];

/** A cell as text; nothing is the empty text. */
export function text(row: AnswerRow, index: number): string {
  return String(row[index] ?? '');
}

/** A cell as a number; nothing is 0. */
export function integer(row: AnswerRow, index: number): number {
  return Number(row[index] ?? 0);
}
