import type { Command } from 'commander';
import { callCoordinator } from '../call.ts';
import { CliError } from '../errors.ts';
import { listFormats, type OutputFlags, writeAnswer } from '../output.ts';
import { renderChecks } from '../render-story.ts';
import { addCallFlags, type CallFlags, formatOption } from '../settings.ts';
import type { Shell } from '../shell.ts';

/** Adds `chester doctor`. */
export function addDoctor(program: Command, shell: Shell): void {
  addCallFlags(program.command('doctor'))
    .description(
      'look at everything a group needs: permissions, primary, users, routes, TLS, connections. Exits 1 on a fail',
    )
    .argument('<group>')
    .addOption(formatOption(listFormats))
    .addHelpText('after', '\nExample:\n  chester doctor orders')
    .action(async (group: string, flags: CallFlags & OutputFlags) => {
      const answer = await callCoordinator(shell, flags, (client) => client.diagnose(group));
      writeAnswer(shell, flags, { json: answer, render: (style) => renderChecks(answer.checks, style) });
      const failed = answer.checks.filter(({ status }) => status === 'fail').length;
      if (failed > 0) throw new CliError('FAILED', `${failed} of ${answer.checks.length} checks failed`);
    });
}
