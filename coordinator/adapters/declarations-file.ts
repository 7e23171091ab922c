import { readFile } from 'node:fs/promises';
import { parseDocument } from 'yaml';
import { CoordinatorError } from '../errors.ts';

/** Fleets and groups as somebody wrote them, not yet checked. */
export type Declarations = { readonly fleets: readonly unknown[]; readonly groups: readonly unknown[] };

/**
 * Reads a YAML file with the lists `fleets` and `groups`.
 *
 * @throws {CoordinatorError} CONFIG_INVALID when it cannot be read or is no such file; names file, line and field.
 */
export async function readDeclarations(file: string): Promise<Declarations> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new CoordinatorError('CONFIG_INVALID', `CONFIG_FILE ${file} cannot be read`, { cause: error });
  }
  const document = parseDocument(text, { prettyErrors: true });
  const [fault] = document.errors;
  if (fault !== undefined) throw new CoordinatorError('CONFIG_INVALID', `CONFIG_FILE ${file}: ${fault.message}`);
  return checkShape(file, document.toJS({ maxAliasCount: 100 }));
}

function checkShape(file: string, content: unknown): Declarations {
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new CoordinatorError(
      'CONFIG_INVALID',
      `CONFIG_FILE ${file}: allowed: a map with the lists fleets and groups`,
    );
  }
  const { fleets = [], groups = [], ...others } = content as Readonly<Record<string, unknown>>;
  const unknown = Object.keys(others);
  if (unknown.length > 0 || !Array.isArray(fleets) || !Array.isArray(groups)) {
    const found = unknown.length > 0 ? `no such field: ${unknown.join(', ')}` : 'fleets and groups have to be lists';
    throw new CoordinatorError('CONFIG_INVALID', `CONFIG_FILE ${file}: ${found}`);
  }
  return { fleets, groups };
}
