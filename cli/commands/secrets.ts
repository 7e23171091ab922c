import { randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import { renderAge } from '../age.ts';
import { callCoordinator } from '../call.ts';
import { CliError } from '../errors.ts';
import { listFormats, type OutputFlags, writeAnswer } from '../output.ts';
import { addCallFlags, type CallFlags, formatOption } from '../settings.ts';
import type { Shell } from '../shell.ts';
import { orDash, renderTable } from '../table.ts';

/** Adds `chester secrets`: what groups name as secrets and a coordinator keeps, encrypted. None is ever shown. */
export function addSecrets(program: Command, shell: Shell): void {
  const secrets = program
    .command('secrets')
    .description('keep the secrets that groups name, encrypted in the store, or say where they are');
  addList(secrets, shell);
  addPut(secrets, shell);
  addCallFlags(secrets.command('delete'))
    .description('forget a secret that no group names')
    .argument('<name>')
    .action(async (name: string, flags: CallFlags) => {
      await callCoordinator(shell, flags, (client) => client.call('deleteSecret', { name }));
      shell.write(`secret ${name} deleted\n`);
    });
  addCallFlags(secrets.command('rotate-key'))
    .description('encrypt all secrets with the newest key of SECRET_KEY_FILE, its first line')
    .addHelpText('after', '\nExample:\n  chester secrets rotate-key')
    .action(async (flags: CallFlags) => {
      const { keyId, names } = await callCoordinator(shell, flags, (client) => client.call('rotateSecretKey', {}));
      shell.write(`${names.length} secrets encrypted anew; all that are encrypted are so with key ${keyId}\n`);
    });
  secrets
    .command('new-key')
    .description('make a key for SECRET_KEY_FILE: a line to put before the others')
    .addHelpText('after', '\nExample:\n  (chester secrets new-key; cat secret-keys) > secret-keys.new')
    .action(() => {
      shell.write(`${randomBytes(32).toString('base64')}\n`);
    });
}

function addList(secrets: Command, shell: Shell): void {
  addCallFlags(secrets.command('list'))
    .description('list names, keys and places; never what they hold')
    .addOption(formatOption(listFormats))
    .action(async (flags: CallFlags & OutputFlags) => {
      const answer = await callCoordinator(shell, flags, (client) => client.call('listSecrets', {}));
      const rows = answer.secrets.map(({ name, keyId, resource, changedAtMs }) => [
        name,
        orDash(keyId),
        orDash(resource),
        renderAge(changedAtMs, shell.nowMs()),
      ]);
      const render = (style: Parameters<typeof renderTable>[2]) =>
        renderTable(['NAME', 'KEY', 'SECRET MANAGER', 'CHANGED'], rows, style);
      writeAnswer(shell, flags, { json: answer, render });
    });
}

function addPut(secrets: Command, shell: Shell): void {
  addCallFlags(secrets.command('put'))
    .description('keep a secret; it is read from standard input, never from the command line')
    .argument('<name>')
    .option('--resource <name>', 'instead: projects/P/secrets/S/versions/V, where Secret Manager has it')
    .addHelpText(
      'after',
      '\nExample:\n  chester secrets put gate < password.txt\n' +
        '  chester secrets put app --resource projects/shop/secrets/app/versions/latest',
    )
    .action(async (name: string, flags: CallFlags & { readonly resource?: string }) => {
      const value = flags.resource === undefined ? await shell.readSecret(`Secret ${name}: `) : '';
      if (value === '' && flags.resource === undefined) {
        throw new CliError('INVALID', 'standard input is empty; allowed: the secret');
      }
      const request = { name, value, resource: flags.resource ?? '' };
      await callCoordinator(shell, flags, (client) => client.call('putSecret', request));
      shell.write(`secret ${name} kept\n`);
    });
}
