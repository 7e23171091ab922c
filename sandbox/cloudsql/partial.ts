// Partial answers: `fields` names what of an answer is wanted, as in `kind,items(name,settings/tier)`; `*` stands for
// every field. @see https://cloud.google.com/sql/docs/mysql/admin-api/performance#partial
import { apiError } from './api-error.ts';
import { isJsonObject, type Json, type JsonObject } from './json.ts';

/** What is wanted of each field: all of it, or some of its fields. */
export type FieldMask = ReadonlyMap<string, FieldMask | 'all'>;

const tokenPattern = /[A-Za-z0-9_]+|[*(),/]/g;

/**
 * Parses the parameter `fields`; null for the empty text, which asks for everything.
 *
 * @throws {ApiError} 400 `invalid` when it cannot be read.
 */
export function parseFieldMask(text: string): FieldMask | null {
  if (text === '') return null;
  const tokens = text.match(tokenPattern) ?? [];
  if (tokens.join('') !== text) throw unreadable(text);
  const reader = { tokens, place: 0, text };
  const mask = readMask(reader);
  if (reader.place < tokens.length) throw unreadable(text);
  return mask;
}

/** What a mask leaves of an answer. Fields that are not there are left out, and so are objects that nothing is left of. */
export function applyFieldMask(mask: FieldMask, answer: JsonObject): JsonObject {
  const kept: Record<string, Json> = {};
  for (const [field, value] of Object.entries(answer)) {
    const wanted = mask.get(field) ?? mask.get('*');
    if (wanted === undefined) continue;
    const part = wanted === 'all' ? value : maskValue(wanted, value);
    if (part !== undefined) kept[field] = part;
  }
  return kept;
}

function maskValue(mask: FieldMask, value: Json): Json | undefined {
  if (isJsonObject(value)) {
    const kept = applyFieldMask(mask, value);
    return Object.keys(kept).length > 0 ? kept : undefined;
  }
  if (!Array.isArray(value)) return undefined;
  return (value as readonly Json[]).flatMap((item) => maskValue(mask, item) ?? []);
}

type Reader = { readonly tokens: readonly string[]; readonly text: string; place: number };

/** Reads `a,b/c,d(e,f)` up to the end or a closing parenthesis. */
function readMask(reader: Reader): FieldMask {
  const mask = new Map<string, FieldMask | 'all'>();
  do readField(reader, mask);
  while (take(reader, ','));
  return mask;
}

function readField(reader: Reader, mask: Map<string, FieldMask | 'all'>): void {
  const name = reader.tokens[reader.place] ?? '';
  if (!/^[\w*]/.test(name)) throw unreadable(reader.text);
  reader.place += 1;
  mask.set(name, readPart(reader));
}

function readPart(reader: Reader): FieldMask | 'all' {
  if (take(reader, '/')) {
    const below = new Map<string, FieldMask | 'all'>();
    readField(reader, below);
    return below;
  }
  if (!take(reader, '(')) return 'all';
  const below = readMask(reader);
  if (!take(reader, ')')) throw unreadable(reader.text);
  return below;
}

function take(reader: Reader, token: string): boolean {
  if (reader.tokens[reader.place] !== token) return false;
  reader.place += 1;
  return true;
}

function unreadable(text: string): Error {
  return apiError('invalid', `Invalid field selection ${text}`);
}
