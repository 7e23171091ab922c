import { type Command, InvalidArgumentError, Option } from 'commander';
import { EnvironmentReader } from '../process/environment.ts';
import { withContext } from './context-file.ts';
import { CliError } from './errors.ts';
import { addSecurityFlags, type CallSecurity, readCallSecurity, type SecurityFlags } from './security.ts';

/** Where a command calls, and how long it waits for one answer. */
export type CallSettings = {
  readonly coordinator: string;
  readonly timeoutMs: number;
  /** The user of the shell, whom the history names where nobody has to prove who they are. */
  readonly user?: string;
  /** Left out: plain text, and nothing that says who calls. */
  readonly security?: CallSecurity;
};
export type CallFlags = SecurityFlags & {
  readonly context?: string;
  readonly coordinator?: string;
  readonly timeoutMs?: string;
};

type Environment = Readonly<Record<string, string | undefined>>;

const addressRule = {
  pattern: /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):[1-9]\d{0,4}$/,
  allowed: 'host:port, an IPv6 address in brackets',
};

/** Gives a command the flags that every call to the coordinator takes. */
export function addCallFlags(command: Command): Command {
  return addSecurityFlags(command)
    .option('--context <name>', 'a coordinator of the file that `chester context` shows (CHESTER_CONTEXT)')
    .option('--coordinator <host:port>', "the coordinator's gRPC (CHESTER_COORDINATOR, default 127.0.0.1:8443)")
    .option('--timeout-ms <n>', 'longest wait for an answer (CHESTER_TIMEOUT_MS, default 10000)');
}

/** Reads the settings of a call. @throws {CliError} USAGE with every problem. */
export function readCallSettings(flags: CallFlags, given: Environment): CallSettings {
  const env = withContext(given, flags.context);
  const problems: string[] = [];
  const coordinator = readSetting(
    { flag: '--coordinator', given: flags.coordinator, variable: 'CHESTER_COORDINATOR', env },
    (reader, name) => reader.text(name, '127.0.0.1:8443', addressRule),
    problems,
  );
  // What is no address is told as such, not as another machine.
  const isAddress = problems.length === 0;
  const timeoutMs = readSetting(
    { flag: '--timeout-ms', given: flags.timeoutMs, variable: 'CHESTER_TIMEOUT_MS', env },
    (reader, name) => reader.integer(name, 10_000, { min: 1, max: 3_600_000 }),
    problems,
  );
  const security = readCallSecurity(flags, env, { coordinator: isAddress ? coordinator : '127.0.0.1:0', problems });
  if (problems.length > 0) throw new CliError('USAGE', problems.join('\n'));
  return { coordinator, timeoutMs, security, user: userOf(given) };
}

export type SettingSource = {
  readonly flag: string;
  readonly given: string | undefined;
  readonly variable: string;
  readonly env: Environment;
};

/** Reads one setting, flag over environment over default; a problem names where the bad value stands. */
export function readSetting<T>(
  { flag, given, variable, env }: SettingSource,
  read: (reader: EnvironmentReader, name: string) => T,
  problems: string[],
): T {
  if (given === '') problems.push(`${flag} is empty`);
  const name = given === undefined ? variable : flag;
  const reader = new EnvironmentReader({ [name]: given ?? env[variable] });
  const value = read(reader, name);
  problems.push(...reader.problems);
  return value;
}

/** Who sits at the shell. Empty where it does not say, as in a container: the coordinator takes the caller's own name. */
export function userOf(env: Environment): string {
  return env['USER'] ?? env['LOGNAME'] ?? env['USERNAME'] ?? '';
}

/** The flag `-o`: how an answer is printed. The first format is the default. */
export function formatOption(formats: readonly string[]): Option {
  return new Option('-o, --output <format>', 'how the answer is printed').choices(formats).default(formats[0]);
}

/** Parses a whole number of a command line; the coordinator checks its range. */
export function parseInt32(text: string): number {
  return parseWhole(text, { min: -(2 ** 31), max: 2 ** 31 - 1 });
}

/** Parses a sequence number or a version. */
export function parseCounter(text: string): number {
  return parseWhole(text, { min: 0, max: Number.MAX_SAFE_INTEGER });
}

/** Parses how many entries of a list are wanted; a coordinator gives no more at once. */
export function parseLimit(text: string): number {
  return parseWhole(text, { min: 1, max: 1000 });
}

function parseWhole(text: string, { min, max }: { readonly min: number; readonly max: number }): number {
  const number = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (number >= min && number <= max) return number;
  throw new InvalidArgumentError(`Allowed: a whole number from ${min} to ${max}.`);
}

const secondsOf: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Parses a duration, for example `2h`, into seconds; the coordinator checks its range. */
export function parseDuration(text: string): number {
  const [, count = '', unit = 's'] = /^(\d{1,7})([smhd])?$/.exec(text) ?? [];
  const seconds = Number(count) * (secondsOf[unit] ?? 1);
  if (count !== '' && seconds < 2 ** 31) return seconds;
  throw new InvalidArgumentError('Allowed: a whole number with s, m, h or d, for example 90s, 30m, 2h, 3d.');
}
