import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { parseDocument } from 'yaml';
import { CliError } from './errors.ts';
import { isMap } from './message-check.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** How to call one of several coordinators: each field stands for a variable of the environment. */
const variables = {
  coordinator: 'CHESTER_COORDINATOR',
  timeoutMs: 'CHESTER_TIMEOUT_MS',
  tls: 'CHESTER_TLS',
  caFile: 'CHESTER_CA_FILE',
  certFile: 'CHESTER_CERT_FILE',
  keyFile: 'CHESTER_KEY_FILE',
  tokenFile: 'CHESTER_TOKEN_FILE',
  serverName: 'CHESTER_SERVER_NAME',
  insecure: 'CHESTER_INSECURE',
} as const;

type Field = keyof typeof variables;
export type Context = Readonly<Partial<Record<Field, string>>>;
export type ContextFile = {
  readonly file: string;
  /** Empty: none. */
  readonly current: string;
  readonly contexts: ReadonlyMap<string, Context>;
};

/** Where the contexts stand: CHESTER_CONFIG, or the user's configuration folder. */
export function contextFilePath(env: Environment): string {
  const given = env['CHESTER_CONFIG'] ?? '';
  if (given !== '') return given;
  const folder = env['XDG_CONFIG_HOME'] ?? '';
  return path.join(folder === '' ? path.join(env['HOME'] ?? homedir(), '.config') : folder, 'chester', 'config.yaml');
}

/** Reads the contexts; a file that is not there has none. @throws {CliError} USAGE for one that cannot be used. */
export function readContexts(env: Environment): ContextFile {
  const file = contextFilePath(env);
  const text = readIfThere(file);
  if (text === null) return { file, current: '', contexts: new Map() };
  const content = parseContent(text, file);
  const problems: string[] = [];
  const { current = '', contexts = {}, ...others } = content;
  for (const name of Object.keys(others)) problems.push(`${file}: ${name}: no such field; allowed: current, contexts`);
  if (typeof current !== 'string') problems.push(`${file}: current; allowed: the name of a context`);
  if (!isMap(contexts)) problems.push(`${file}: contexts; allowed: a map`);
  const read = Object.entries(isMap(contexts) ? contexts : {}).map(([name, value]): [string, Context] => [
    name,
    readContext(value, { file, path: `contexts.${name}` }, problems),
  ]);
  if (problems.length > 0) throw new CliError('USAGE', problems.join('\n'));
  return { file, current: current as string, contexts: new Map(read) };
}

/** The file's map; an empty file is an empty one. */
function parseContent(text: string, file: string): Readonly<Record<string, unknown>> {
  const document = parseDocument(text);
  const [fault] = document.errors;
  if (fault !== undefined) throw new CliError('USAGE', `${file}: ${fault.message.split(/:?\n/, 1)[0] ?? ''}`);
  const content: unknown = document.toJS();
  if (content === null) return {};
  if (!isMap(content)) throw new CliError('USAGE', `${file}; allowed: a map with current and contexts`);
  return content;
}

/**
 * Fills what the environment leaves open with the context's settings: the one that is named, else CHESTER_CONTEXT, else
 * the current one. Flags and environment go before it.
 *
 * @throws {CliError} USAGE for a context that there is not.
 */
export function withContext(env: Environment, named: string | undefined): Environment {
  const wanted = named ?? env['CHESTER_CONTEXT'] ?? '';
  const { file, current, contexts } = readContexts(env);
  const name = wanted === '' ? current : wanted;
  if (name === '') return env;
  const context = contexts.get(name);
  if (context === undefined) {
    const known = [...contexts.keys()].join(', ');
    throw new CliError(
      'USAGE',
      `context ${JSON.stringify(name)} is not in ${file}; allowed: ${known || 'none is there'}`,
    );
  }
  const filled = Object.entries(context).map(([field, value]): [string, string] => [variables[field as Field], value]);
  return { ...Object.fromEntries(filled), ...withoutEmpty(env) };
}

/** Makes a context the current one. Comments of the file stay. */
export function useContext(env: Environment, name: string): ContextFile {
  const read = readContexts(env);
  if (!read.contexts.has(name)) {
    const known = [...read.contexts.keys()].join(', ');
    throw new CliError(
      'USAGE',
      `context ${JSON.stringify(name)} is not in ${read.file}; allowed: ${known || 'none is there'}`,
    );
  }
  const document = parseDocument(readIfThere(read.file) ?? '');
  document.set('current', name);
  mkdirSync(path.dirname(read.file), { recursive: true, mode: 0o700 });
  writeFileSync(read.file, document.toString(), { mode: 0o600 });
  return { ...read, current: name };
}

function readContext(
  value: unknown,
  at: { readonly file: string; readonly path: string },
  problems: string[],
): Context {
  if (!isMap(value)) {
    problems.push(`${at.file}: ${at.path}; allowed: a map`);
    return {};
  }
  const fields: Partial<Record<Field, string>> = {};
  for (const [name, content] of Object.entries(value)) {
    const where = `${at.file}: ${at.path}.${name}`;
    // What stands there may be a secret that somebody put in the wrong place: it is not shown.
    if (!(name in variables)) problems.push(`${where}: no such field; allowed: ${Object.keys(variables).join(', ')}`);
    else if (!['string', 'number', 'boolean'].includes(typeof content)) problems.push(`${where}; allowed: a text`);
    else
      fields[name as Field] = name.endsWith('File')
        ? path.resolve(path.dirname(at.file), String(content))
        : String(content);
  }
  return fields;
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new CliError('USAGE', `cannot read ${file}: ${(error as Error).message}`, { cause: error });
  }
}

function withoutEmpty(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
}
