import type { ServerRow } from './rows.ts';

/**
 * What our rows say of themselves in their comment. All of a group's rows begin with `chester GROUP `; one that is
 * out of service by our doing ends with the reason in brackets. So every agent process, and every person who looks,
 * can tell our OFFLINE from somebody else's, and since when.
 */
export type Mark =
  /** Waits for the proxy's monitor since this wall-clock time. */
  | { readonly kind: 'warming'; readonly sinceMs: number }
  /** A person took it out of service; until this wall-clock time it stays so. */
  | { readonly kind: 'cordon'; readonly untilMs: number }
  /** On its way out. */
  | { readonly kind: 'leaving' }
  /** A writer that waits for another one to go. */
  | { readonly kind: 'waiting' }
  /** The snapshot itself says OFFLINE_SOFT. */
  | { readonly kind: 'ordered' };

const marked =
  /^(?<comment>.*) \((?:(?<word>leaving|waiting|ordered)|(?<timed>warming since|cordon until) (?<time>\S+))\)$/s;

/** Whether a snapshot of this group wrote the row. */
export function isOf(row: Pick<ServerRow, 'comment'>, group: string): boolean {
  return row.comment.startsWith(`chester ${group} `);
}

/** Splits a comment into what the snapshot says and our mark; a time that cannot be read is no mark. */
export function parseMark(comment: string): { readonly comment: string; readonly mark: Mark | null } {
  const groups = comment.endsWith(')') ? marked.exec(comment)?.groups : undefined;
  if (groups === undefined) return { comment, mark: null };
  const { comment: plain = '', word, timed, time = '' } = groups;
  if (word !== undefined) return { comment: plain, mark: { kind: word as 'leaving' | 'waiting' | 'ordered' } };
  const atMs = new Date(time).getTime();
  if (Number.isNaN(atMs)) return { comment, mark: null };
  const mark: Mark = timed === 'warming since' ? { kind: 'warming', sinceMs: atMs } : { kind: 'cordon', untilMs: atMs };
  return { comment: plain, mark };
}

/** Renders a comment with a mark in place of the one it may have. */
export function withMark(comment: string, mark: Mark | null): string {
  const plain = parseMark(comment).comment;
  return mark === null ? plain : `${plain} (${renderMark(mark)})`;
}

function renderMark(mark: Mark): string {
  switch (mark.kind) {
    case 'warming':
      return `warming since ${new Date(mark.sinceMs).toISOString()}`;
    case 'cordon':
      return `cordon until ${new Date(mark.untilMs).toISOString()}`;
    default:
      return mark.kind;
  }
}
