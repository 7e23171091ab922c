import type { core, ZodType } from 'zod';

/** One thing wrong with what somebody declared. */
export type Problem = {
  /** Dotted path, for example `policy.replicasMin`. */
  readonly field: string;
  /** What was given, as JSON, at most 80 characters. */
  readonly value: string;
  readonly allowed: string;
  /** Another group that `allowed` names: who may not see that one must not learn its name. */
  readonly otherGroup?: string;
};

export type Parsed<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problems: readonly Problem[] };

/** Renders problems as one line a problem: field, value, what is allowed. */
export function renderProblems(problems: readonly Problem[]): string {
  return problems.map(({ field, value, allowed }) => `${field} is ${value}; allowed: ${allowed}`).join('\n');
}

/** Parses `input` with `schema` and turns every issue into a problem that names field, value and what is allowed. */
export function parseWith<T>(schema: ZodType<T>, input: unknown): Parsed<T> {
  const result = schema.safeParse(input, { reportInput: true });
  if (result.success) return { ok: true, value: result.data };
  return { ok: false, problems: result.error.issues.flatMap((issue) => problemsOf(issue, input)) };
}

/**
 * Shortens a value for a message, without what bears the name of a password. Never throws: YAML can name a value inside
 * itself, which has no JSON form.
 */
export function excerpt(value: unknown): string {
  const text = value === undefined ? 'missing' : jsonOf(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

function jsonOf(value: unknown): string {
  try {
    const json = JSON.stringify(value, withoutPasswords) as string | undefined;
    return json ?? `a ${typeof value}`;
  } catch {
    return `a ${typeof value} without a JSON form`;
  }
}

/** Somebody who writes a password where it does not belong shall not meet it again in an answer or a log. */
function withoutPasswords(field: string, value: unknown): unknown {
  return isPassword(field) ? '(hidden)' : value;
}

function isPassword(field: PropertyKey): boolean {
  return /password$/i.test(String(field));
}

function excerptAt(input: unknown, path: readonly PropertyKey[]): string {
  return path.some(isPassword) ? '(hidden)' : excerpt(valueAt(input, path));
}

function problemsOf(issue: core.$ZodIssue, input: unknown): Problem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      field: pathOf([...issue.path, key]),
      value: excerptAt(input, [...issue.path, key]),
      allowed: 'no such field',
    }));
  }
  return [{ field: pathOf(issue.path), value: excerptAt(input, issue.path), allowed: allowedBy(issue) }];
}

function allowedBy(issue: core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.expected === 'nonoptional') return 'a value';
      return issue.expected === 'int' ? 'a whole number' : withArticle(issue.expected);
    case 'too_small':
      return `at least ${String(issue.minimum)}`;
    case 'too_big':
      return `at most ${String(issue.maximum)}`;
    case 'invalid_value':
      return issue.values.map(String).join(', ');
    case 'invalid_key':
      return issue.issues.map(allowedBy).join('; ');
    default:
      return issue.message;
  }
}

function withArticle(noun: string): string {
  return /^[aeiou]/.test(noun) ? `an ${noun}` : `a ${noun}`;
}

function pathOf(path: readonly PropertyKey[]): string {
  return path.length === 0 ? '(whole)' : path.map(String).join('.');
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}
