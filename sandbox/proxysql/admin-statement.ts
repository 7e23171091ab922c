/**
 * Reads one statement as ProxySQL's admin module does: a fixed list of commands, matched on the text with its white
 * space squeezed, and everything else handed to SQLite. What is not matched to the letter (a comment in front, a typo)
 * therefore ends as SQLite's syntax error.
 */
import { showSql } from './show-statements.ts';

export const moduleNames = [
  'MYSQL SERVERS',
  'MYSQL USERS',
  'MYSQL QUERY RULES',
  'MYSQL VARIABLES',
  'ADMIN VARIABLES',
  'PROXYSQL SERVERS',
  'SCHEDULER',
  'RESTAPI',
  'MYSQL FIREWALL',
] as const;
export type ModuleName = (typeof moduleNames)[number];

export type AdminStatement =
  | { readonly kind: 'sql'; readonly sql: string }
  | { readonly kind: 'noOp' }
  | { readonly kind: 'copy'; readonly module: ModuleName; readonly route: CopyRoute }
  | { readonly kind: 'setVariable'; readonly name: string; readonly value: string }
  | { readonly kind: 'proxysql'; readonly command: string }
  | { readonly kind: 'killConnection'; readonly sessionId: number }
  | { readonly kind: 'tableChecksum'; readonly label: string; readonly sql: string }
  | { readonly kind: 'globalChecksum' }
  | { readonly kind: 'readOnlyFlag' }
  | { readonly kind: 'crash' };

/** Between which two of ProxySQL's layers a LOAD or SAVE copies. */
export type CopyRoute = 'memoryToRuntime' | 'runtimeToMemory' | 'memoryToDisk' | 'diskToMemory' | 'configToMemory';

const routes: ReadonlyMap<string, CopyRoute> = new Map([
  ['LOAD TO RUNTIME', 'memoryToRuntime'],
  ['LOAD FROM MEMORY', 'memoryToRuntime'],
  ['LOAD TO MEMORY', 'diskToMemory'],
  ['LOAD FROM DISK', 'diskToMemory'],
  ['LOAD FROM CONFIG', 'configToMemory'],
  ['SAVE TO MEMORY', 'runtimeToMemory'],
  ['SAVE FROM RUNTIME', 'runtimeToMemory'],
  ['SAVE FROM MEMORY', 'memoryToDisk'],
  ['SAVE TO DISK', 'memoryToDisk'],
]);
const copyPattern = new RegExp(
  `^(LOAD|SAVE) (${moduleNames.join('|')}) (TO|FROM) (RUNTIME|RUN|MEMORY|MEM|DISK|CONFIG)$`,
  'i',
);

const proxysqlCommands = [
  'PROXYSQL READONLY',
  'PROXYSQL READWRITE',
  'PROXYSQL PAUSE',
  'PROXYSQL RESUME',
  'PROXYSQL START',
  'PROXYSQL STOP',
  'PROXYSQL RESTART',
  'PROXYSQL SHUTDOWN',
  'PROXYSQL SHUTDOWN SLOW',
  'PROXYSQL KILL',
  'PROXYSQL FLUSH LOGS',
  'PROXYSQL FLUSH QUERY CACHE',
];

const noOpPrefixes =
  /^(BEGIN|START TRANSACTION|COMMIT|ROLLBACK|USE |SET NAMES|SET AUTOCOMMIT|SET character_set_results|SET SQL_AUTO_IS_NULL)/i;
const noOpPrefixesInCapitals = /^(LOCK TABLES|UNLOCK TABLES|SET SQL_SAFE_UPDATES=1)/;

const checksummed: readonly (readonly [label: string, table: string, order: string])[] = [
  ['MYSQL SERVERS', 'mysql_servers', 'hostgroup_id, hostname, port'],
  ['MYSQL USERS', 'mysql_users', 'username'],
  ['MYSQL QUERY RULES', 'mysql_query_rules', 'rule_id'],
  ['MYSQL VARIABLES', "global_variables WHERE variable_name LIKE 'mysql-%'", 'variable_name'],
  ['MYSQL REPLICATION HOSTGROUPS', 'mysql_replication_hostgroups', 'writer_hostgroup'],
  ['MYSQL GROUP REPLICATION HOSTGROUPS', 'mysql_group_replication_hostgroups', 'writer_hostgroup'],
  ['MYSQL GALERA HOSTGROUPS', 'mysql_galera_hostgroups', 'writer_hostgroup'],
  ['MYSQL AURORA HOSTGROUPS', 'mysql_aws_aurora_hostgroups', 'writer_hostgroup'],
  ['MYSQL HOSTGROUP ATTRIBUTES', 'mysql_hostgroup_attributes', 'hostgroup_id'],
  ['MYSQL SERVERS SSL PARAMS', 'mysql_servers_ssl_params', 'hostname, port, username'],
];
/** Of these only the first can be asked for DISK. */
const checksummedOnDisk = 5;

/** Squeezes white space and drops what ends a statement, as ProxySQL does before it compares. */
export function squeeze(sql: string): string {
  return sql
    .replaceAll(/\s+/g, ' ')
    .trim()
    .replace(/[; ]+$/, '');
}

/** Who asks whom, as `SELECT user()` and `SELECT @@version` show it. */
type Asker = { readonly user: string; readonly address: string; readonly version: string };

export function parseStatement(sql: string, asker: Asker): AdminStatement {
  const text = squeeze(sql);
  if (text === '' && sql.includes(';')) return { kind: 'crash' };
  return parseCommand(text) ?? parseSet(text) ?? { kind: 'sql', sql: rewrite(text, asker) ?? sql };
}

function parseCommand(text: string): AdminStatement | null {
  if (/^SELECT @@global\.read_only/i.test(text)) return { kind: 'readOnlyFlag' };
  if (/^SELECT GLOBAL_CHECKSUM\(\)$/i.test(text)) return { kind: 'globalChecksum' };
  const command = text.toUpperCase();
  if (proxysqlCommands.includes(command)) return { kind: 'proxysql', command };
  const kill = /^KILL CONNECTION (.+)/i.exec(text);
  if (kill !== null) return { kind: 'killConnection', sessionId: (Number.parseInt(kill[1] ?? '', 10) || 0) >>> 0 };
  if (noOpPrefixes.test(text) || noOpPrefixesInCapitals.test(text)) return { kind: 'noOp' };
  return parseCopy(text) ?? parseChecksum(command);
}

function parseCopy(text: string): AdminStatement | null {
  const match = copyPattern.exec(text);
  if (match === null) return null;
  const [verb, moduleText, preposition, place] = match.slice(1).map((word) => word.toUpperCase());
  const module = moduleNames.find((name) => name === moduleText);
  const longPlace = place === 'RUN' ? 'RUNTIME' : place === 'MEM' ? 'MEMORY' : place;
  const route = routes.get([verb, preposition, longPlace].join(' '));
  return module === undefined || route === undefined ? null : { kind: 'copy', module, route };
}

function parseChecksum(command: string): AdminStatement | null {
  const match = /^CHECKSUM (DISK |MEMORY |MEM )?(MYSQL [A-Z ]+)$/.exec(command);
  const schema = match?.[1] === 'DISK ' ? 'disk' : 'main';
  const known = schema === 'disk' ? checksummed.slice(0, checksummedOnDisk) : checksummed;
  const entry = known.find(([label]) => label === match?.[2]);
  if (entry === undefined) return null;
  const [label, table, order] = entry;
  // The real one calls the ssl parameters by their neighbour's name; what reads it has to cope.
  const shown = label === 'MYSQL SERVERS SSL PARAMS' ? 'MYSQL HOSTGROUP ATTRIBUTES' : label;
  return { kind: 'tableChecksum', label: shown, sql: `SELECT * FROM ${schema}.${table} ORDER BY ${order}` };
}

function parseSet(text: string): AdminStatement | null {
  if (!/^SET /i.test(text)) return null;
  const assignment = text.slice('SET '.length);
  const end = assignment.indexOf('=');
  if (end === -1) return { kind: 'setVariable', name: assignment.trim(), value: '' };
  return { kind: 'setVariable', name: assignment.slice(0, end).trim(), value: assignment.slice(end + 1) };
}

const fixedAnswers: readonly (readonly [RegExp, string])[] = [
  [/^SELECT @@version_comment LIMIT 1$/i, "SELECT '(ProxySQL Admin Module)'"],
  [/^SELECT @@sql_mode/i, `SELECT '' AS '@@sql_mode'`],
  [/^SELECT connection_id\(\)/i, "SELECT 0 AS 'CONNECTION_ID()'"],
  [/^SELECT DATABASE\(\)$/i, "SELECT 'admin' AS 'DATABASE()'"],
  [/^SELECT DATABASE\(\) AS name$/i, "SELECT 'admin' AS 'name'"],
  [
    /^SELECT @@max_allowed_packet/i,
    "SELECT variable_value AS '@@max_allowed_packet' FROM global_variables WHERE variable_name='mysql-max_allowed_packet'",
  ],
];

/** Texts that no SQLite would understand and that ProxySQL turns into ones that it does. */
function rewrite(text: string, { user, address, version }: Asker): string | null {
  const fixed = fixedAnswers.find(([pattern]) => pattern.test(text));
  if (fixed !== undefined) return fixed[1];
  const versionName = /^SELECT (@@version|version\(\))/i.exec(text)?.[1]?.toLowerCase();
  if (versionName !== undefined) return `SELECT '${version}' AS '${versionName}'`;
  const userName = /^SELECT ((?:current_)?user\(\))$/i.exec(text)?.[1]?.toLowerCase();
  if (userName !== undefined) return `SELECT '${user}@${address}' AS '${userName}'`;
  if (/^SELECT @@[\w-]+/i.test(text)) {
    return text.replace(
      /^SELECT @@([\w-]+) ?/i,
      "SELECT variable_value AS '@@$1' FROM main.global_variables WHERE variable_name='$1' COLLATE NOCASE" +
        " UNION ALL SELECT variable_value FROM stats.stats_mysql_global WHERE variable_name='$1' COLLATE NOCASE ",
    );
  }
  return showSql(text);
}
