import type { FieldSchema, MessageSchema } from './message-schema.ts';

/**
 * Compares a value with a message's fields. Protobuf drops unknown fields and converts wrong types without a word, so
 * what an operator wrote is checked before. Ranges of values are the coordinator's to refuse.
 *
 * @returns One line a problem: field, value, what is allowed.
 */
export function checkMessage(value: unknown, schema: MessageSchema, path = ''): string[] {
  if (!isMap(value)) return [problem(path, value, 'a map')];
  return Object.entries(value).flatMap(([name, content]) => {
    const field = schema.get(name);
    const fieldPath = join(path, name);
    if (field === undefined) {
      return [problem(fieldPath, content, `no such field; the fields are ${[...schema.keys()].join(', ')}`)];
    }
    if (!field.isList) return checkField(content, field, fieldPath);
    if (!Array.isArray(content)) return [problem(fieldPath, content, 'a list')];
    return content.flatMap((item, index) => checkField(item, field, join(fieldPath, index)));
  });
}

/** Says that a field is wrong, as the coordinator says it. */
export function problem(path: string, value: unknown, allowed: string): string {
  const shown = isPassword(path) ? '(hidden)' : excerpt(value);
  return `${path === '' ? '(whole)' : path} is ${shown}; allowed: ${allowed}`;
}

/** Whether a value has named fields. */
export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Dotted path of a field in a field. */
export function join(path: string, name: string | number): string {
  return path === '' ? String(name) : `${path}.${name}`;
}

function checkField(value: unknown, field: FieldSchema, path: string): string[] {
  switch (field.kind) {
    case 'message':
      return checkMessage(value, field.message, path);
    case 'text':
      return typeof value === 'string' ? [] : [problem(path, value, textAllowed(value))];
    case 'flag':
      return typeof value === 'boolean' ? [] : [problem(path, value, 'true or false')];
    case 'texts':
      return checkTexts(value, path);
    case 'int32':
      return isInt32(value) ? [] : [problem(path, value, 'a whole number from -2147483648 to 2147483647')];
  }
}

function checkTexts(value: unknown, path: string): string[] {
  if (!isMap(value)) return [problem(path, value, 'a map')];
  const isPlain = (item: unknown) => ['string', 'boolean'].includes(typeof item) || Number.isSafeInteger(item);
  return Object.entries(value)
    .filter(([, item]) => !isPlain(item))
    .map(([name, item]) => problem(join(path, name), item, 'a text, a whole number, true or false'));
}

function textAllowed(value: unknown): string {
  return typeof value === 'number' || typeof value === 'boolean' ? 'a text (put it in quotes)' : 'a text';
}

function isInt32(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= -(2 ** 31) && (value as number) < 2 ** 31;
}

/** A password that somebody wrote where it does not belong is not shown again. */
function isPassword(field: string): boolean {
  return /password$/i.test(field);
}

function excerpt(value: unknown): string {
  const text = typeof value === 'number' ? String(value) : jsonOf(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

/** YAML can name a value inside itself, which has no JSON form. */
function jsonOf(value: unknown): string {
  const hide = (field: string, item: unknown) => (isPassword(field) ? '(hidden)' : item);
  try {
    return JSON.stringify(value, hide);
  } catch {
    return 'a value that names itself';
  }
}
