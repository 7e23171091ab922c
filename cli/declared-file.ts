import { readFile } from 'node:fs/promises';
import { type Declarations, parseDeclarations, parseYaml } from './declarations.ts';
import { CliError } from './errors.ts';
import { checkMessage } from './message-check.ts';
import type { MessageSchema } from './message-schema.ts';
import type { Shell } from './shell.ts';

/** Reads what a file declares; `-` reads stdin. @throws {CliError} INVALID with every problem. */
export async function readDeclaredFile(shell: Shell, file: string): Promise<Declarations> {
  const text = await readText(shell, file);
  const { loadDeclarationSchemas } = await import('./message-schema.ts');
  const parsed = parseDeclarations(text, loadDeclarationSchemas());
  const source = sourceName(file);
  if (!parsed.ok) throw new CliError('INVALID', parsed.problems.map((line) => `${source}: ${line}`).join('\n'));
  return parsed.declarations;
}

/** Asks the coordinator about a file, and says of a refusal what of the file it is about. */
export async function askAbout<T>(file: string, { groups }: Declarations, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof CliError) || error.code !== 'INVALID') throw error;
    const isWholeFile = groups[0]?.path === '';
    const lines = error.message
      .split('\n')
      .map((line) => `${sourceName(file)}: ${isWholeFile ? line.replace(/^groups\.0\./, '') : line}`);
    throw new CliError('INVALID', lines.join('\n'), { cause: error });
  }
}

/** Reads one message of the API, or some of its fields, from a file. @throws {CliError} INVALID with every problem. */
export async function readDeclaredValue(shell: Shell, file: string, message: string | MessageSchema): Promise<unknown> {
  const document = parseYaml(await readText(shell, file));
  const { loadMessageSchema } = await import('./message-schema.ts');
  const problems =
    'problems' in document
      ? document.problems
      : checkMessage(document.content, typeof message === 'string' ? loadMessageSchema(message) : message);
  if (problems.length > 0 || 'problems' in document) {
    throw new CliError('INVALID', problems.map((line) => `${sourceName(file)}: ${line}`).join('\n'));
  }
  return document.content;
}

/** How messages name the file. */
export function sourceName(file: string): string {
  return file === '-' ? 'stdin' : file;
}

async function readText(shell: Shell, file: string): Promise<string> {
  try {
    return file === '-' ? await shell.readStdin() : await readFile(file, 'utf8');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CliError('INVALID', `cannot read ${sourceName(file)}: ${why}`, { cause: error });
  }
}
