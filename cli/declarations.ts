import { parseDocument, stringify } from 'yaml';
import type { Fleet } from '../proto/gen/chester/v1/Fleet.ts';
import type { GroupSpec } from '../proto/gen/chester/v1/GroupSpec.ts';
import { checkMessage, isMap, join, problem } from './message-check.ts';
import type { MessageSchema } from './message-schema.ts';

/** One thing that a file declares; `path` says where, empty when it is the whole file. */
export type Declared<T> = { readonly path: string; readonly value: T };

export type Declarations = {
  readonly fleets: readonly Declared<Fleet>[];
  readonly groups: readonly Declared<GroupSpec>[];
};

export type ParsedDeclarations =
  | { readonly ok: true; readonly declarations: Declarations }
  | { readonly ok: false; readonly problems: readonly string[] };

type Schemas = { readonly fleet: MessageSchema; readonly group: MessageSchema };

/** Parses YAML: one group, or a map with the lists `fleets` and `groups`. JSON is YAML too. */
export function parseDeclarations(text: string, schemas: Schemas): ParsedDeclarations {
  const document = parseYaml(text);
  if ('problems' in document) return { ok: false, problems: document.problems };
  const { content } = document;
  if (content === null) return { ok: false, problems: ['it is empty; allowed: a group, or fleets and groups'] };
  const isLists = isMap(content) && ('fleets' in content || 'groups' in content);
  if (!isLists) {
    const problems = checkMessage(content, schemas.group);
    if (problems.length > 0) return { ok: false, problems };
    return { ok: true, declarations: { fleets: [], groups: [{ path: '', value: content as GroupSpec }] } };
  }
  return parseLists(content, schemas);
}

/** Renders a group's declaration as YAML that `parseDeclarations` takes back: what is not set is left out. */
export function renderDeclaration(spec: object, schema: MessageSchema): string {
  return stringify(declaredFields(spec, schema), { lineWidth: 0 });
}

/** Picks what is set, in the order of the message's definition. An empty text is set only where its mark says so. */
export function declaredFields(value: object, schema: MessageSchema): Readonly<Record<string, unknown>> {
  const given = value as Readonly<Record<string, unknown>>;
  const fields: Record<string, unknown> = {};
  for (const [name, field] of schema) {
    const content = given[name];
    const pick = (item: unknown) => (field.kind === 'message' ? declaredFields(item as object, field.message) : item);
    if (Array.isArray(content)) {
      if (content.length > 0) fields[name] = content.map(pick);
    } else if (content !== undefined && content !== null && (content !== '' || given[`_${name}`] === name)) {
      const picked = pick(content);
      if (!isMap(picked) || Object.keys(picked).length > 0) fields[name] = picked;
    }
  }
  return fields;
}

/** Parses one YAML document; a fault names line and column. */
export function parseYaml(text: string): { readonly content: unknown } | { readonly problems: readonly string[] } {
  const document = parseDocument(text, { logLevel: 'error' });
  const faults = [...document.errors, ...document.warnings];
  // The first line of a fault names line and column; what follows is a picture of the place.
  const problems = faults.map(({ code, message }) =>
    code === 'MULTIPLE_DOCS' ? 'allowed: one YAML document, not several' : (message.split(/:?\n/, 1)[0] ?? code),
  );
  if (problems.length > 0) return { problems };
  try {
    return { content: document.toJS({ maxAliasCount: 100 }) as unknown };
  } catch (error) {
    return { problems: [error instanceof Error ? error.message : String(error)] };
  }
}

function parseLists(content: Readonly<Record<string, unknown>>, schemas: Schemas): ParsedDeclarations {
  const { fleets = [], groups = [], ...others } = content;
  const problems = Object.entries(others).map(([name, value]) =>
    problem(name, value, 'no such field; the fields beside groups are fleets'),
  );
  const declarations = {
    fleets: readList<Fleet>(fleets, { path: 'fleets', schema: schemas.fleet }, problems),
    groups: readList<GroupSpec>(groups, { path: 'groups', schema: schemas.group }, problems),
  };
  return problems.length > 0 ? { ok: false, problems } : { ok: true, declarations };
}

function readList<T extends { readonly name?: string }>(
  list: unknown,
  { path, schema }: { readonly path: string; readonly schema: MessageSchema },
  problems: string[],
): readonly Declared<T>[] {
  if (!Array.isArray(list)) {
    problems.push(problem(path, list, 'a list'));
    return [];
  }
  const declared = list.map((value: unknown, index): Declared<T> => ({ path: join(path, index), value: value as T }));
  const found = declared.flatMap((entry) => checkMessage(entry.value, schema, entry.path));
  problems.push(...found);
  if (found.length === 0) problems.push(...findRepeatedNames(declared));
  return declared;
}

/** The second of a name would silently replace the first. */
function findRepeatedNames(declared: readonly Declared<{ readonly name?: string }>[]): string[] {
  const names = declared.map(({ value }) => value.name);
  return declared
    .filter(({ value }, index) => value.name !== undefined && names.indexOf(value.name) < index)
    .map(({ path, value }) => problem(`${path}.name`, value.name, 'a name that the list does not have already'));
}
