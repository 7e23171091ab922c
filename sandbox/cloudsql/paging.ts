import { apiError } from './api-error.ts';

export type Page<Item> = { readonly items: readonly Item[]; readonly nextPageToken: string | null };
export type PageRequest = { readonly maxResults?: string | undefined; readonly pageToken?: string | undefined };

/** The API's limits: 500 when unset, and more than 1000 counts as 1000. */
const usualSize = 500;
const sizeMax = 1000;

/** Reads `maxResults`. @throws {ApiError} 400 `invalid` when it is not a whole number from 1. */
export function pageSize(request: PageRequest): { readonly size: number; readonly isCoerced: boolean } {
  const text = request.maxResults ?? '';
  if (text === '') return { size: usualSize, isCoerced: false };
  const asked = /^\d{1,10}$/.test(text) ? Number(text) : 0;
  if (asked < 1) throw apiError('invalid', `Invalid value for maxResults: "${text}".`);
  return { size: Math.min(asked, sizeMax), isCoerced: asked > sizeMax };
}

/**
 * Cuts one page. A token names the last key of the page before, so that a page stays right when items come and go.
 *
 * @param items Sorted ascending by `keyOf`.
 * @throws {ApiError} 400 `invalid` for a token we did not make.
 */
export function cutPage<Item>(items: readonly Item[], keyOf: (item: Item) => string, request: PageRequest): Page<Item> {
  const after = parseToken(request.pageToken ?? '');
  const waiting = after === null ? items : items.filter((item) => keyOf(item) > after);
  const page = waiting.slice(0, pageSize(request).size);
  const last = page.at(-1);
  const isMore = waiting.length > page.length && last !== undefined;
  return { items: page, nextPageToken: isMore ? Buffer.from(`after:${keyOf(last)}`).toString('base64url') : null };
}

function parseToken(token: string): string | null {
  if (token === '') return null;
  const text = Buffer.from(token, 'base64url').toString();
  if (!text.startsWith('after:')) throw apiError('invalid', 'Invalid value for pageToken.');
  return text.slice('after:'.length);
}
