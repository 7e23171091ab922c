import type { Command } from 'commander';
import { CliError } from '../errors.ts';
import { listFormats, type OutputFlags, writeAnswer } from '../output.ts';
import { formatOption } from '../settings.ts';
import type { Shell } from '../shell.ts';

type Copy = {
  readonly from: string;
  readonly to: string;
  readonly entries: number;
  readonly events: number;
  readonly revision: number;
};

const places = `
A store is a file (STATE_FILE of a coordinator) or a URL of Redis (its REDIS_URL). Passwords, TLS and prefix of Redis are
taken from REDIS_… in the environment, as a coordinator takes them. Stop every coordinator first: a store in use is
refused.

Example:
  `;

/** Adds `chester store …`: works on the store itself, without a coordinator. */
export function addStore(program: Command, shell: Shell): void {
  const store = program.command('store').description('copy, back up and restore what a stopped coordinator keeps');
  const show = (flags: OutputFlags, copy: Copy): void => {
    const counts = `${copy.entries} records, ${copy.events} events, up to revision ${copy.revision}`;
    writeAnswer(shell, flags, { json: copy, render: () => `copied ${copy.from} to ${copy.to}: ${counts}\n` });
  };
  store
    .command('migrate')
    .description('copy a store into another one: embedded to Redis, and back')
    .requiredOption('--from <store>', 'the store that is copied; it is not changed')
    .requiredOption('--to <store>', 'the store that it is copied into')
    .option('--replace', 'deletes what the other store holds')
    .addOption(formatOption(listFormats))
    .addHelpText('after', `${places}chester store migrate --from ./chester.sqlite --to redis://redis:6379`)
    .action(async (flags: OutputFlags & { from: string; to: string; replace?: true }) => {
      const { migrateStore } = await import('../../coordinator/main.ts');
      const { from, to, replace = false } = flags;
      show(flags, await translated(migrateStore({ from, to, replace }, shell.env)));
    });
  store
    .command('backup')
    .description('write a store into a file, which holds password hashes and keys as the store does')
    .argument('<file>', 'a new file, made for its owner only')
    .option('--from <store>', 'the store (default: STATE_FILE or REDIS_URL)')
    .option('--live', 'also while coordinators work on it, on Redis: what is copied stood there at one moment')
    .addOption(formatOption(listFormats))
    .addHelpText('after', `${places}chester store backup --from redis://redis:6379 chester.backup`)
    .action(async (file: string, flags: OutputFlags & { from?: string; live?: true }) => {
      const { backUpStore } = await import('../../coordinator/main.ts');
      const from = placeOf(shell, flags.from, '--from');
      show(flags, await translated(backUpStore({ from, file, live: flags.live ?? false }, shell.env)));
    });
  store
    .command('restore')
    .description('load a backup into a store')
    .argument('<file>')
    .option('--to <store>', 'the store (default: STATE_FILE or REDIS_URL)')
    .option('--replace', 'deletes what the store holds')
    .addOption(formatOption(listFormats))
    .addHelpText('after', `${places}chester store restore --to ./chester.sqlite chester.backup`)
    .action(async (file: string, flags: OutputFlags & { to?: string; replace?: true }) => {
      const { restoreStore } = await import('../../coordinator/main.ts');
      const to = placeOf(shell, flags.to, '--to');
      show(flags, await translated(restoreStore({ file, to, replace: flags.replace ?? false }, shell.env)));
    });
}

function placeOf({ env }: Shell, flag: string | undefined, name: string): string {
  const place = [flag, env['STATE_FILE'], env['REDIS_URL']].find((text) => text !== undefined && text !== '');
  if (place === undefined) throw new CliError('USAGE', `no store: give ${name}, or set STATE_FILE or REDIS_URL`);
  return place;
}

const exits: Readonly<Record<string, CliError['code']>> = {
  CONFIG_INVALID: 'USAGE',
  BACKUP_UNUSABLE: 'USAGE',
  SECRET_MISSING: 'USAGE',
  STORE_IN_USE: 'CONFLICT',
  STORE_NOT_EMPTY: 'CONFLICT',
  STORE_UNAVAILABLE: 'FAILED',
};

async function translated<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? exits[String(error.code)] : undefined;
    if (code === undefined || !(error instanceof Error)) throw error;
    throw new CliError(code, error.message);
  }
}
