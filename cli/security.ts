import type { Command } from 'commander';
import type { ClientSecurity } from '../process/client-credentials.ts';
import { isLoopback } from '../process/loopback.ts';

/** How a call is encrypted, how it says who calls, and why. */
export type CallSecurity = ClientSecurity & {
  /** A token from the environment; null: none. */
  readonly token: string | null;
  /** For the audit trail; empty: not said. */
  readonly why: string;
};

export type SecurityFlags = {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly tokenFile?: string;
  readonly serverName?: string;
  readonly tls?: boolean;
  readonly insecure?: boolean;
  readonly why?: string;
};

type Environment = Readonly<Record<string, string | undefined>>;

/** Gives a command the flags of encryption and identity. A token is never a flag: others see those. */
export function addSecurityFlags(command: Command): Command {
  return command
    .option('--tls', "TLS with the system's authorities (CHESTER_TLS=true)")
    .option('--ca <file>', "authorities of the coordinator's certificate; with it, TLS (CHESTER_CA_FILE)")
    .option('--cert <file>', 'certificate to show (CHESTER_CERT_FILE)')
    .option('--key <file>', 'its key (CHESTER_KEY_FILE)')
    .option('--token-file <file>', 'token to show (CHESTER_TOKEN_FILE; or the token itself in CHESTER_TOKEN)')
    .option('--server-name <name>', "name in the coordinator's certificate (CHESTER_SERVER_NAME)")
    .option('--insecure', 'allows plain text to another machine (CHESTER_INSECURE=true)')
    .option('--why <text>', 'reason for the audit trail (CHESTER_WHY)');
}

/** Reads how to call; what is wrong goes to `problems`. */
export function readCallSecurity(
  flags: SecurityFlags,
  env: Environment,
  { coordinator, problems }: { readonly coordinator: string; readonly problems: string[] },
): CallSecurity {
  const text = (flag: string | undefined, variable: string) => flag ?? env[variable] ?? '';
  const optional = (flag: string | undefined, variable: string) => text(flag, variable) || null;
  const isOn = (flag: boolean | undefined, variable: string) => flag === true || env[variable] === 'true';
  const caFile = optional(flags.ca, 'CHESTER_CA_FILE');
  const certificateFile = optional(flags.cert, 'CHESTER_CERT_FILE');
  const keyFile = optional(flags.key, 'CHESTER_KEY_FILE');
  const tokenFile = optional(flags.tokenFile, 'CHESTER_TOKEN_FILE');
  const serverName = optional(flags.serverName, 'CHESTER_SERVER_NAME');
  const token = optional(undefined, 'CHESTER_TOKEN');
  const isEncrypted = isOn(flags.tls, 'CHESTER_TLS') || caFile !== null || certificateFile !== null;
  if ((certificateFile === null) !== (keyFile === null)) {
    problems.push('--cert (CHESTER_CERT_FILE) and --key (CHESTER_KEY_FILE): give both, or neither');
  }
  if (!isEncrypted && !isLoopback(coordinator) && !isOn(flags.insecure, 'CHESTER_INSECURE')) {
    problems.push(`${coordinator} is another machine: give --ca FILE or --tls, or allow plain text with --insecure`);
  }
  return {
    tls: isEncrypted ? { caFile, certificateFile, keyFile, serverName } : null,
    tokenFile: token === null ? tokenFile : null,
    token,
    why: text(flags.why, 'CHESTER_WHY'),
  };
}
