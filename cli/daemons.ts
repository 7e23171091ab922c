import type { Command } from 'commander';
import { CliError } from './errors.ts';
import { readSetting } from './settings.ts';
import type { Shell } from './shell.ts';
import { plainStyle, renderTable } from './table.ts';

type Variable = readonly [name: string, fallback: string, meaning: string];
type EnvironmentTables = { readonly [Daemon in 'coordinator' | 'agent' | 'injector']: readonly Variable[] };

/**
 * Reads which variables the daemon takes whose help is asked for. Help is printed synchronously, and a daemon's code is
 * too slow to load to have it for every command.
 */
export async function readEnvironmentTables(args: readonly string[]): Promise<EnvironmentTables> {
  const isHelp = args.some((word) => ['-h', '--help', 'help'].includes(word));
  const none: readonly Variable[] = [];
  const tables = { coordinator: none, agent: none, injector: none };
  if (isHelp && args.includes('coordinator')) {
    tables.coordinator = (await import('../coordinator/main.ts')).coordinatorEnvironmentHelp;
  }
  if (isHelp && args.includes('agent')) {
    const { agentEnvironmentHelp } = await import('../agent/main.ts');
    tables.agent = agentEnvironmentHelp.map(({ name, default: fallback, meaning }): Variable => [
      name,
      fallback ?? '(required)',
      meaning,
    ]);
  }
  if (isHelp && args.includes('injector')) {
    tables.injector = (await import('../injector/main.ts')).injectorEnvironmentHelp;
  }
  return tables;
}

const injectorExample = `AGENT_IMAGE=chester-agent:1.0 COORDINATOR_ADDRESS=chester.chester.svc:8443 \\
    COORDINATOR_CA_CONFIGMAP=chester-ca TLS_CERT_FILE=./tls.crt TLS_KEY_FILE=./tls.key chester injector`;
const agentExample = `COORDINATOR_ADDRESS=127.0.0.1:8443 CHESTER_FLEET=main STATE_DIR=./agent-state \\
    PROXYSQL_ADMIN_USER=radmin PROXYSQL_ADMIN_PASSWORD_FILE=./radmin-password chester agent`;

/** Adds the commands that run until they are stopped. Each loads its code only when it is called. */
export function addDaemons(program: Command, shell: Shell, tables: EnvironmentTables): void {
  program
    .command('coordinator')
    .description('run a coordinator: decides which replicas exist and streams them to the agents')
    .addHelpText('after', () => environmentHelp(tables.coordinator, 'STATE_FILE=./chester.sqlite chester coordinator'))
    .action(async () => {
      const { runCoordinator } = await import('../coordinator/main.ts');
      await runCoordinator(shell.env);
    });
  program
    .command('agent')
    .description('run an agent: keeps the ProxySQL beside it as the coordinator says')
    .addHelpText('after', () => environmentHelp(tables.agent, agentExample))
    .action(async () => {
      const { runAgent } = await import('../agent/main.ts');
      await runAgent(shell.env);
    });
  program
    .command('injector')
    .description('run the admission webhook that puts agents into ProxySQL pods')
    .addHelpText('after', () => environmentHelp(tables.injector, injectorExample))
    .action(async () => {
      const { runInjector } = await import('../injector/main.ts');
      await runInjector(shell.env);
    });
  addSandbox(program, shell);
}

function environmentHelp(variables: readonly Variable[], example: string): string {
  const table = renderTable(['Environment', 'Default', 'Meaning'], variables, plainStyle);
  return `\n${table}\nExample:\n  ${example}`;
}

function addSandbox(program: Command, shell: Shell): void {
  const sandbox = program.command('sandbox').description('run a local stand-in for Cloud SQL or ProxySQL');
  const emulators: readonly Emulator[] = [
    {
      name: 'cloudsql',
      description: 'run the Cloud SQL Admin API emulator, with a MySQL server per instance',
      variable: 'SANDBOX_CLOUDSQL_PORT',
      port: 9040,
      mariadb: 'a real MariaDB server behind each instance, replicating by GTID, 12 at most (needs mariadb-server)',
      run: async (port, mariadb) => (await import('../sandbox/cloudsql/main.ts')).runCloudSqlSandbox({ port, mariadb }),
    },
    {
      name: 'proxysql',
      description:
        "run the emulator of ProxySQL's admin interface (users admin/admin and radmin/radmin; " +
        'SANDBOX_PROXYSQL_DATA_FILE keeps its disk)',
      variable: 'SANDBOX_PROXYSQL_PORT',
      port: 6032,
      run: async (port) => {
        const dataFile = shell.env['SANDBOX_PROXYSQL_DATA_FILE'] ?? '';
        const { runProxySqlSandbox } = await import('../sandbox/proxysql/main.ts');
        await runProxySqlSandbox(dataFile === '' ? { port } : { port, dataFile });
      },
    },
  ];
  for (const emulator of emulators) addEmulator(sandbox, shell, emulator);
}

type Emulator = {
  readonly name: string;
  readonly description: string;
  /** The variable that goes before the default port and behind --port. */
  readonly variable: string;
  readonly port: number;
  /** What --mariadb does, for the emulator that has it. */
  readonly mariadb?: string;
  readonly run: (port: number, mariadb: boolean) => Promise<void>;
};

function addEmulator(sandbox: Command, shell: Shell, emulator: Emulator): void {
  const { name, description, variable, port, mariadb, run } = emulator;
  const command = sandbox
    .command(name)
    .description(`${description}; prints {"address":"127.0.0.1:PORT"} when it answers`)
    .option('--port <n>', `where it listens, 0 for any free port (${variable}, default ${port})`)
    .addHelpText('after', `\nExample:\n  chester sandbox ${name} --port 0`)
    .action(async (flags: { readonly port?: string; readonly mariadb?: boolean }) => {
      const problems: string[] = [];
      const wanted = readSetting(
        { flag: '--port', given: flags.port, variable, env: shell.env },
        (reader, setting) => reader.integer(setting, port, { min: 0, max: 65_535 }),
        problems,
      );
      if (problems.length > 0) throw new CliError('USAGE', problems.join('\n'));
      try {
        await run(wanted, flags.mariadb === true);
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        throw new CliError('FAILED', `chester sandbox ${name} did not start: ${why}`, { cause: error });
      }
    });
  if (mariadb !== undefined) command.option('--mariadb', mariadb);
}
