import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { addAccess } from './commands/access.ts';
import { addAlerts } from './commands/alerts.ts';
import { addAudit } from './commands/audit.ts';
import { addCells } from './commands/cells.ts';
import { addContext } from './commands/context.ts';
import { addFleets, addGroups } from './commands/declare.ts';
import { addDoctor } from './commands/doctor.ts';
import { addExplain, addIncidents } from './commands/incidents.ts';
import { addHistory } from './commands/history.ts';
import { addServerParts, addUserParts } from './commands/parts.ts';
import { addPlan } from './commands/plan.ts';
import { addRules } from './commands/rules.ts';
import { addServers } from './commands/servers.ts';
import { addStore } from './commands/store.ts';
import { addTop } from './commands/top.ts';
import { addScaling } from './commands/scaling.ts';
import { addSecrets } from './commands/secrets.ts';
import { addImport } from './commands/import.ts';
import { addInject } from './commands/inject.ts';
import { addAgents, addStatus } from './commands/views.ts';
import { addWatch } from './commands/watch.ts';
import { addDaemons, readEnvironmentTables } from './daemons.ts';
import { CliError, exitCodes } from './errors.ts';
import type { Shell } from './shell.ts';

/**
 * Runs one `chester` command.
 *
 * @returns What to exit with: 0 the answer was given, 1 it failed, 2 bad usage or input, 3 not found, 4 conflict, 5 denied,
 *   6 not converged in time.
 */
export async function runChester(args: readonly string[], shell: Shell): Promise<number> {
  try {
    const program = buildProgram(shell);
    addDaemons(program, shell, await readEnvironmentTables(args));
    for (const add of [
      addStatus,
      addTop,
      addPlan,
      addHistory,
      addGroups,
      addFleets,
      addServerParts,
      addUserParts,
      addRules,
      addContext,
      addAgents,
      addCells,
      addScaling,
      addServers,
      addIncidents,
      addExplain,
      addDoctor,
      addAlerts,
      addAudit,
      addSecrets,
      addAccess,
      addStore,
      addInject,
      addImport,
      addWatch,
    ])
      add(program, shell);
    await program.parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.code === 'commander.unknownOption' && args[0]?.startsWith('-') === true) {
        shell.complain('Flags stand behind the command: chester status --context test\n');
      }
      return error.exitCode === 0 ? 0 : exitCodes.USAGE;
    }
    if (!(error instanceof CliError)) throw error;
    shell.complain(`${error.message}\n`);
    return exitCodes[error.code];
  }
}

const rootHelp = `
Flags go before the environment, the environment before the context (chester context list), that before defaults.
Exit codes: 0 ok, 1 failed, 2 bad usage or input, 3 not found, 4 conflict, 5 denied, 6 not converged in time.

Example:
  chester plan -f examples/groups.yaml
  chester apply -f examples/groups.yaml
  chester status`;

function buildProgram(shell: Shell): Command {
  return (
    new Command('chester')
      .description('Live, safe scaling of Cloud SQL read replicas behind ProxySQL')
      .version(readVersion(), '-V, --version', 'print the version')
      .helpOption('-h, --help', 'print this help')
      // A flag behind a subcommand's name is the subcommand's, also where its parent knows the same one.
      .enablePositionalOptions()
      .addHelpText('after', rootHelp)
      .exitOverride()
      .configureOutput({
        writeOut: shell.write,
        writeErr: shell.complain,
        getOutHelpWidth: () => shell.columns ?? 100,
        getErrHelpWidth: () => shell.columns ?? 100,
      })
  );
}

function readVersion(): string {
  const content = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(content) as { readonly version: string }).version;
}
