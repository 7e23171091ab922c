import type { HostgroupPair } from './from-proxysql.ts';
import type { Row } from './proxysql-tables.ts';

export type ImportedRule = { readonly ruleId: number } & Readonly<Record<string, unknown>>;

const texts: Readonly<Record<string, string>> = {
  username: 'username',
  schemaname: 'schema',
  client_addr: 'clientAddress',
  digest: 'digest',
  match_digest: 'matchDigest',
  match_pattern: 'matchPattern',
  replace_pattern: 'replacePattern',
  error_msg: 'errorMessage',
  OK_msg: 'okMessage',
  comment: 'comment',
};
const numbers: Readonly<Record<string, string>> = {
  flagOUT: 'flagOut',
  cache_ttl: 'cacheTtlMs',
  timeout: 'timeoutMs',
  retries: 'retries',
  delay: 'delayMs',
  multiplex: 'multiplex',
};
const flags: Readonly<Record<string, string>> = { sticky_conn: 'stickyConnection', log: 'log' };

/** Columns that say nothing of what a rule does beyond those above. */
const silent = [
  'rule_id',
  'active',
  'flagIN',
  'destination_hostgroup',
  'apply',
  're_modifiers',
  'negate_match_pattern',
];

/** Translates a row of mysql_query_rules, or says what of it cannot be declared. */
export function translateRule(
  row: Row,
  pair: HostgroupPair,
): { readonly rule: ImportedRule } | { readonly problem: string } {
  const known = new Set([...silent, ...Object.keys(texts), ...Object.keys(numbers), ...Object.keys(flags)]);
  const other = Object.entries(row).filter(([column, value]) => !known.has(column) && value !== null && value !== '');
  if (other.length > 0) return { problem: `${other.map(([column]) => column).join(', ')} cannot be declared` };
  return {
    rule: {
      ruleId: Number(row['rule_id']),
      ...(row['active'] === '0' ? { active: false } : {}),
      ...pick(row, texts, (value) => (value === '' ? undefined : value)),
      ...(Number(row['flagIN'] ?? 0) === 0 ? {} : { flagIn: Number(row['flagIN']) }),
      ...(row['negate_match_pattern'] === '1' ? { negateMatchPattern: true } : {}),
      ...modifiersOf(row['re_modifiers'] ?? ''),
      ...pick(row, numbers, Number),
      ...pick(row, flags, (value) => value === '1'),
      ...pick(row, { destination_hostgroup: 'destination' }, (value) =>
        Number(value) === pair.reader ? 'reader' : 'writer',
      ),
      apply: row['apply'] === '1',
    },
  };
}

/** A rule has CASELESS by itself. */
function modifiersOf(modifiers: string): { readonly reModifiers?: string } {
  if (modifiers === 'CASELESS') return {};
  return { reModifiers: modifiers === '' ? 'NONE' : modifiers };
}

function pick(
  row: Row,
  columns: Readonly<Record<string, string>>,
  read: (value: string) => unknown,
): Record<string, unknown> {
  const entries = Object.entries(columns).flatMap(([column, field]): [string, unknown][] => {
    const value = row[column];
    const declared = value === null || value === undefined ? undefined : read(value);
    return declared === undefined ? [] : [[field, declared]];
  });
  return Object.fromEntries(entries);
}
