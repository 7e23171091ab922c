import type { LegacyRule } from './legacy-shapes.ts';
import type { Parsed, Problem } from './problems.ts';
import { assignRuleIds, type QueryRuleSpec, type RuleIds } from './query-rules.ts';

/** Where the ids of a database's rules lie; it has a fleet to itself. */
export const legacyRuleIds: RuleIds = { first: 1, last: 1000 };

type Hostgroups = { readonly writerHostgroup: number; readonly readerHostgroup: number };

/** Rules as a declaration takes them: what a parser fills in is not there yet. */
export type DeclaredRule = Partial<QueryRuleSpec>;

/** The four rules that a database gets when its creator names none, in the old API's words. */
export function defaultRules(database: string, username: string): DeclaredRule[] {
  const rule = (id: number, matchDigest: string, destination: 'writer' | 'reader', remark: string): DeclaredRule => ({
    ruleId: id,
    username,
    matchDigest,
    destination,
    apply: true,
    comment: `${remark}: ${database}`,
  });
  return [
    rule(1, '^SELECT .* FOR UPDATE', 'writer', 'select for update goes to the writer'),
    rule(2, '^SELECT', 'reader', 'selects go to the reader'),
    rule(3, '.*', 'writer', 'catch all to writer'),
    rule(4, '^DELETE', 'writer', 'deletes to writer'),
  ];
}

/** Declares a list of rules. ProxySQL looks at them by id; a list without usable ids is numbered as it stands. */
export function declareRules(rules: readonly LegacyRule[], group: Hostgroups, field: string): Parsed<DeclaredRule[]> {
  const ids = rules.map(({ rule_id: id }) => id);
  const isNumbered = ids.every((id) => id > 0) && new Set(ids).size === ids.length;
  const ordered = isNumbered
    ? rules.toSorted((one, other) => one.rule_id - other.rule_id)
    : rules.map((rule, index) => ({ ...rule, rule_id: index + 1 }));
  const declared = ordered.map((rule, index) => declareRule(rule, group, `${field}.${index}`));
  const problems = declared.flatMap((one) => (one.ok ? [] : one.problems));
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, value: declared.flatMap((one) => (one.ok ? [one.value] : [])) };
}

/** Declares one rule. `before`: what it replaces, whose conditions and effects that the old API does not know stay. */
export function declareRule(
  rule: LegacyRule,
  { writerHostgroup, readerHostgroup }: Hostgroups,
  field: string,
  before: DeclaredRule = {},
): Parsed<DeclaredRule> {
  const { destination_hostgroup: hostgroup, username, match_digest: matchDigest, comment } = rule;
  const destination = hostgroup === writerHostgroup ? 'writer' : hostgroup === readerHostgroup ? 'reader' : undefined;
  if (destination === undefined && hostgroup !== 0) {
    const allowed = `${writerHostgroup}, the writers, or ${readerHostgroup}, the readers`;
    return { ok: false, problems: [{ field: `${field}.destination_hostgroup`, value: String(hostgroup), allowed }] };
  }
  const shown = ['username', 'matchDigest', 'destination', 'comment'];
  const kept = Object.fromEntries(Object.entries(before).filter(([name]) => !shown.includes(name))) as DeclaredRule;
  return {
    ok: true,
    value: {
      ...kept,
      ruleId: rule.rule_id,
      active: rule.active !== 0,
      apply: rule.apply !== 0,
      ...(username === '' ? {} : { username }),
      ...(matchDigest === '' ? {} : { matchDigest }),
      ...(destination === undefined ? {} : { destination }),
      ...(comment === '' ? {} : { comment }),
    },
  };
}

/** Renders a group's rules as the old API shows them; what it has no field for is not shown. */
export function renderRules(
  group: Hostgroups & { readonly queryRules: readonly QueryRuleSpec[]; readonly ruleIds?: RuleIds | undefined },
): LegacyRule[] {
  const ids = assignRuleIds(group.queryRules, group.ruleIds?.first ?? 1);
  return group.queryRules.map((rule, index) => ({
    rule_id: ids[index] ?? 0,
    username: rule.username ?? '',
    active: rule.active ? 1 : 0,
    match_digest: rule.matchDigest ?? '',
    destination_hostgroup: rule.destination === undefined ? 0 : group[`${rule.destination}Hostgroup`],
    apply: rule.apply ? 1 : 0,
    comment: rule.comment ?? '',
  }));
}

/** A problem with an id that names no rule. */
export function unknownRule(id: number): Problem {
  return { field: 'rule_id', value: String(id), allowed: 'the id of a rule of this database' };
}
