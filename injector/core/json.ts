/** A value as it was read from JSON or YAML: what somebody wrote, not yet looked at. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export type JsonObject = { readonly [key: string]: Json | undefined };

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What stands at the path; `undefined` when there is nothing, or no object on the way. */
export function read(value: Json | undefined, ...path: readonly string[]): Json | undefined {
  let here = value;
  for (const key of path) here = isObject(here) && Object.hasOwn(here, key) ? here[key] : undefined;
  return here;
}

export function readText(value: Json | undefined, ...path: readonly string[]): string {
  const text = read(value, ...path);
  return typeof text === 'string' ? text : '';
}

/** A whole number, or `null`. */
export function readInteger(value: Json | undefined, ...path: readonly string[]): number | null {
  const number = read(value, ...path);
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : null;
}

export function readList(value: Json | undefined, ...path: readonly string[]): readonly Json[] {
  const list = read(value, ...path);
  return Array.isArray(list) ? (list as readonly Json[]) : [];
}
