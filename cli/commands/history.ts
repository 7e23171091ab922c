import type { Command } from 'commander';
import { callCoordinator } from '../call.ts';
import { CliError } from '../errors.ts';
import { listFormats, type OutputFlags, writeAnswer } from '../output.ts';
import { renderFields, renderRows } from '../render-changes.ts';
import { renderHistory } from '../render-history.ts';
import { addCallFlags, type CallFlags, formatOption, parseCounter, parseLimit, userOf } from '../settings.ts';
import type { Shell } from '../shell.ts';

type ViewFlags = CallFlags & OutputFlags;
type RollbackFlags = CallFlags & {
  readonly toVersion?: number;
  readonly expectedVersion?: number;
  readonly owner?: string;
  readonly reason: string;
};

/** Adds `chester history`, `chester diff` and `chester rollback`. */
export function addHistory(program: Command, shell: Shell): void {
  addCallFlags(program.command('history'))
    .description('list how a group was declared, by whom, and what its proxies were told; the newest first')
    .argument('<group>')
    .option('--limit <n>', 'at most so many, up to 1000', parseLimit, 50)
    .addOption(formatOption(listFormats))
    .addHelpText('after', '\nExample:\n  chester history orders')
    .action(async (group: string, flags: ViewFlags & { readonly limit: number }) => {
      const request = { group, pageSize: flags.limit };
      const { entries } = await callCoordinator(shell, flags, (client) => client.call('listHistory', request));
      writeAnswer(shell, flags, { json: { entries }, render: (style) => renderHistory(entries, style) });
    });
  addCallFlags(program.command('diff'))
    .description("show what differs between two revisions of a group's snapshot, row by row")
    .argument('<group>')
    .argument('<from>', 'a revision, as `chester history` shows it', parseCounter)
    .argument('[to]', 'another one; left out: the newest', parseCounter)
    .addOption(formatOption(listFormats))
    .addHelpText('after', '\nExample:\n  chester diff orders 3 7')
    .action(async (group: string, fromRevision: number, toRevision: number | undefined, flags: ViewFlags) => {
      const request = { group, fromRevision, toRevision: toRevision ?? 0 };
      const answer = await callCoordinator(shell, flags, (client) => client.call('diffSnapshots', request));
      const { rows, fields } = answer;
      const render = (style: Parameters<typeof renderRows>[1]) =>
        rows.length + fields.length === 0
          ? `revisions ${fromRevision} and ${answer.toRevision} have the same rows\n`
          : renderRows(rows, style) + (fields.length === 0 ? '' : `  declaration\n${renderFields(fields, style)}`);
      writeAnswer(shell, flags, { json: answer, render });
    });
  addRollback(program, shell);
}

function addRollback(program: Command, shell: Shell): void {
  addCallFlags(program.command('rollback'))
    .description('declare a group as it was, also one that was deleted')
    .argument('<group>')
    .argument('[revision]', 'the snapshot whose declaration to have back', parseCounter)
    .option('--to-version <n>', 'instead of a revision: the version of the declaration', parseCounter)
    .option('--expected-version <n>', 'refuse when the group is at another version by now', parseCounter)
    .option('--owner <name>', 'who orders it; default: the user of the shell')
    .option('--reason <text>', 'why; it is kept in the history', '')
    .addHelpText('after', '\nExample:\n  chester rollback orders 7 --reason "the new rules are slow"')
    .action(async (group: string, revision: number | undefined, flags: RollbackFlags) => {
      if ((revision === undefined) === (flags.toVersion === undefined)) {
        throw new CliError('USAGE', 'give a revision, or --to-version and the version of a declaration');
      }
      const request = {
        ...{ group, revision: revision ?? 0, version: flags.toVersion ?? 0 },
        ...{ expectedVersion: flags.expectedVersion ?? 0, reason: flags.reason },
        owner: flags.owner ?? userOf(shell.env),
      };
      const answer = await callCoordinator(shell, flags, (client) => client.call('rollback', request));
      shell.write(`group ${group}: rolled back, version ${answer.version}\n`);
    });
}
