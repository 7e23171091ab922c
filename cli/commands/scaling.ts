import { type Command, InvalidArgumentError } from 'commander';
import type { Group__Output } from '../../proto/gen/chester/v1/Group.ts';
import type { AdminClient } from '../admin-client.ts';
import { callCoordinator } from '../call.ts';
import { addCallFlags, type CallFlags, parseDuration, parseInt32, userOf } from '../settings.ts';
import type { Shell } from '../shell.ts';

type OrderFlags = CallFlags & { readonly owner?: string; readonly reason: string; readonly for?: number };
type By = { readonly owner: string; readonly reason: string };

/** Adds what people order of a group's autoscaler: scale, pause and resume. */
export function addScaling(program: Command, shell: Shell): void {
  addScale(program, shell);
  addOrder(program, 'pause', 'keep the autoscaler from changing the count; a count of `chester scale` still holds')
    .option('--direction <direction>', 'out, in or both', 'both')
    .requiredOption('--reason <text>', 'why; it is kept in the events')
    .option(
      '--for <duration>',
      'for how long, as 90s, 30m, 2h or 3d; until it is resumed, when left out',
      parseDuration,
    )
    .addHelpText('after', '\nExample:\n  chester pause orders --direction in --for 2h --reason "load test"')
    .action(async (group: string, flags: OrderFlags & { readonly direction: string }) => {
      const { direction } = flags;
      const duration = flags.for === undefined ? {} : { durationSeconds: flags.for };
      await order(shell, flags, (client, by) => client.pause({ group, direction, ...by, ...duration }));
      shell.write(`group ${group}: ${direction} is paused\n`);
    });
  addOrder(program, 'resume', 'let the autoscaler change the count again')
    .option('--direction <direction>', 'out, in or both', 'both')
    .option('--reason <text>', 'why; it is kept in the events', '')
    .addHelpText('after', '\nExample:\n  chester resume orders')
    .action(async (group: string, flags: OrderFlags & { readonly direction: string }) => {
      const { direction } = flags;
      await order(shell, flags, (client, by) => client.resume({ group, direction, ...by }));
      shell.write(`group ${group}: ${direction} is resumed\n`);
    });
}

function addScale(program: Command, shell: Shell): void {
  addOrder(program, 'scale', 'set how many replicas of its own a group should have now')
    .argument('<count>', "within the group's bounds, or auto: a count is no longer held", parseCount)
    .option('--reason <text>', 'why; it is kept in the events', '')
    .option('--for <duration>', 'hold the count, as 90s, 30m, 2h or 3d; else incidents go on from there', parseDuration)
    .addHelpText(
      'after',
      '\nExample:\n  chester scale orders 2\n  chester scale orders 3 --for 4h --reason "sale at noon"\n  chester scale orders auto',
    )
    .action(async (group: string, count: number | 'auto', flags: OrderFlags) => {
      const hold = flags.for === undefined ? {} : { holdSeconds: flags.for };
      const answer = await order(shell, flags, (client, by) =>
        count === 'auto'
          ? client.releaseScale({ group, ...by })
          : client.scale({ group, replicas: count, ...by, ...hold }),
      );
      shell.write(`group ${group}: desired ${answer.desired} (${answer.desiredReason})\n`);
    });
}

function addOrder(program: Command, name: string, description: string): Command {
  return addCallFlags(program.command(name))
    .description(description)
    .argument('<group>')
    .option('--owner <name>', 'who orders it; default: the user of the shell');
}

function order(
  shell: Shell,
  flags: OrderFlags,
  send: (client: AdminClient, by: By) => Promise<Group__Output>,
): Promise<Group__Output> {
  const by = { owner: flags.owner ?? userOf(shell.env), reason: flags.reason };
  return callCoordinator(shell, flags, (client) => send(client, by));
}

function parseCount(text: string): number | 'auto' {
  if (text === 'auto') return text;
  try {
    return parseInt32(text);
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    throw new InvalidArgumentError(`${error.message} Or auto.`);
  }
}
