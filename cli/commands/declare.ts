import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { AdminClient } from '../admin-client.ts';
import { callCoordinator } from '../call.ts';
import { type Declarations, declaredFields, parseDeclarations, renderDeclaration } from '../declarations.ts';
import { CliError } from '../errors.ts';
import { renderJson } from '../json.ts';
import { type OutputFlags, writeAnswer } from '../output.ts';
import { renderFleets, renderGroupList } from '../render.ts';
import { addCallFlags, type CallFlags, formatOption, parseCounter } from '../settings.ts';
import type { Shell } from '../shell.ts';

/** Adds `chester groups`. */
export function addGroups(program: Command, shell: Shell): void {
  const groups = program.command('groups').description('see, declare and delete groups');
  addGroupViews(groups, shell);
  addCallFlags(groups.command('put'))
    .description('create or replace what a YAML file declares: one group, or a map with the lists fleets and groups')
    .requiredOption('-f, --file <file>', 'the file; - reads stdin')
    .option('--expected-version <n>', 'refuse when the one group of the file is at another version', parseCounter)
    .addHelpText('after', '\nExample:\n  chester groups put -f examples/groups.yaml')
    .action(async (flags: PutFlags) => {
      const declarations = await readDeclarations(shell, flags);
      await callCoordinator(shell, flags, (client) => putAll({ shell, client, flags }, declarations));
    });
  addCallFlags(groups.command('delete'))
    .description('delete a group: its rows leave every proxy. Refused while it has replicas of its own')
    .argument('<name>')
    .addHelpText('after', '\nExample:\n  chester groups delete orders')
    .action(async (name: string, flags: CallFlags) => {
      await callCoordinator(shell, flags, (client) => client.deleteGroup(name));
      shell.write(`group ${name} deleted\n`);
    });
}

function addGroupViews(groups: Command, shell: Shell): void {
  addCallFlags(groups.command('list'))
    .description('list the declared groups')
    .addOption(formatOption(['table', 'json']))
    .addHelpText('after', '\nExample:\n  chester groups list')
    .action(async (flags: CallFlags & OutputFlags) => {
      const answer = await callCoordinator(shell, flags, (client) => client.listGroups());
      writeAnswer(shell, flags, { json: answer, render: (style) => renderGroupList(answer.groups, style) });
    });
  addCallFlags(groups.command('get'))
    .description('print what is declared of a group, as `put` takes it back')
    .argument('<name>')
    .addOption(formatOption(['yaml', 'json']))
    .addHelpText('after', '\nExample:\n  chester groups get orders > orders.yaml')
    .action(async (name: string, flags: CallFlags & OutputFlags) => {
      const { spec, version } = await callCoordinator(shell, flags, (client) => client.getGroup(name));
      const { group } = await loadSchemas();
      if (flags.output === 'json') shell.write(renderJson(declaredFields(spec ?? {}, group)));
      else
        shell.write(
          `# version ${version}: --expected-version ${version} refuses to replace a newer one\n${renderDeclaration(spec ?? {}, group)}`,
        );
    });
}

/** Adds `chester fleets`. */
export function addFleets(program: Command, shell: Shell): void {
  const fleets = program.command('fleets').description('see and declare fleets');
  addCallFlags(fleets.command('list'))
    .description('list the declared fleets')
    .addOption(formatOption(['table', 'json']))
    .addHelpText('after', '\nExample:\n  chester fleets list')
    .action(async (flags: CallFlags & OutputFlags) => {
      const answer = await callCoordinator(shell, flags, (client) => client.listFleets());
      writeAnswer(shell, flags, { json: answer, render: (style) => renderFleets(answer.fleets, style) });
    });
  addCallFlags(fleets.command('put'))
    .description(
      'create a fleet, or say its cell: ProxySQL pods configured alike. Its variables are declared in a file',
    )
    .argument('<name>')
    .requiredOption('--cell <cell>', 'the cluster or region that it runs in')
    .addHelpText('after', '\nExample:\n  chester fleets put main --cell europe-west1')
    .action(async (name: string, flags: CallFlags & { readonly cell: string }) => {
      const fleet = await callCoordinator(shell, flags, async (client) => {
        const { fleets: declared } = await client.listFleets();
        const { variables = {} } = declared.find((one) => one.name === name) ?? {};
        return client.putFleet({ name, cell: flags.cell, variables });
      });
      shell.write(`fleet ${fleet.name} stored, cell ${fleet.cell}\n`);
    });
}

type PutFlags = CallFlags & { readonly file: string; readonly expectedVersion?: number };

async function readDeclarations(shell: Shell, { file, expectedVersion }: PutFlags): Promise<Declarations> {
  const text = await readText(shell, file);
  const parsed = parseDeclarations(text, await loadSchemas());
  const source = file === '-' ? 'stdin' : file;
  if (!parsed.ok) throw new CliError('INVALID', parsed.problems.map((line) => `${source}: ${line}`).join('\n'));
  const { fleets, groups } = parsed.declarations;
  if (expectedVersion !== undefined && (groups.length !== 1 || fleets.length > 0)) {
    const found = `${fleets.length} fleets and ${groups.length} groups`;
    throw new CliError('USAGE', `--expected-version is for a file with one group; ${source} has ${found}`);
  }
  return parsed.declarations;
}

async function readText(shell: Shell, file: string): Promise<string> {
  try {
    return file === '-' ? await shell.readStdin() : await readFile(file, 'utf8');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CliError('INVALID', `cannot read ${file === '-' ? 'stdin' : file}: ${why}`, { cause: error });
  }
}

type Put = { readonly shell: Shell; readonly client: AdminClient; readonly flags: PutFlags };

/** Puts fleets, then groups. What is refused is told for all of them; what cannot be asked ends it. */
async function putAll({ shell, client, flags }: Put, { fleets, groups }: Declarations): Promise<void> {
  const refusals: { readonly path: string; readonly error: CliError }[] = [];
  const attempt = async (path: string, put: () => Promise<string>) => {
    try {
      shell.write(`${await put()}\n`);
    } catch (error) {
      if (!(error instanceof CliError) || (error.code !== 'INVALID' && error.code !== 'REFUSED')) throw error;
      refusals.push({ path, error });
    }
  };
  for (const { path, value } of fleets) {
    await attempt(path, async () => {
      const fleet = await client.putFleet(value);
      return `fleet ${fleet.name} stored, cell ${fleet.cell}`;
    });
  }
  for (const { path, value: spec } of groups) {
    await attempt(path, async () => {
      const group = await client.putGroup({ spec, expectedVersion: flags.expectedVersion ?? 0 });
      return `group ${group.spec?.name ?? ''} stored, version ${group.version}`;
    });
  }
  if (refusals.length === 0) return;
  const lines = refusals.flatMap(({ path, error }) =>
    error.message.split('\n').map((line) => (path === '' ? line : `${path}: ${line}`)),
  );
  const isInvalid = refusals.some(({ error }) => error.code === 'INVALID');
  throw new CliError(isInvalid ? 'INVALID' : 'REFUSED', lines.join('\n'));
}

async function loadSchemas() {
  const { loadDeclarationSchemas } = await import('../message-schema.ts');
  return loadDeclarationSchemas();
}
