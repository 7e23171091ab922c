// The list filter: `field:value` or `field=value` with nested fields (`settings.userLabels.team:shop`), `*` for
// "is there", quoted values, NOT or a leading `-`, AND, OR and parentheses; a space means AND. As in AIP-160, which the
// API's list methods follow, OR binds tighter than AND: `a AND b OR c` is `a AND (b OR c)`.
// @see https://google.aip.dev/160
import { apiError } from './api-error.ts';
import { isJsonObject, type Json, type JsonObject } from './json.ts';

export type Filter =
  | { readonly kind: 'all'; readonly of: readonly Filter[] }
  | { readonly kind: 'any'; readonly of: readonly Filter[] }
  | { readonly kind: 'not'; readonly of: Filter }
  | { readonly kind: 'match'; readonly path: readonly string[]; readonly value: string; readonly isEqual: boolean };

const tokenPattern = /\(|\)|(?:"(?:[^"\\]|\\.)*"|[^\s()"])+/g;

/**
 * Parses a filter; the empty text matches everything.
 *
 * @throws {ApiError} 400 `invalid` when it cannot be read.
 */
export function parseFilter(text: string): Filter {
  const tokens = text.match(tokenPattern) ?? [];
  if (text.replaceAll(tokenPattern, '').trim() !== '')
    throw apiError('invalid', 'Invalid filter: a quote is not closed.');
  const reader = new FilterReader(tokens);
  if (tokens.length === 0) return { kind: 'all', of: [] };
  const filter = reader.readAll();
  if (reader.peek() !== undefined) throw apiError('invalid', `Invalid filter: unexpected "${reader.peek() ?? ''}".`);
  return filter;
}

/** Whether a resource, as the API shows it, passes the filter. */
export function matchesFilter(filter: Filter, resource: JsonObject): boolean {
  switch (filter.kind) {
    case 'all':
      return filter.of.every((part) => matchesFilter(part, resource));
    case 'any':
      return filter.of.some((part) => matchesFilter(part, resource));
    case 'not':
      return !matchesFilter(filter.of, resource);
    case 'match':
      return matchesPath(resource, filter.path, filter.value) === filter.isEqual;
  }
}

function matchesPath(found: Json | undefined, path: readonly string[], value: string): boolean {
  if (Array.isArray(found)) return (found as readonly Json[]).some((item) => matchesPath(item, path, value));
  const [field, ...rest] = path;
  if (field === undefined) return matchesValue(found, value);
  if (!isJsonObject(found) || !Object.hasOwn(found, field)) return false;
  return matchesPath(found[field], rest, value);
}

function matchesValue(found: Json | undefined, value: string): boolean {
  if (found === undefined || found === null) return false;
  if (value === '*') return true;
  if (typeof found === 'object') return Object.hasOwn(found, value);
  return String(found) === value;
}

class FilterReader {
  readonly #tokens: readonly string[];
  #position = 0;

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  peek(): string | undefined {
    return this.#tokens[this.#position];
  }

  readAll(): Filter {
    const parts = [this.#readAny()];
    for (let next = this.peek(); next !== undefined && next !== ')'; next = this.peek()) {
      if (next === 'AND') this.#position += 1;
      parts.push(this.#readAny());
    }
    const [only] = parts;
    return only !== undefined && parts.length === 1 ? only : { kind: 'all', of: parts };
  }

  #readAny(): Filter {
    const parts = [this.#readOne()];
    while (this.peek() === 'OR') {
      this.#position += 1;
      parts.push(this.#readOne());
    }
    const [only] = parts;
    return only !== undefined && parts.length === 1 ? only : { kind: 'any', of: parts };
  }

  #readOne(): Filter {
    const token = this.peek();
    this.#position += 1;
    if (token === undefined) throw apiError('invalid', 'Invalid filter: it ends too early.');
    if (token === 'NOT') return { kind: 'not', of: this.#readOne() };
    if (token === '(') {
      const inner = this.readAll();
      if (this.peek() !== ')') throw apiError('invalid', 'Invalid filter: a parenthesis is not closed.');
      this.#position += 1;
      return inner;
    }
    if (token.startsWith('-')) return { kind: 'not', of: parseTerm(token.slice(1)) };
    return parseTerm(token);
  }
}

function parseTerm(token: string): Filter {
  const parts = /^([A-Za-z][\w.-]*?)(!=|=|:)(.+)$/s.exec(token);
  const [, field, operator, written] = parts ?? [];
  if (field === undefined || operator === undefined || written === undefined) {
    throw apiError('invalid', `Invalid filter: "${token}" is not field:value.`);
  }
  const value = /^".*"$/s.test(written) ? written.slice(1, -1).replaceAll(/\\(.)/gs, '$1') : written;
  return { kind: 'match', path: field.split('.'), value, isEqual: operator !== '!=' };
}
