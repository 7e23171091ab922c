import type { Command } from 'commander';
import type { AdminClient } from '../admin-client.ts';
import { callCoordinator } from '../call.ts';
import { type Declarations, declaredFields, renderDeclaration } from '../declarations.ts';
import { askAbout, readDeclaredFile, sourceName } from '../declared-file.ts';
import { CliError } from '../errors.ts';
import { renderJson } from '../json.ts';
import { listFormats, type OutputFlags, writeAnswer } from '../output.ts';
import { renderFleets, renderGroupList } from '../render.ts';
import { addCallFlags, type CallFlags, formatOption, parseCounter, userOf } from '../settings.ts';
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
  addCallFlags(groups.command('create'))
    .description('create the one group of a file; exit 4 when it is declared already')
    .requiredOption('-f, --file <file>', 'the file; - reads stdin')
    .addHelpText('after', '\nExample:\n  chester groups create -f orders.yaml')
    .action(async (flags: PutFlags) => {
      const { fleets, groups: declared } = await readDeclarations(shell, flags);
      const [only] = declared;
      if (only === undefined || declared.length > 1 || fleets.length > 0) {
        throw new CliError('USAGE', `${sourceName(flags.file)} has to declare one group and nothing else`);
      }
      const group = await callCoordinator(shell, flags, (client) => client.call('createGroup', { spec: only.value }));
      shell.write(`group ${group.spec?.name ?? ''} created, version ${group.version}\n`);
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
    .option('--fleet <name>', 'only groups of this fleet', '')
    .option('--project <id>', 'only groups of this project', '')
    .option('--name <part>', 'only groups with this in their names', '')
    .option('--held', 'only groups that something holds up now', false)
    .addOption(formatOption(listFormats))
    .addHelpText('after', '\nExample:\n  chester groups list')
    .action(async (flags: ListFlags) => {
      const { fleet, project, name: nameContains, held } = flags;
      const filter = { fleet, project, nameContains, held };
      const groups = await callCoordinator(shell, flags, (client) =>
        client.all('listGroups', filter, (answer) => answer.groups),
      );
      writeAnswer(shell, flags, { json: { groups }, render: (style) => renderGroupList(groups, style) });
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
  const fleets = program.command('fleets').description('see, declare and delete fleets');
  addCallFlags(fleets.command('get'))
    .description('print a fleet')
    .argument('<name>')
    .addOption(formatOption(['yaml', 'json']))
    .addHelpText('after', '\nExample:\n  chester fleets get main')
    .action(async (name: string, flags: CallFlags & OutputFlags) => {
      const fleet = await callCoordinator(shell, flags, (client) => client.call('getFleet', { name }));
      writeAnswer(shell, flags, { json: fleet, render: () => '' });
    });
  addCallFlags(fleets.command('delete'))
    .description('delete a fleet that has no groups and no connected agents')
    .argument('<name>')
    .addHelpText('after', '\nExample:\n  chester fleets delete old')
    .action(async (name: string, flags: CallFlags) => {
      await callCoordinator(shell, flags, (client) => client.call('deleteFleet', { name }));
      shell.write(`fleet ${name} deleted\n`);
    });
  addCallFlags(fleets.command('list'))
    .description('list the declared fleets')
    .addOption(formatOption(listFormats))
    .addHelpText('after', '\nExample:\n  chester fleets list')
    .action(async (flags: CallFlags & OutputFlags) => {
      const fleets = await callCoordinator(shell, flags, (client) =>
        client.all('listFleets', {}, (answer) => answer.fleets),
      );
      writeAnswer(shell, flags, { json: { fleets }, render: (style) => renderFleets(fleets, style) });
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
        const declared = await client.all('listFleets', {}, (answer) => answer.fleets);
        const { variables = {} } = declared.find((one) => one.name === name) ?? {};
        return client.putFleet({ name, cell: flags.cell, variables });
      });
      shell.write(`fleet ${fleet.name} stored, cell ${fleet.cell}\n`);
    });
}

type ListFlags = CallFlags &
  OutputFlags & { readonly fleet: string; readonly project: string; readonly name: string; readonly held: boolean };
type PutFlags = CallFlags & { readonly file: string; readonly expectedVersion?: number };

async function readDeclarations(shell: Shell, { file, expectedVersion }: PutFlags): Promise<Declarations> {
  const declarations = await readDeclaredFile(shell, file);
  const { fleets, groups } = declarations;
  if (expectedVersion !== undefined && (groups.length !== 1 || fleets.length > 0)) {
    const found = `${fleets.length} fleets and ${groups.length} groups`;
    throw new CliError('USAGE', `--expected-version is for a file with one group; ${sourceName(file)} has ${found}`);
  }
  return declarations;
}

type Put = { readonly shell: Shell; readonly client: AdminClient; readonly flags: PutFlags };

/** Declares all of a file in one call: what is refused is refused whole. */
async function putAll({ shell, client, flags }: Put, declarations: Declarations): Promise<void> {
  const { fleets, groups } = declarations;
  const version = flags.expectedVersion ?? 0;
  const expected = version === 0 ? {} : { expectedVersion: version };
  const request = {
    fleets: fleets.map(({ value }) => value),
    groups: groups.map(({ value: spec }) => ({ spec, ...expected })),
    owner: userOf(shell.env),
  };
  const answer = await askAbout(flags.file, declarations, () => client.call('applyGroups', request));
  for (const { value } of fleets) shell.write(`fleet ${value.name ?? ''} stored, cell ${value.cell ?? 'default'}\n`);
  for (const group of answer.groups) shell.write(`group ${group.name} stored, version ${group.version}\n`);
}

async function loadSchemas() {
  const { loadDeclarationSchemas } = await import('../message-schema.ts');
  return loadDeclarationSchemas();
}
