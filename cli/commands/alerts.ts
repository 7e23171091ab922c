import { type Command, InvalidArgumentError, Option } from 'commander';
import type { AlertAction, AlertChoices } from '../alert-policies.ts';
import { callCoordinator } from '../call.ts';
import { CliError } from '../errors.ts';
import { renderJson } from '../json.ts';
import type { OutputFlags } from '../output.ts';
import { addCallFlags, type CallFlags, formatOption } from '../settings.ts';
import type { Shell } from '../shell.ts';

type AlertFlags = CallFlags & OutputFlags & AlertChoices & { readonly policy?: AlertAction };

/** Adds `chester alerts render`. */
export function addAlerts(program: Command, shell: Shell): void {
  const alerts = program.command('alerts').description('make the alerts that Chester listens to');
  addCallFlags(alerts.command('render'))
    .description('print the two alert policies of a group, and the commands for topic, subscription and grants')
    .argument('<group>')
    .addOption(new Option('--policy <action>', 'print one policy alone').choices(['scale-out', 'scale-in']))
    .option(
      '--topic <name>',
      "the Pub/Sub topic, and its subscription, in the group's project",
      parseTopic,
      'chester-alerts',
    )
    .option('--account <email>', "the coordinator's service account", parseAccount, 'CHESTER_ACCOUNT')
    .option('--scale-out-above <cpu>', 'CPU of 0 to 1 above which a replica is asked for', parseShare, 0.7)
    .option('--scale-in-below <cpu>', 'CPU of 0 to 1 below which one may go', parseShare, 0.2)
    .addOption(formatOption(['yaml', 'json']))
    .addHelpText('after', '\nExample:\n  chester alerts render orders --account chester@shop.iam.gserviceaccount.com')
    .action(async (name: string, flags: AlertFlags) => {
      if (flags.scaleInBelow >= flags.scaleOutAbove) {
        const given = `--scale-in-below ${flags.scaleInBelow}`;
        throw new CliError('USAGE', `${given}; allowed: less than --scale-out-above ${flags.scaleOutAbove}`);
      }
      const { spec } = await callCoordinator(shell, flags, (client) => client.getGroup(name));
      if (spec === null) throw new CliError('FAILED', `the coordinator answered nothing about group ${name}`);
      const { buildAlertPolicy, renderAlertCommands, renderAlerts } = await import('../alert-policies.ts');
      const actions = flags.policy === undefined ? (['scale-out', 'scale-in'] as const) : [flags.policy];
      const policies = actions.map((action) => buildAlertPolicy(spec, action, flags));
      if (flags.policy !== undefined) shell.write(renderJson(policies[0]));
      else if (flags.output === 'json')
        shell.write(renderJson({ commands: renderAlertCommands(spec, flags), policies }));
      else shell.write(renderAlerts(spec, flags));
    });
}

/** @see https://cloud.google.com/pubsub/docs/pubsub-basics#resource_names; five characters are left for `-dead`. */
function parseTopic(text: string): string {
  if (/^(?!goog)[A-Za-z][\w.~+%-]{2,249}$/.test(text)) return text;
  const allowed = 'a letter, then letters, digits and - . _ ~ + %; 3 to 250 characters, and no goog at the beginning';
  throw new InvalidArgumentError(`Allowed: ${allowed}.`);
}

function parseAccount(text: string): string {
  if (/^[\w.+-]+@[A-Za-z0-9.-]+$/.test(text)) return text;
  throw new InvalidArgumentError(
    'Allowed: the email of a service account, for example name@project.iam.gserviceaccount.com.',
  );
}

function parseShare(text: string): number {
  const share = Number(text);
  if (text.trim() !== '' && share >= 0 && share <= 1) return share;
  throw new InvalidArgumentError('Allowed: a number from 0 to 1.');
}
