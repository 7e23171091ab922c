import type { Problem } from '../core/problems.ts';
import { type AdminFault, invalid } from './admin-result.ts';

/** Which part of a list is asked for. */
export type PageRequest = { readonly pageSize: number; readonly pageToken: string };

export type Page<T> = { readonly items: readonly T[]; readonly nextPageToken: string };

const sizeDefault = 100;
const sizeMax = 1000;

/**
 * Cuts a page out of a list that is sorted by `keyOf`. A token names the key of the last entry, so that a page begins
 * behind it whatever came or went meanwhile: nothing that stays is left out or shown twice.
 *
 * @param filter What the caller filters by: a token is only good for the list that it was given for.
 */
export function pageOf<T>(
  sorted: readonly T[],
  keyOf: (item: T) => string,
  { pageSize, pageToken }: PageRequest,
  filter: unknown = null,
): Page<T> | AdminFault {
  const problems: Problem[] = [];
  if (pageSize < 0 || pageSize > sizeMax) {
    problems.push({
      field: 'page_size',
      value: String(pageSize),
      allowed: `0 to ${sizeMax}; 0 stands for ${sizeDefault}`,
    });
  }
  const scope = JSON.stringify(filter);
  const after = pageToken === '' ? null : readToken(pageToken, scope);
  if (after === undefined) {
    const allowed = 'what the answer before named as next_page_token, with the same filters';
    problems.push({ field: 'page_token', value: JSON.stringify(pageToken.slice(0, 40)), allowed });
  }
  if (problems.length > 0 || after === undefined) return invalid(problems);
  const first = after === null ? 0 : firstAfter(sorted, keyOf, after);
  const items = sorted.slice(first, first + (pageSize === 0 ? sizeDefault : pageSize));
  const last = items.at(-1);
  const isMore = last !== undefined && first + items.length < sorted.length;
  return { items, nextPageToken: isMore ? writeToken(keyOf(last), scope) : '' };
}

/** Sorts by `keyOf`, as `pageOf` needs it. */
export function sortedBy<T>(items: readonly T[], keyOf: (item: T) => string): T[] {
  return [...items].sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
}

/** A key that sorts a later time, or a greater number, before an earlier one. */
export function newestFirstKey(number: number, id: string): string {
  return `${String(Number.MAX_SAFE_INTEGER - number).padStart(16, '0')} ${id}`;
}

function firstAfter<T>(sorted: readonly T[], keyOf: (item: T) => string, after: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const item = sorted[middle];
    if (item !== undefined && keyOf(item) <= after) low = middle + 1;
    else high = middle;
  }
  return low;
}

function writeToken(key: string, scope: string): string {
  return Buffer.from(JSON.stringify([key, scope])).toString('base64url');
}

/** Undefined when it is none of ours, or one of another list. */
function readToken(token: string, scope: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(token, 'base64url').toString());
    if (!Array.isArray(parsed)) return undefined;
    const [key, given] = parsed as unknown[];
    return typeof key === 'string' && given === scope ? key : undefined;
  } catch {
    return undefined;
  }
}
