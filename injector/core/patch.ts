// JSON Patch (RFC 6902) as far as an injection needs it: `add` sets a field of an object, appends to a list with the
// index `-`, and inserts before an index.
import { isObject, type Json, type JsonObject } from './json.ts';

export type PatchOperation = { readonly op: 'add'; readonly path: string; readonly value: Json };

/** Names a place; keys are escaped as RFC 6901 asks for. */
export function pointer(...path: readonly (string | number)[]): string {
  return path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** Applies the operations; what it is given stays as it is. An operation whose place is not there is a bug. */
export function applyPatch(document: JsonObject, operations: readonly PatchOperation[]): JsonObject {
  return operations.reduce<JsonObject>((before, { path, value }) => {
    const keys = path
      .split('/')
      .slice(1)
      .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
    return addAt(before, keys, value) as JsonObject;
  }, document);
}

function addAt(here: Json | undefined, [key = '', ...rest]: readonly string[], value: Json): Json {
  if (Array.isArray(here)) {
    const list = here as readonly Json[];
    const index = key === '-' ? list.length : Number(key);
    if (rest.length === 0) return [...list.slice(0, index), value, ...list.slice(index)];
    return list.map((item, at) => (at === index ? addAt(item, rest, value) : item));
  }
  if (!isObject(here)) throw new TypeError(`nothing to add ${key} to`);
  return { ...here, [key]: rest.length === 0 ? value : addAt(here[key], rest, value) };
}
