import type { Capabilities } from './capabilities.ts';
import { checkRanges, findRowProblems, type Ranges } from './row-checks.ts';
import type { SnapshotBody } from './snapshot.ts';
import type { TableDescription, TableRow } from './table.ts';

/**
 * `mysql_users`. Runtime shows an account as two rows, one towards clients and one towards servers, no NULL, and
 * nothing of one that is inactive or has no hostgroup; passwords, comments and attributes appear there as they were written.
 */
export const usersTable: TableDescription = {
  name: 'mysql_users',
  module: 'MYSQL USERS',
  siblings: {},
  primaryKey: ['username', 'backend'],
  identity: ['username'],
  columns: {
    username: null,
    password: null,
    active: '1',
    use_ssl: '0',
    default_hostgroup: '0',
    default_schema: null,
    schema_locked: '0',
    transaction_persistent: '1',
    fast_forward: '0',
    backend: '1',
    frontend: '1',
    max_connections: '10000',
    attributes: '',
    comment: '',
  },
  secrets: ['password'],
  hasActive: true,
  inRuntime: splitAccount,
  incomparable: () => [],
};

/**
 * The table as a proxy has it. Before 2.6, which brought mysql_servers_ssl_params, ProxySQL hashed a plain password when
 * it was loaded and left memory as it was.
 */
export function describeUsers(capabilities: Capabilities): TableDescription {
  if (capabilities.has('mysql_servers_ssl_params')) return usersTable;
  return {
    ...usersTable,
    incomparable: (memory, runtime) => {
      const before = memory['password'] ?? '';
      const isHashed = before !== '' && !passwordHash.test(before) && passwordHash.test(runtime['password'] ?? '');
      return isHashed ? ['password'] : [];
    },
  };
}

/** Names that ProxySQL itself logs in with; a row with such a name locks that account out. */
const ownAccounts = ['admin', 'stats', 'monitor'];

const passwordHash = /^(?:\*[0-9A-Fa-f]{40}|\$A\$[0-9A-Fa-f]{3}\$[\x01-\x7f]{20}[./0-9A-Za-z]{43})$/;

/** An account of ours works in both directions: ProxySQL's half accounts are for tables that its operators keep by hand. */
const ranges: Ranges = {
  frontend: [1, 1],
  backend: [1, 1],
  active: [0, 1],
  use_ssl: [0, 1],
  schema_locked: [0, 1],
  transaction_persistent: [0, 1],
  fast_forward: [0, 1],
  max_connections: [0, 2_147_483_647],
};

/** Lists what is wrong with a group's users. Values of passwords are in none of the words. */
export function findUserProblems(group: string, body: SnapshotBody): readonly string[] {
  const hostgroups = [body.writerHostgroup, body.readerHostgroup].map(String);
  const problems = body.users.flatMap((row) => {
    const name = `mysql_users username ${JSON.stringify(row['username'])}`;
    return checkUser(row, hostgroups).map((problem) => `${name}: ${problem}`);
  });
  return [...findRowProblems(usersTable, group, body.users), ...problems];
}

/**
 * Lists users with the name of an account that ProxySQL itself needs.
 *
 * @param reserved The names of its administrators and of its monitor, as configured on this proxy.
 */
export function findReservedUsers(users: readonly TableRow[], reserved: ReadonlySet<string>): readonly string[] {
  return users.map((row) => row['username'] ?? '').filter((name) => ownAccounts.includes(name) || reserved.has(name));
}

/** Reads the user names of `user:password;user:password`; the rest is dropped here. */
export function parseAccountNames(credentials: string): readonly string[] {
  return credentials
    .split(';')
    .map((account) => account.split(':')[0]?.trim() ?? '')
    .filter((name) => name !== '');
}

function checkUser(row: TableRow, hostgroups: readonly string[]): string[] {
  const problems: string[] = [];
  const username = row['username'] ?? '';
  if (username === '') problems.push('has no name');
  if (ownAccounts.includes(username)) problems.push("is one of ProxySQL's own accounts, which it would lock out");
  if (!passwordHash.test(row['password'] ?? '')) problems.push('password is not a hash that ProxySQL takes');
  if (!hostgroups.includes(row['default_hostgroup'] ?? '')) {
    problems.push(`default_hostgroup ${String(row['default_hostgroup'])} is none of the group's`);
  }
  return [...problems, ...checkRanges(usersTable, row, ranges)];
}

function splitAccount(row: TableRow): readonly TableRow[] {
  if (row['active'] === '0' || row['default_hostgroup']?.startsWith('-') === true) return [];
  const shown = { ...row, password: row['password'] ?? '', default_schema: row['default_schema'] ?? '' };
  const rows: TableRow[] = [];
  if (row['frontend'] !== '0') rows.push({ ...shown, backend: '0', frontend: '1' });
  if (row['backend'] !== '0') rows.push({ ...shown, backend: '1', frontend: '0' });
  return rows;
}
