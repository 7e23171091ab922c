import type { Command } from 'commander';
import type { Group__Output } from '../../proto/gen/chester/v1/Group.ts';
import type { AdminClient } from '../admin-client.ts';
import { callCoordinator } from '../call.ts';
import { addCallFlags, type CallFlags, parseDuration, userOf } from '../settings.ts';
import type { Shell } from '../shell.ts';

type OrderFlags = CallFlags & { readonly owner?: string; readonly reason: string };

/** Adds the orders about single servers: cordon, uncordon, adopt, release and accept-primary. */
export function addServers(program: Command, shell: Shell): void {
  addCordons(program, shell);
  addDrains(program, shell);
  addOrder(program, 'adopt', 'take an existing replica over: from then on Chester keeps it, and may delete it')
    .argument('<instance>', 'a Cloud SQL instance that is a replica of the primary, without a role or replicas')
    .addHelpText('after', '\nExample:\n  chester adopt orders orders-read-2 --reason "was made by hand in March"')
    .action(async (group: string, instance: string, flags: OrderFlags) => {
      const answer = await order(shell, flags, (client, by) => client.adopt({ group, instance, ...by }));
      shell.write(`group ${group}: ${instance} is taken over, desired ${answer.desired}\n`);
    });
  addOrder(program, 'release', 'give a replica back: it leaves the proxies and stays in Cloud SQL, protected')
    .argument('<instance>', "a replica of the group's own")
    .addHelpText('after', '\nExample:\n  chester release orders orders-read-2 --reason "reports need it"')
    .action(async (group: string, instance: string, flags: OrderFlags) => {
      const answer = await order(shell, flags, (client, by) => client.release({ group, instance, ...by }));
      shell.write(`group ${group}: ${instance} is being released, desired ${answer.desired}\n`);
    });
  addOrder(program, 'accept-primary', 'make an instance the writer: the old one leaves every proxy first')
    .argument('<instance>', 'the Cloud SQL instance that is the primary now')
    .option('--old-is-gone', 'the old writer is gone or read-only for certain: silent proxies are not waited for')
    .addHelpText('after', '\nExample:\n  chester accept-primary orders orders-b --reason "switched over at noon"')
    .action(async (group: string, instance: string, flags: OrderFlags & { readonly oldIsGone?: true }) => {
      const oldIsGone = flags.oldIsGone === true;
      await order(shell, flags, (client, by) => client.acceptPrimary({ group, instance, oldIsGone, ...by }));
      shell.write(`group ${group}: ${instance} becomes the writer; change \`primary\` in your declaration too\n`);
    });
}

function addDrains(program: Command, shell: Shell): void {
  addOrder(program, 'drain', 'have a replica of its own replaced, then taken out of every proxy and deleted')
    .argument('<replica>', 'by its name')
    .option('--no-replace', 'the group has one less from then on; refused at its minimum')
    .option('--force', 'it drains already, and proxies end the sessions that still hold it', false)
    .option('--cancel', 'take the order back, as long as the replica serves, or end --force', false)
    .addHelpText('after', '\nExample:\n  chester drain orders orders-ro-r1a2b3c4 --reason "its disk is slow"')
    .action(
      async (
        group: string,
        server: string,
        flags: OrderFlags & { readonly replace: boolean; readonly cancel: boolean; readonly force: boolean },
      ) => {
        if (flags.force) {
          await order(shell, flags, (client, by) => client.call('drain', { group, server, force: true, ...by }));
          shell.write(`group ${group}: the sessions that hold ${server} are ended\n`);
          return;
        }
        if (flags.cancel) {
          await order(shell, flags, (client, by) => client.call('cancelDrain', { group, server, ...by }));
          shell.write(`group ${group}: ${server} stays\n`);
          return;
        }
        const withoutReplacement = !flags.replace;
        const answer = await order(shell, flags, (client, by) =>
          client.call('drain', { group, server, withoutReplacement, ...by }),
        );
        const how = withoutReplacement ? 'is to go' : 'is to be replaced, then to go';
        shell.write(`group ${group}: ${server} ${how}, desired ${answer.desired}\n`);
      },
    );
  addOrder(program, 'resync', 'send a group to its agents again, also what they have proven or refused')
    .option('--agent <id>', 'only to this one')
    .addHelpText('after', '\nExample:\n  chester resync orders --reason "rows were edited by hand"')
    .action(async (group: string, flags: OrderFlags & { readonly agent?: string }) => {
      const by = { owner: flags.owner ?? userOf(shell.env), reason: flags.reason };
      await callCoordinator(shell, flags, (client) =>
        client.call('resync', { group, agentId: flags.agent ?? '', ...by }),
      );
      const whom = flags.agent === undefined ? 'its agents get' : `agent ${flags.agent} gets`;
      shell.write(`group ${group}: ${whom} everything again\n`);
    });
}

function addCordons(program: Command, shell: Shell): void {
  addOrder(program, 'cordon', 'keep a reader out of every proxy; its instance stays, and counts for max only')
    .argument('<server>', 'a replica by its name, or a static reader by host or host:port')
    .option(
      '--for <duration>',
      'for how long, as 90s, 30m, 2h or 3d; until it is taken back, when left out',
      parseDuration,
    )
    .addHelpText('after', '\nExample:\n  chester cordon orders orders-ro-r1a2b3c4 --for 1h --reason "slow disk"')
    .action(async (group: string, server: string, flags: OrderFlags & { readonly for?: number }) => {
      const duration = flags.for === undefined ? {} : { durationSeconds: flags.for };
      await order(shell, flags, (client, by) => client.cordon({ group, server, ...by, ...duration }));
      shell.write(`group ${group}: ${server} is cordoned\n`);
    });
  addOrder(program, 'uncordon', 'let a reader back into the proxies')
    .argument('<server>', 'as it was cordoned')
    .addHelpText('after', '\nExample:\n  chester uncordon orders orders-ro-r1a2b3c4 --reason "disk replaced"')
    .action(async (group: string, server: string, flags: OrderFlags) => {
      await order(shell, flags, (client, by) => client.uncordon({ group, server, ...by }));
      shell.write(`group ${group}: ${server} is no longer cordoned\n`);
    });
}

function addOrder(program: Command, name: string, description: string): Command {
  return addCallFlags(program.command(name))
    .description(description)
    .argument('<group>')
    .requiredOption('--reason <text>', 'why; it is kept in the events')
    .option('--owner <name>', 'who orders it; default: the user of the shell');
}

function order(
  shell: Shell,
  flags: OrderFlags,
  send: (client: AdminClient, by: { readonly owner: string; readonly reason: string }) => Promise<Group__Output>,
): Promise<Group__Output> {
  const by = { owner: flags.owner ?? userOf(shell.env), reason: flags.reason };
  return callCoordinator(shell, flags, (client) => send(client, by));
}
