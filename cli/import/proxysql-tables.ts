import { createConnection } from 'mysql2';
import { CliError } from '../errors.ts';

export type Row = Readonly<Record<string, string | null>>;

/** What a running ProxySQL is told to do. */
export type ProxyTables = {
  readonly servers: readonly Row[];
  readonly users: readonly Row[];
  readonly rules: readonly Row[];
  readonly replicationHostgroups: readonly Row[];
  /** mysql- variables by name. */
  readonly variables: ReadonlyMap<string, string>;
};

export type AdminLogin = {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly deadlineMs: number;
};

/** What serves, but for users: runtime shows each of them twice. Every statement only reads. */
const statements = {
  servers: 'SELECT * FROM runtime_mysql_servers ORDER BY hostgroup_id, hostname, port',
  users: 'SELECT * FROM mysql_users WHERE frontend = 1 ORDER BY username',
  rules: 'SELECT * FROM runtime_mysql_query_rules ORDER BY rule_id',
  replicationHostgroups: 'SELECT * FROM runtime_mysql_replication_hostgroups ORDER BY writer_hostgroup',
  variables: "SELECT variable_name, variable_value FROM runtime_global_variables WHERE variable_name LIKE 'mysql-%'",
} as const;

/** Reads a ProxySQL through its admin interface. @throws {CliError} */
export async function readProxyTables(login: AdminLogin): Promise<ProxyTables> {
  const { deadlineMs, ...address } = login;
  const connection = createConnection({
    ...address,
    connectTimeout: deadlineMs,
    // There are no placeholders; mysql2 would look for them in every statement.
    queryFormat: (statement: string) => statement,
  });
  // What breaks later breaks a statement, which says so.
  connection.on('error', () => undefined);
  const read = (sql: string): Promise<readonly Row[]> =>
    new Promise((resolve, reject) => {
      const typeCast = (field: { readonly buffer: () => Buffer | null }) => field.buffer()?.toString('utf8') ?? null;
      connection.query({ sql, timeout: deadlineMs, typeCast }, (error, rows) => {
        if (error === null) resolve(rows as unknown as readonly Row[]);
        else
          reject(
            new CliError('UNREACHABLE', `ProxySQL at ${login.host}:${login.port}: ${error.message}`, { cause: error }),
          );
      });
    });
  try {
    const variables = (await read(statements.variables)).map((row): [string, string] => [
      row['variable_name'] ?? '',
      row['variable_value'] ?? '',
    ]);
    return {
      servers: await read(statements.servers),
      users: await read(statements.users),
      rules: await read(statements.rules),
      replicationHostgroups: await read(statements.replicationHostgroups),
      variables: new Map(variables),
    };
  } finally {
    connection.destroy();
  }
}
