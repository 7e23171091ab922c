import type { GroupSpec } from './group-spec.ts';
import { excerpt, type Problem } from './problems.ts';

/**
 * Finds what a group would share with others of its fleet: hostgroups, a primary, static addresses, users, rule ids, or
 * queries, when a rule of the one would also route what belongs to the other.
 */
export function findOverlaps(group: GroupSpec, others: readonly GroupSpec[]): Problem[] {
  return others
    .filter((other) => other.fleet === group.fleet && other.name !== group.name)
    .flatMap((other) =>
      [
        ...sharedHostgroups(group, other),
        ...sharedServers(group, other),
        ...sharedUsers(group, other),
        ...sharedRuleIds(group, other),
        ...sharedQueries(group, other),
      ].map((found) => ({ ...found, otherGroup: other.name })),
    );
}

/** Finds what a put must not change in a group that exists: proxies would serve two states at once. */
export function findImmutableChanges(group: GroupSpec, stored: GroupSpec): Problem[] {
  const fields = ['fleet', 'project', 'primary', 'port', 'writerHostgroup', 'readerHostgroup'] as const;
  return fields
    .filter((field) => group[field] !== stored[field])
    .map((field) => ({
      field,
      value: JSON.stringify(group[field]),
      allowed: `${JSON.stringify(stored[field])}, as long as the group exists (delete it first to change this)`,
    }));
}

function sharedHostgroups(group: GroupSpec, other: GroupSpec): Problem[] {
  const taken = [other.writerHostgroup, other.readerHostgroup];
  return (['writerHostgroup', 'readerHostgroup'] as const)
    .filter((field) => taken.includes(group[field]))
    .map((field) => problem(field, group[field], `a hostgroup that ${nameOf(other)} does not use`));
}

function sharedServers(group: GroupSpec, other: GroupSpec): Problem[] {
  const problems: Problem[] = [];
  if (group.project === other.project && group.primary === other.primary) {
    problems.push(problem('primary', group.primary, `a primary that ${nameOf(other)} does not use`));
  }
  group.staticReaders.forEach((server, index) => {
    const isTaken = other.staticReaders.some(
      ({ hostname, port }) => hostname === server.hostname && port === server.port,
    );
    if (!isTaken) return;
    const address = `${server.hostname}:${server.port}`;
    problems.push(problem(`staticReaders.${index}.hostname`, address, `an address that ${nameOf(other)} does not use`));
  });
  return problems;
}

function sharedUsers(group: GroupSpec, other: GroupSpec): Problem[] {
  return group.users.flatMap(({ username }, index) =>
    hasUser(other, username)
      ? [problem(`users.${index}.username`, username, `a name that no user of ${nameOf(other)} has`)]
      : [],
  );
}

function sharedRuleIds({ ruleIds }: GroupSpec, other: GroupSpec): Problem[] {
  const taken = other.ruleIds;
  if (ruleIds === undefined || taken === undefined) return [];
  if (ruleIds.last < taken.first || taken.last < ruleIds.first) return [];
  const range = `${taken.first} to ${taken.last}`;
  return [problem('ruleIds', ruleIds, `ids outside of ${range}, which ${nameOf(other)} has`)];
}

/** ProxySQL asks every rule about every query, whichever group a rule or a user belongs to. */
function sharedQueries(group: GroupSpec, other: GroupSpec): Problem[] {
  const own = group.queryRules.flatMap((rule, index): Problem[] => {
    const { username, flagIn, flagOut = 0 } = rule;
    const field = (name: string) => `queryRules.${index}.${name}`;
    if (isUnbounded(rule)) {
      const allowed = `a user of this group (or give schema): the rule would also route queries of ${nameOf(other)}`;
      return [problem(field('username'), undefined, allowed)];
    }
    if (username !== undefined && hasUser(other, username)) {
      return [problem(field('username'), username, `another user than one of ${nameOf(other)}`)];
    }
    return [flagIn, flagOut]
      .filter((flag) => flag !== 0 && flagsOf(other).includes(flag))
      .map((flag) =>
        problem(field(flag === flagIn ? 'flagIn' : 'flagOut'), flag, `a flag that ${nameOf(other)} does not use`),
      );
  });
  return [...own, ...queriesTaken(group, other)];
}

/** What rules of the other group would do to this one's queries. */
function queriesTaken(group: GroupSpec, other: GroupSpec): Problem[] {
  const index = other.queryRules.findIndex(isUnbounded);
  const unbounded =
    index < 0
      ? []
      : [
          problem(
            'fleet',
            group.fleet,
            `a fleet whose rules name a username or schema: queryRules.${index} of ${nameOf(other)} names neither, ` +
              'and would also route queries of this group',
          ),
        ];
  const routed = group.users.flatMap(({ username }, user) =>
    !hasUser(other, username) && other.queryRules.some((rule) => rule.username === username)
      ? [problem(`users.${user}.username`, username, `a name that no query rule of ${nameOf(other)} names`)]
      : [],
  );
  return [...unbounded, ...routed];
}

/** A rule with another flagIn is only asked about queries that a rule of its own group has led to it. */
function isUnbounded({ username, schema, flagIn }: GroupSpec['queryRules'][number]): boolean {
  return flagIn === 0 && username === undefined && schema === undefined;
}

function flagsOf({ queryRules }: GroupSpec): number[] {
  return queryRules.flatMap(({ flagIn, flagOut }) => (flagOut === undefined ? [flagIn] : [flagIn, flagOut]));
}

function hasUser({ users }: GroupSpec, name: string): boolean {
  return users.some(({ username }) => username === name);
}

function nameOf({ name, fleet }: GroupSpec): string {
  return `group ${name} of fleet ${fleet}`;
}

function problem(field: string, value: unknown, allowed: string): Problem {
  return { field, value: excerpt(value), allowed };
}
