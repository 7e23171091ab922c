import { z } from 'zod';
import { milliseconds, role, text } from './fields.ts';
import * as names from './names.ts';
import { rowOf, type TableRow } from './table.ts';

const flag = z.int().min(0).max(1_000_000);
const ruleId = z.int().min(1).max(2_147_483_647);

/** The rule ids that belong to a group, both ends included. */
export const ruleIdsSchema = z
  .strictObject({ first: ruleId, last: ruleId })
  .refine(({ first, last }) => first <= last, { path: ['last'], message: 'at least ruleIds.first' });

export type RuleIds = Readonly<z.infer<typeof ruleIdsSchema>>;

const ruleSchema = z
  .strictObject({
    /** Unset: one more than the id of the rule before it. */
    ruleId: ruleId.optional(),
    active: z.boolean().default(true),
    username: text(names.userName).optional(),
    schema: text(names.schemaName).optional(),
    flagIn: flag.default(0),
    flagOut: flag.optional(),
    clientAddress: text(names.clientAddress).optional(),
    digest: text(names.queryDigest).transform(renderDigest).optional(),
    matchDigest: text(names.filledText).optional(),
    matchPattern: text(names.filledText).optional(),
    negateMatchPattern: z.boolean().default(false),
    reModifiers: text(names.regexModifiers).default('CASELESS'),
    replacePattern: text(names.plainText).optional(),
    destination: role.optional(),
    cacheTtlMs: z.int().min(1).max(2_147_483_647).optional(),
    timeoutMs: milliseconds.optional(),
    retries: z.int().min(0).max(1000).optional(),
    delayMs: milliseconds.optional(),
    /** ProxySQL's own numbers: 0 off, 1 on, 2 not switched off by this query. */
    multiplex: z.int().min(0).max(2).optional(),
    stickyConnection: z.boolean().optional(),
    errorMessage: text(names.filledText).optional(),
    okMessage: text(names.filledText).optional(),
    log: z.boolean().optional(),
    apply: z.boolean().default(false),
    comment: text(names.remark).optional(),
  })
  .superRefine(checkRule);

/** A group's query rules, in the order in which ProxySQL looks at them. */
export const queryRulesSchema = z.array(ruleSchema).max(1000);

export type QueryRuleSpec = z.infer<typeof ruleSchema>;

/** What makes a rule more than a condition. */
const effects = [
  'flagOut',
  'replacePattern',
  'destination',
  'cacheTtlMs',
  'timeoutMs',
  'retries',
  'delayMs',
  'multiplex',
  'stickyConnection',
  'errorMessage',
  'okMessage',
  'log',
] as const satisfies readonly (keyof QueryRuleSpec)[];

type Checked = Pick<
  QueryRuleSpec,
  'apply' | 'negateMatchPattern' | 'matchDigest' | 'matchPattern' | (typeof effects)[number]
>;

function checkRule(rule: Checked, context: z.RefinementCtx): void {
  const hasEffect = rule.apply || effects.some((effect) => rule[effect] !== undefined);
  if (!hasEffect) {
    const message = `a rule that does something: ${effects.join(', ')}, or apply`;
    context.addIssue({ code: 'custom', path: [], message });
  }
  if (rule.replacePattern !== undefined && rule.matchPattern === undefined) {
    context.addIssue({ code: 'custom', path: ['replacePattern'], message: 'only together with matchPattern' });
  }
  if (rule.negateMatchPattern && rule.matchPattern === undefined && rule.matchDigest === undefined) {
    const message = 'only together with matchDigest or matchPattern';
    context.addIssue({ code: 'custom', path: ['negateMatchPattern'], message });
  }
}

/** Checks the rules of a group against each other and against the ids that it has. */
export function checkQueryRules(
  group: {
    readonly queryRules: readonly Pick<QueryRuleSpec, 'ruleId' | 'flagIn' | 'flagOut'>[];
    readonly ruleIds?: RuleIds | undefined;
  },
  context: z.RefinementCtx,
): void {
  const { queryRules: rules, ruleIds } = group;
  const custom = (path: (string | number)[], message: string) => {
    context.addIssue({ code: 'custom', path, message });
  };
  if (ruleIds === undefined && rules.length > 0) custom(['ruleIds'], 'the first and last rule id of this group');
  const room = ruleIds === undefined ? rules.length : ruleIds.last - ruleIds.first + 1;
  if (rules.length > room) custom(['queryRules'], `at most ${room} rules, for so many ids has ruleIds`);
  else if (ruleIds !== undefined) checkRuleIds(rules, ruleIds, custom);
  rules.forEach(({ flagIn }, index) => {
    const isReached = flagIn === 0 || rules.some(({ flagOut }) => flagOut === flagIn);
    if (!isReached) custom(['queryRules', index, 'flagIn'], '0, or the flagOut of another rule');
  });
}

/** ProxySQL looks at rules in the order of their ids: so stand they in the declaration. */
function checkRuleIds(
  rules: readonly Pick<QueryRuleSpec, 'ruleId'>[],
  ruleIds: RuleIds,
  custom: (path: (string | number)[], message: string) => void,
): void {
  const ids = assignRuleIds(rules, ruleIds.first);
  const bad = ids.findIndex((id, index) => id <= (ids[index - 1] ?? ruleIds.first - 1) || id > ruleIds.last);
  if (bad < 0) return;
  const before = ids[bad - 1];
  const least =
    before === undefined ? `at least ${ruleIds.first}` : `more than ${before}, the id of the rule before it`;
  custom(['queryRules', bad, 'ruleId'], `${least}, and at most ${ruleIds.last}`);
}

/** The ids that rules get: their own, or the next one. */
export function assignRuleIds(rules: readonly Pick<QueryRuleSpec, 'ruleId'>[], first: number): number[] {
  const ids: number[] = [];
  for (const { ruleId: id } of rules) ids.push(id ?? (ids.at(-1) ?? first - 1) + 1);
  return ids;
}

type Group = {
  readonly name: string;
  readonly writerHostgroup: number;
  readonly readerHostgroup: number;
  readonly queryRules: readonly QueryRuleSpec[];
  readonly ruleIds?: RuleIds | undefined;
};

/** Renders a group's rules as rows of mysql_query_rules: with their own ids, or counted on from the one before. */
export function renderQueryRules(group: Group): TableRow[] {
  const { queryRules, ruleIds } = group;
  if (ruleIds === undefined) return [];
  const ids = assignRuleIds(queryRules, ruleIds.first);
  return queryRules.map((rule, index) => renderRule(rule, group, ids[index] ?? 0));
}

function renderRule(rule: QueryRuleSpec, group: Group, id: number): TableRow {
  const { destination, comment } = rule;
  return rowOf({
    rule_id: id,
    active: rule.active,
    username: rule.username,
    schemaname: rule.schema,
    flagIN: rule.flagIn,
    client_addr: rule.clientAddress,
    digest: rule.digest,
    match_digest: rule.matchDigest,
    match_pattern: rule.matchPattern,
    negate_match_pattern: rule.negateMatchPattern,
    re_modifiers: rule.reModifiers === 'NONE' ? '' : rule.reModifiers,
    flagOUT: rule.flagOut,
    replace_pattern: rule.replacePattern,
    destination_hostgroup: destination && group[`${destination}Hostgroup`],
    cache_ttl: rule.cacheTtlMs,
    timeout: rule.timeoutMs,
    retries: rule.retries,
    delay: rule.delayMs,
    error_msg: rule.errorMessage,
    OK_msg: rule.okMessage,
    sticky_conn: rule.stickyConnection,
    multiplex: rule.multiplex,
    log: rule.log,
    apply: rule.apply,
    comment: `chester ${group.name} rule${comment === undefined ? '' : `: ${comment}`}`,
  });
}

/** As ProxySQL shows it in its runtime table. */
function renderDigest(digest: string): string {
  return `0x${digest.slice(2).toUpperCase().padStart(16, '0')}`;
}
