import { checkRanges, findRowProblems, isWholeText, type Ranges } from './row-checks.ts';
import type { SnapshotBody } from './snapshot.ts';
import type { TableDescription, TableRow } from './table.ts';

/**
 * `mysql_query_rules`. Runtime shows active rules only, their modifiers in one spelling, digests as sixteen digits and
 * some of the numbers that mean "not set" as NULL.
 */
export const queryRulesTable: TableDescription = {
  name: 'mysql_query_rules',
  module: 'MYSQL QUERY RULES',
  siblings: { mysql_query_rules_fast_routing: ['username', 'schemaname', 'flagIN'] },
  primaryKey: ['rule_id'],
  identity: ['rule_id'],
  columns: {
    rule_id: null,
    active: '0',
    username: null,
    schemaname: null,
    flagIN: '0',
    client_addr: null,
    proxy_addr: null,
    proxy_port: null,
    digest: null,
    match_digest: null,
    match_pattern: null,
    negate_match_pattern: '0',
    re_modifiers: 'CASELESS',
    flagOUT: null,
    replace_pattern: null,
    destination_hostgroup: null,
    cache_ttl: null,
    cache_empty_result: null,
    cache_timeout: null,
    reconnect: null,
    timeout: null,
    retries: null,
    delay: null,
    next_query_flagIN: null,
    mirror_flagOUT: null,
    mirror_hostgroup: null,
    error_msg: null,
    OK_msg: null,
    sticky_conn: null,
    multiplex: null,
    gtid_from_hostgroup: null,
    log: null,
    apply: '0',
    attributes: '',
    comment: null,
  },
  secrets: [],
  hasActive: true,
  inRuntime: (row) => (row['active'] === '0' ? [] : [showRule(row)]),
  incomparable: () => [],
};

/** Columns in which ProxySQL keeps -1 for "not set". */
const unsetAsMinusOne = [
  'destination_hostgroup',
  'next_query_flagIN',
  'mirror_flagOUT',
  'mirror_hostgroup',
  'gtid_from_hostgroup',
];
const hostgroupColumns = ['destination_hostgroup', 'mirror_hostgroup', 'gtid_from_hostgroup'];

const ranges: Ranges = {
  active: [0, 1],
  flagIN: [0, 2_147_483_647],
  flagOUT: [0, 2_147_483_647],
  proxy_port: [0, 65_535],
  negate_match_pattern: [0, 1],
  cache_ttl: [1, 2_147_483_647],
  cache_empty_result: [0, 1],
  cache_timeout: [0, 2_147_483_647],
  reconnect: [0, 1],
  timeout: [0, 2_147_483_647],
  retries: [0, 1000],
  delay: [0, 2_147_483_647],
  next_query_flagIN: [0, 2_147_483_647],
  mirror_flagOUT: [0, 2_147_483_647],
  sticky_conn: [0, 1],
  multiplex: [0, 2],
  log: [0, 1],
  apply: [0, 1],
};
const modifiers = ['', 'CASELESS', 'GLOBAL', 'CASELESS,GLOBAL'];

/** Lists what is wrong with a group's rules. */
export function findQueryRuleProblems(group: string, body: SnapshotBody): readonly string[] {
  const problems = body.queryRules.flatMap((row) => {
    const name = `mysql_query_rules rule_id ${row['rule_id'] ?? ''}`;
    return checkRule(row, body).map((problem) => `${name}: ${problem}`);
  });
  return [...findRowProblems(queryRulesTable, group, body.queryRules), ...problems];
}

/** Whether a rule's id belongs to a group. */
export function isInRange(row: TableRow, ruleIds: SnapshotBody['ruleIds']): boolean {
  return ruleIds !== null && isWholeText(row['rule_id'], ruleIds.first, ruleIds.last);
}

function checkRule(row: TableRow, body: SnapshotBody): string[] {
  const { ruleIds } = body;
  const problems: string[] = [];
  if (!isInRange(row, ruleIds)) {
    problems.push(ruleIds === null ? 'the group has no rule ids' : `not in ${ruleIds.first} to ${ruleIds.last}`);
  }
  const own = [null, String(body.writerHostgroup), String(body.readerHostgroup)];
  const strange = hostgroupColumns.filter((column) => !own.includes(row[column] ?? null));
  problems.push(...strange.map((column) => `${column} ${row[column] ?? ''} is none of the group's`));
  if (!modifiers.includes(row['re_modifiers'] ?? ''))
    problems.push(`re_modifiers ${String(row['re_modifiers'])} are unknown`);
  if (!/^0x[0-9A-Fa-f]{1,16}$/.test(row['digest'] ?? '0x0')) problems.push('digest is not 0x and up to 16 digits');
  return [...problems, ...checkRanges(queryRulesTable, row, ranges)];
}

function showRule(row: TableRow): TableRow {
  const unset = unsetAsMinusOne.filter((column) => row[column] === '-1').map((column) => [column, null] as const);
  const shown = { ...row, ...Object.fromEntries(unset) };
  return {
    ...shown,
    digest: showDigest(row['digest'] ?? null),
    re_modifiers: showModifiers(row['re_modifiers'] ?? ''),
  };
}

/** ProxySQL reads the number that a digest begins with; none, 0 and what does not fit it drops. */
function showDigest(digest: string | null): string | null {
  const text = /^\s*(?<number>0x[0-9a-f]+|0[0-7]*|[1-9]\d*)/i.exec(digest ?? '')?.groups?.['number'] ?? '0';
  const number = BigInt(/^0\d/.test(text) ? `0o${text.slice(1)}` : text);
  if (number === 0n || number >= 0xffff_ffff_ffff_ffffn) return null;
  return `0x${number.toString(16).toUpperCase().padStart(16, '0')}`;
}

function showModifiers(text: string): string {
  const words = text.toUpperCase().split(',');
  return ['CASELESS', 'GLOBAL'].filter((modifier) => words.some((word) => word.startsWith(modifier))).join(',');
}
