import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { parseAllDocuments, stringify, type Tags } from 'yaml';
import { CliError } from '../errors.ts';
import type { Shell } from '../shell.ts';

type InjectFlags = {
  readonly file: string;
  readonly fleet?: string;
  readonly output: 'yaml' | 'json';
  readonly drainToken?: string;
};

const help = `
The environment says how agents look, with the names of "chester injector --help"; AGENT_IMAGE and COORDINATOR_ADDRESS are
required. Objects that need no agent are printed as they came; warnings go to stderr.
A template's drain token is the same in all of its pods; the webhook gives each pod its own.

Example:
  AGENT_IMAGE=chester-agent:1.0 COORDINATOR_ADDRESS=chester:8443 COORDINATOR_CA_CONFIGMAP=chester-ca \\
    chester inject -f pod.yaml | kubectl apply -f -`;

/** Adds `chester inject`. */
export function addInject(program: Command, shell: Shell): void {
  program
    .command('inject')
    .description('put the agent into pods, Deployments, StatefulSets and others of a file, as the webhook does')
    .requiredOption('-f, --file <path>', 'YAML or JSON, several documents too; - reads stdin')
    .option('--fleet <name>', 'fleet of those that name none (chester/fleet)')
    .option('--drain-token <token>', 'drain token, 16 characters or more, in place of a random one')
    .addOption(new Option('-o, --output <format>', 'how it is printed').choices(['yaml', 'json']).default('yaml'))
    .addHelpText('after', help)
    .action(async (flags: InjectFlags) => {
      const text = flags.file === '-' ? await shell.readStdin() : readInput(flags.file);
      const objects = parseObjects(text, flags.file);
      const { injectObject, readInjectSettings } = await import('../../injector/inject.ts');
      const read = readInjectSettings(shell.env, (path) => readFileSync(path, 'utf8'));
      if ('problems' in read) throw new CliError('USAGE', read.problems.join('\n'));
      const makeToken = chooseToken(flags.drainToken);
      const fleet = flags.fleet ?? null;
      const results = objects.map((object) => injectObject(object as never, { ...read, fleet, makeToken }));
      for (const { warnings } of results) for (const warning of warnings) shell.complain(`${warning}\n`);
      const injected = results.flatMap((result) => result.injected);
      shell.complain(injected.length === 0 ? 'nothing was injected\n' : `injected: ${injected.join(', ')}\n`);
      shell.write(
        renderObjects(
          results.map(({ object }) => object),
          flags.output,
        ),
      );
    });
}

function readInput(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new CliError('USAGE', error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function parseObjects(text: string, file: string): readonly unknown[] {
  const documents = parseAllDocuments(text, { logLevel: 'error', version: '1.1', customTags: leaveTimes });
  const problems = [...documents].flatMap(({ errors }) => errors.map(({ message }) => `${file}: ${message}`));
  if (problems.length > 0) throw new CliError('USAGE', problems.join('\n'));
  return [...documents].map((document) => readDocument(document, file)).filter((object) => object !== null);
}

/** kubectl reads YAML 1.1, where 0644 is octal and `on` is true; but times it leaves as they are written. */
function leaveTimes(tags: Tags): Tags {
  return tags.filter((tag) => typeof tag === 'string' || (tag.format !== 'TIME' && !tag.tag.endsWith(':timestamp')));
}

/** An alias too many is found only now. */
function readDocument(document: { toJS(): unknown }, file: string): unknown {
  try {
    return document.toJS();
  } catch (error) {
    throw new CliError('USAGE', `${file}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

function chooseToken(given: string | undefined): () => string {
  if (given === undefined) return () => randomBytes(24).toString('base64url');
  if (/^[\w.~-]{16,128}$/.test(given)) return () => given;
  throw new CliError('USAGE', '--drain-token; allowed: 16 to 128 of letters, digits and . _ ~ -');
}

function renderObjects(objects: readonly unknown[], output: 'yaml' | 'json'): string {
  if (output === 'yaml')
    return objects
      .map((object) => stringify(object, { lineWidth: 0, version: '1.1', aliasDuplicateObjects: false }))
      .join('---\n');
  const [only] = objects;
  const items = { apiVersion: 'v1', kind: 'List', items: objects };
  return `${JSON.stringify(objects.length === 1 ? only : items, null, 2)}\n`;
}
