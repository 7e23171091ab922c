import type { Command } from 'commander';
import type { GroupPlan__Output } from '../../proto/gen/chester/v1/GroupPlan.ts';
import type { PlanGroupsResponse__Output } from '../../proto/gen/chester/v1/PlanGroupsResponse.ts';
import type { AdminClient } from '../admin-client.ts';
import { callCoordinator } from '../call.ts';
import { awaitConvergence } from '../convergence.ts';
import type { Declarations } from '../declarations.ts';
import { askAbout, readDeclaredFile } from '../declared-file.ts';
import { listFormats, type OutputFlags, writeAnswer } from '../output.ts';
import { renderPlan } from '../render-changes.ts';
import { addCallFlags, type CallFlags, formatOption, parseDuration, userOf } from '../settings.ts';
import type { Shell } from '../shell.ts';

type PlanFlags = CallFlags & OutputFlags & { readonly file: string };
type ApplyFlags = PlanFlags & {
  readonly wait: boolean;
  readonly timeout: number;
  readonly owner?: string;
  readonly reason: string;
};

/** Adds `chester plan` and `chester apply`. */
export function addPlan(program: Command, shell: Shell): void {
  addCallFlags(program.command('plan'))
    .description(
      'show what `apply` would do: rows in the proxies, by table, and replicas in Cloud SQL. Changes nothing',
    )
    .requiredOption(
      '-f, --file <file>',
      'what is declared: one group, or a map with the lists fleets and groups; - reads stdin',
    )
    .addOption(formatOption(listFormats))
    .addHelpText('after', '\nExample:\n  chester plan -f groups.yaml')
    .action(async (flags: PlanFlags) => {
      const declarations = await readDeclaredFile(shell, flags.file);
      const plan = await callCoordinator(shell, flags, (client) => askPlan(client, declarations, flags));
      writeAnswer(shell, flags, { json: plan, render: (style) => renderPlan(plan, style) });
    });
  addCallFlags(program.command('apply'))
    .description('declare all of a file or nothing of it, and wait until replicas and proxies are as declared')
    .requiredOption('-f, --file <file>', 'as for `plan`')
    .option('--no-wait', 'do not wait for replicas and proxies')
    .option('--timeout <duration>', 'how long to wait, as 90s, 30m or 2h; then exit 6', parseDuration, 1800)
    .option('--owner <name>', 'who declares it; default: the user of the shell')
    .option('--reason <text>', 'why; it is kept in the history', '')
    .addOption(formatOption(listFormats))
    .addHelpText('after', '\nExample:\n  chester apply -f groups.yaml --reason "two more replicas for the sale"')
    .action(async (flags: ApplyFlags) => {
      const declarations = await readDeclaredFile(shell, flags.file);
      await callCoordinator(shell, flags, (client) => apply({ shell, client, flags }, declarations));
    });
}

async function askPlan(
  client: AdminClient,
  declarations: Declarations,
  { file }: PlanFlags,
): Promise<PlanGroupsResponse__Output> {
  const { fleets, groups } = declarations;
  const request = { fleets: fleets.map(({ value }) => value), groups: groups.map(({ value }) => value) };
  return askAbout(file, declarations, () => client.call('planGroups', request));
}

type Apply = { readonly shell: Shell; readonly client: AdminClient; readonly flags: ApplyFlags };

async function apply({ shell, client, flags }: Apply, declarations: Declarations): Promise<void> {
  const plan = await askPlan(client, declarations, flags);
  if (flags.output !== 'json' && flags.output !== 'yaml') {
    writeAnswer(shell, flags, { json: plan, render: (style) => renderPlan(plan, style) });
  }
  const before = await Promise.all(
    plan.groups.map(async ({ name, version }) => (version === 0 ? 0 : (await client.getGroup(name)).revision)),
  );
  const { fleets, groups } = declarations;
  // What was planned is what is done: somebody else's change in between is a conflict.
  const request = {
    fleets: fleets.map(({ value }) => value),
    groups: groups.map(({ value: spec }, index) => ({ spec, expectedVersion: plan.groups[index]?.version ?? 0 })),
    owner: flags.owner ?? userOf(shell.env),
    reason: flags.reason,
  };
  const answer = await askAbout(flags.file, declarations, () => client.call('applyGroups', request));
  if (flags.wait) {
    const awaited = answer.groups.map((group, index) => ({
      group,
      changesProxies: changesProxies(plan.groups[index]),
      revisionBefore: before[index] ?? 0,
    }));
    await awaitConvergence({ shell, client }, awaited, flags.timeout * 1000);
  }
  const render = () =>
    answer.groups
      .map(({ name, change, version }) => `group ${name}: ${words[change] ?? change}, version ${version}\n`)
      .join('');
  writeAnswer(shell, flags, { json: answer, render });
}

const words: Readonly<Record<string, string>> = { create: 'created', change: 'changed', none: 'as it was' };

function changesProxies(plan: GroupPlan__Output | undefined): boolean {
  return plan !== undefined && plan.change !== 'none' && plan.rows.length > 0;
}
