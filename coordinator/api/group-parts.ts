import type { GroupSpec } from '../core/group-spec.ts';
import { excerpt, type Problem } from '../core/problems.ts';
import { assignRuleIds } from '../core/query-rules.ts';
import { keys } from '../core/records.ts';
import type { Author } from '../core/history.ts';
import type { Store, Stored } from '../ports.ts';
import { type AdminResult, conflict, invalid, notFound } from './admin-result.ts';
import type { GroupAdmin } from './group-admin.ts';

type PartsDeps = { readonly store: Store; readonly admin: GroupAdmin };

/** Which group, and at which version; 0: at whatever version it is. */
export type PartOf = { readonly group: string; readonly expectedVersion: number };

type Changed = { readonly spec: unknown } | { readonly problem: Problem };

const triesMax = 5;

/** Changes one part of a group's declaration: reads it, changes the part, and declares the whole again. */
export class GroupParts {
  readonly #deps: PartsDeps;

  constructor(deps: PartsDeps) {
    this.#deps = deps;
  }

  /** Declares a static reader; one at the same address is replaced. */
  putServer(of: PartOf, server: Readonly<Record<string, unknown>>, author: Author): Promise<AdminResult<null>> {
    return this.#change(of, author, (spec) => {
      const port = server['port'] ?? spec.port;
      const { staticReaders } = spec;
      const isSame = (one: GroupSpec['staticReaders'][number]) =>
        one.hostname === server['hostname'] && one.port === port;
      return { spec: { ...spec, staticReaders: replaced(staticReaders, isSame, { ...server, port }) } };
    });
  }

  /** Drops a static reader, named by host or host:port. */
  deleteServer(of: PartOf, server: string, author: Author): Promise<AdminResult<null>> {
    return this.#change(of, author, (spec) => {
      const found = spec.staticReaders.filter(
        ({ hostname, port }) => server === hostname || server === `${hostname}:${port}`,
      );
      const [first] = found;
      if (found.length !== 1 || first === undefined) {
        const known = spec.staticReaders.map(({ hostname, port }) => `${hostname}:${port}`);
        return notOneOf('server', server, known);
      }
      return { spec: { ...spec, staticReaders: spec.staticReaders.filter((one) => one !== first) } };
    });
  }

  /** Declares a user; one of the same name is replaced. */
  putUser(of: PartOf, user: Readonly<Record<string, unknown>>, author: Author): Promise<AdminResult<null>> {
    return this.#change(of, author, (spec) => ({
      spec: { ...spec, users: replaced(spec.users, ({ username }) => username === user['username'], user) },
    }));
  }

  deleteUser(of: PartOf, username: string, author: Author): Promise<AdminResult<null>> {
    return this.#change(of, author, (spec) => {
      const users = spec.users.filter((user) => user.username !== username);
      if (users.length < spec.users.length) return { spec: { ...spec, users } };
      const known = spec.users.map((user) => user.username);
      return notOneOf('username', username, known);
    });
  }

  /** Replaces all rules, and their ids when they are given. */
  putQueryRules(
    of: PartOf,
    { queryRules, ruleIds }: { readonly queryRules: readonly unknown[]; readonly ruleIds: unknown },
    author: Author,
  ): Promise<AdminResult<null>> {
    return this.#change(of, author, (spec) => ({ spec: { ...spec, queryRules, ruleIds: ruleIds ?? spec.ruleIds } }));
  }

  /** Adds a rule before the one with this id, or after all others for 0. */
  addQueryRule(
    of: PartOf,
    { rule, beforeRuleId }: { readonly rule: unknown; readonly beforeRuleId: number },
    author: Author,
  ): Promise<AdminResult<null>> {
    return this.#change(of, author, (spec) => {
      const at = beforeRuleId === 0 ? spec.queryRules.length : indexOfRule(spec, beforeRuleId);
      if (at === null) return noSuchRule('beforeRuleId', beforeRuleId, spec);
      const queryRules: unknown[] = [...spec.queryRules];
      queryRules.splice(at, 0, rule);
      return { spec: { ...spec, queryRules } };
    });
  }

  deleteQueryRule(of: PartOf, ruleId: number, author: Author): Promise<AdminResult<null>> {
    return this.#change(of, author, (spec) => {
      const at = indexOfRule(spec, ruleId);
      if (at === null) return noSuchRule('ruleId', ruleId, spec);
      return { spec: { ...spec, queryRules: spec.queryRules.filter((_, index) => index !== at) } };
    });
  }

  putPolicy(of: PartOf, policy: unknown, author: Author): Promise<AdminResult<null>> {
    return this.#change(of, author, (spec) => ({ spec: { ...spec, policy } }));
  }

  /** Without an expected version, a change that came in between is read and built upon. */
  async #change(
    { group, expectedVersion }: PartOf,
    author: Author,
    change: (spec: GroupSpec) => Changed,
  ): Promise<AdminResult<null>> {
    for (let tries = 0; tries < triesMax; tries += 1) {
      const stored: Stored<GroupSpec> | null = await this.#deps.store.get(keys.group(group));
      if (stored === null) return notFound(group);
      const changed = change(stored.value);
      if ('problem' in changed) return invalid([changed.problem]);
      const isPinned = expectedVersion !== 0;
      const version = isPinned ? expectedVersion : stored.revision;
      const result = await this.#deps.admin.putGroup(changed.spec, version, author);
      if (result.ok) return { ok: true, value: null };
      if (result.code !== 'CONFLICT' || isPinned) return result;
    }
    return conflict(`group ${group} is being changed; try again`);
  }
}

/** The ids that a group's rules have in ProxySQL, in their order. */
export function ruleIdsOf({ queryRules, ruleIds }: Pick<GroupSpec, 'queryRules' | 'ruleIds'>): number[] {
  return ruleIds === undefined ? [] : assignRuleIds(queryRules, ruleIds.first);
}

function indexOfRule(spec: GroupSpec, ruleId: number): number | null {
  const index = ruleIdsOf(spec).indexOf(ruleId);
  return index < 0 ? null : index;
}

function replaced<T>(list: readonly T[], isSame: (one: T) => boolean, value: unknown): unknown[] {
  const at = list.findIndex(isSame);
  if (at < 0) return [...list, value];
  return list.map((one, index): unknown => (index === at ? value : one));
}

function noSuchRule(field: string, ruleId: number, spec: GroupSpec): Changed {
  const ids = ruleIdsOf(spec);
  const allowed = ids.length === 0 ? 'nothing: the group has no rules' : `one of ${ids.slice(0, 50).join(', ')}`;
  return { problem: { field, value: String(ruleId), allowed } };
}

function notOneOf(field: string, value: string, known: readonly string[]): Changed {
  const allowed = known.length === 0 ? 'nothing: the group has none' : `one of ${known.slice(0, 50).join(', ')}`;
  return { problem: { field, value: excerpt(value), allowed } };
}
