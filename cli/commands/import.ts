import { mkdir, open, readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { CliError } from '../errors.ts';
import type { ChesterDatabase, Entity } from '../import/chester-entities.ts';
import type { Imported, ImportedSecret } from '../import/imported.ts';
import type { Shell } from '../shell.ts';

type CommonFlags = {
  readonly cell: string;
  readonly gateUser: string;
  readonly gateSecret: string;
  readonly secretsDir?: string;
};
type ChesterFlags = CommonFlags & {
  readonly project?: string;
  readonly sqlProject?: string;
  readonly file?: string;
  readonly decrypt?: string | true;
};
type ProxysqlFlags = CommonFlags & {
  readonly admin: string;
  readonly user: string;
  readonly passwordFile?: string;
  readonly fleet: string;
  readonly name?: string;
  readonly sqlProject?: string;
  readonly primary?: string;
  readonly writer?: number;
  readonly reader?: number;
};

const deadlineMs = 15_000;

/** Adds `chester import`. */
export function addImport(program: Command, shell: Shell): void {
  const imports = program
    .command('import')
    .description('turn what configures your proxies today into declarations; writes to nothing but stdout and files');
  addCommonFlags(imports.command('chester'))
    .description("print Chester's databases, from its Datastore or a dump, as YAML that `groups put` takes")
    .option('--project <id>', "the project of Chester's Datastore (DATASTORE_EMULATOR_HOST: of an emulator)")
    .option('-f, --file <file>', 'a dump instead: JSON of entities, of runQuery, or of GET /databases; - reads stdin')
    .option('--sql-project <id>', 'the project of the databases; default: --project')
    .option('--decrypt [key-version]', 'decrypt passwords by Cloud KMS, with the key that Chester noted or this one')
    .addHelpText(
      'after',
      '\nExample:\n  chester import chester --project shop-prod --decrypt --secrets-dir ./secrets > groups.yaml',
    )
    .action(async (flags: ChesterFlags) => {
      await importChester(shell, flags);
    });
  addCommonFlags(imports.command('proxysql'))
    .description('print what a running ProxySQL does as YAML that `groups put` takes; only reads')
    .option('--admin <host:port>', "ProxySQL's admin interface", '127.0.0.1:6032')
    .option('--user <name>', 'a user of admin-admin_credentials', 'admin')
    .option('--password-file <file>', 'file with its password (or PROXYSQL_ADMIN_PASSWORD)')
    .option('--fleet <name>', 'the fleet of the groups', 'main')
    .option('--name <name>', 'the name of the group, if it is one')
    .option('--sql-project <id>', 'the Google Cloud project of the databases')
    .option('--primary <instance>', 'the Cloud SQL primary, if it is one group')
    .option('--writer <hostgroup>', 'with --reader: this pair instead of mysql_replication_hostgroups', parseHostgroup)
    .option('--reader <hostgroup>', 'see --writer', parseHostgroup)
    .addHelpText(
      'after',
      '\nExample:\n  chester import proxysql --user radmin --password-file ./radmin --writer 5 --reader 10 > groups.yaml',
    )
    .action(async (flags: ProxysqlFlags) => {
      await importProxysql(shell, flags);
    });
}

function addCommonFlags(command: Command): Command {
  return command
    .option('--cell <name>', 'the cell of the fleets', 'default')
    .option('--gate-user <name>', 'the login that new replicas are tried with', 'chester-gate')
    .option('--gate-secret <name>', "the secret with that login's password", 'gate')
    .option('--secrets-dir <folder>', 'write the secrets that could be read as files of this folder, mode 0600');
}

async function importChester(shell: Shell, flags: ChesterFlags): Promise<void> {
  const { listEncrypted, translateChester } = await import('../import/from-chester.ts');
  const { ChesterInGoogle } = await import('../import/google.ts');
  const { DATASTORE_EMULATOR_HOST: emulatorHost = null, CHESTER_KMS_ROOT_URL: kmsRootUrl = null } = shell.env;
  const google = new ChesterInGoogle({ emulatorHost, kmsRootUrl, deadlineMs });
  const project = flags.sqlProject ?? flags.project;
  const databases = await readChester(shell, flags, google);
  if (project === undefined) throw new CliError('USAGE', '--sql-project is required with --file');
  if (databases === null || databases.length === 0) throw new CliError('INVALID', 'nothing of Chester was found there');
  const options = { project, cell: flags.cell, gateUsername: flags.gateUser, gateSecret: flags.gateSecret };
  const decrypted = flags.decrypt === undefined ? null : new Map<string, string>();
  const key = typeof flags.decrypt === 'string' ? flags.decrypt : null;
  for (const { keyVersion, ciphertext } of decrypted === null ? [] : listEncrypted(databases, key)) {
    decrypted?.set(ciphertext, await google.decrypt(keyVersion, ciphertext));
  }
  await finish(shell, flags, { imported: translateChester(databases, options, decrypted), origin: 'Chester' });
}

/** Null: it is nothing of Chester's. */
async function readChester(
  shell: Shell,
  { project, file, sqlProject }: ChesterFlags,
  google: { readEntities(project: string): Promise<readonly Entity[]> },
): Promise<ChesterDatabase[] | null> {
  const { readDump, joinEntities } = await import('../import/chester-entities.ts');
  if (project !== undefined && file === undefined) return joinEntities(await google.readEntities(project));
  if (project !== undefined || file === undefined) throw new CliError('USAGE', 'give --project or --file, one of them');
  if (sqlProject === undefined) throw new CliError('USAGE', '--sql-project is required with --file');
  return readDump(parseJson(await readText(shell, file), file));
}

async function importProxysql(shell: Shell, flags: ProxysqlFlags): Promise<void> {
  const { readProxyTables } = await import('../import/proxysql-tables.ts');
  const { findPairs, translateProxysql } = await import('../import/from-proxysql.ts');
  const { variableDefaults } = await import('../../sandbox/proxysql/variable-defaults.ts');
  const { writer, reader } = flags;
  if ((writer === undefined) !== (reader === undefined))
    throw new CliError('USAGE', '--writer and --reader go together');
  const [, host = '', port = ''] = /^\[?(.+?)\]?:(\d{1,5})$/.exec(flags.admin) ?? [];
  if (host === '') throw new CliError('USAGE', `--admin is ${JSON.stringify(flags.admin)}; allowed: host:port`);
  const password = await readPassword(shell, flags.passwordFile);
  const tables = await readProxyTables({ host, port: Number(port), user: flags.user, password, deadlineMs });
  const pairs = findPairs(tables, writer === undefined || reader === undefined ? null : { writer, reader });
  if (pairs.length === 0)
    throw new CliError('INVALID', 'mysql_replication_hostgroups is empty: name a pair with --writer and --reader');
  const imported = translateProxysql(tables, pairs, {
    ...{ fleet: flags.fleet, cell: flags.cell, name: flags.name ?? null },
    ...{ project: flags.sqlProject ?? null, primary: flags.primary ?? null },
    ...{ gateUsername: flags.gateUser, gateSecret: flags.gateSecret, defaults: variableDefaults },
  });
  await finish(shell, flags, { imported, origin: `ProxySQL at ${flags.admin}` });
}

/** Writes the YAML, the secrets if that is asked for, and says which ones are still missing. */
async function finish(
  shell: Shell,
  { secretsDir }: CommonFlags,
  { imported, origin }: { readonly imported: Imported; readonly origin: string },
): Promise<void> {
  const { renderImported } = await import('../import/imported.ts');
  shell.write(renderImported(imported, origin));
  const written = secretsDir === undefined ? [] : await writeSecrets(secretsDir, imported.secrets);
  if (written.length > 0) shell.complain(`written to ${secretsDir ?? ''}: ${written.join(', ')}\n`);
  const missing = imported.secrets.filter(({ name }) => !written.includes(name));
  if (missing.length > 0) {
    const lines = missing.map(({ name, what }) => `  ${name}: ${what}`);
    shell.complain(`secrets to be created:\n${lines.join('\n')}\n`);
  }
}

/** Writes what is known; a file that is there is left alone. Returns the names that were written. */
async function writeSecrets(folder: string, secrets: readonly ImportedSecret[]): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const written: string[] = [];
  for (const { name, value } of secrets) {
    if (value === null) continue;
    const file = path.join(folder, name);
    try {
      const handle = await open(file, 'wx', 0o600);
      try {
        await handle.writeFile(value);
      } finally {
        await handle.close();
      }
      written.push(name);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EEXIST') continue;
      throw new CliError('FAILED', `cannot write ${file}`, { cause: error });
    }
  }
  return written;
}

async function readText(shell: Shell, file: string): Promise<string> {
  try {
    return file === '-' ? await shell.readStdin() : await readFile(file, 'utf8');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CliError('INVALID', `cannot read ${file}: ${why}`, { cause: error });
  }
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    // A parser's words quote the text, and there are passwords in it.
    throw new CliError('INVALID', `${file} is no JSON`, { cause: error });
  }
}

async function readPassword(shell: Shell, file: string | undefined): Promise<string> {
  if (file !== undefined) return (await readText(shell, file)).replace(/\r?\n$/, '');
  const password = shell.env['PROXYSQL_ADMIN_PASSWORD'];
  if (password === undefined)
    throw new CliError('USAGE', 'give --password-file, or PROXYSQL_ADMIN_PASSWORD in the environment');
  return password;
}

function parseHostgroup(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Allowed: the number of a hostgroup.');
}
