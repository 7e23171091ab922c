import type { AdminServiceHandlers } from '../../proto/gen/chester/v1/AdminService.ts';
import type { ListQueryRulesResponse } from '../../proto/gen/chester/v1/ListQueryRulesResponse.ts';
import type { ListUsersResponse } from '../../proto/gen/chester/v1/ListUsersResponse.ts';
import type { Logger } from '../../process/log.ts';
import type { GroupSpec } from '../core/group-spec.ts';
import { keys } from '../core/records.ts';
import type { Stored } from '../ports.ts';
import { type Answer, unary } from './admin-call.ts';
import { type AdminResult, invalid, notFound } from './admin-result.ts';
import { type AdminViewDeps, readGroup } from './admin-view.ts';
import { type GroupParts, ruleIdsOf } from './group-parts.ts';
import { type LiveProjects, renderLive } from './live-view.ts';
import { type PageRequest, pageOf, sortedBy } from './paging.ts';
import { readServers } from './server-view.ts';
import { renderSpec, withoutUnset } from './spec-wire.ts';

export type PartHandlersDeps = AdminViewDeps & {
  readonly log: Logger;
  readonly parts: GroupParts;
  readonly projects: LiveProjects;
  readonly install: string;
};

type Methods =
  | ('ListServers' | 'PutServer' | 'DeleteServer')
  | ('ListUsers' | 'PutUser' | 'DeleteUser')
  | ('ListQueryRules' | 'PutQueryRules' | 'AddQueryRule' | 'DeleteQueryRule')
  | ('GetPolicy' | 'PutPolicy');

/** The methods about parts of a group: servers, users, query rules, policy. */
export function partHandlers(deps: PartHandlersDeps): Pick<AdminServiceHandlers, Methods> {
  const { parts } = deps;
  const changing = <Request extends { readonly group: string }>(change: Answer<Request, null>) =>
    unary(deps, async (request: Request, author, sees) => {
      const result = await change(request, author, sees);
      if (!result.ok) return result;
      const group = await readGroup(deps, request.group);
      return group === null ? notFound(request.group) : { ok: true, value: group };
    });
  return {
    ListServers: unary(deps, ({ group, role, ...page }) => listServers(deps, { group, role }, page)),
    PutServer: changing(({ server, ...of }, author) =>
      parts.putServer(of, server === null ? {} : withoutZeroPort(withoutUnset(server)), author),
    ),
    DeleteServer: changing(({ server, ...of }, author) => parts.deleteServer(of, server, author)),
    ListUsers: unary(deps, ({ group, nameContains, ...page }) =>
      withSpec(deps, group, (spec) => usersPage(spec, nameContains, page)),
    ),
    PutUser: changing(({ user, ...of }, author) => parts.putUser(of, user === null ? {} : withoutUnset(user), author)),
    DeleteUser: changing(({ username, ...of }, author) => parts.deleteUser(of, username, author)),
    ListQueryRules: unary(deps, ({ group, ...page }) => withSpec(deps, group, (spec) => rulesPage(spec, page))),
    PutQueryRules: changing(({ queryRules, ruleIds, ...of }, author) =>
      parts.putQueryRules(of, { queryRules: queryRules.map((rule) => withoutUnset(rule)), ruleIds }, author),
    ),
    AddQueryRule: changing(({ rule, beforeRuleId, ...of }, author) =>
      parts.addQueryRule(of, { rule: rule === null ? {} : withoutUnset(rule), beforeRuleId }, author),
    ),
    DeleteQueryRule: changing(({ ruleId, ...of }, author) => parts.deleteQueryRule(of, ruleId, author)),
    GetPolicy: unary(deps, ({ group }) =>
      withSpec(deps, group, ({ value, revision }) => {
        const { policy = null } = renderSpec(value);
        return { ok: true, value: { group, policy, version: revision } };
      }),
    ),
    PutPolicy: changing(({ policy, ...of }, author) =>
      parts.putPolicy(of, policy === null ? undefined : withoutUnset(policy), author),
    ),
  };
}

async function withSpec<T>(
  { store }: PartHandlersDeps,
  group: string,
  answer: (spec: Stored<GroupSpec>) => AdminResult<T> | Promise<AdminResult<T>>,
): Promise<AdminResult<T>> {
  const spec = await store.get(keys.group(group));
  return spec === null ? notFound(group) : answer(spec);
}

function usersPage(
  { value, revision }: Stored<GroupSpec>,
  nameContains: string,
  page: PageRequest,
): AdminResult<ListUsersResponse> {
  const nameOf = ({ username }: GroupSpec['users'][number]) => username;
  const users = value.users.filter(({ username }) => username.includes(nameContains));
  const found = pageOf(sortedBy(users, nameOf), nameOf, page, [value.name, nameContains]);
  if ('ok' in found) return found;
  const rendered = renderSpec({ ...value, users: [...found.items] }).users ?? [];
  return { ok: true, value: { users: rendered, nextPageToken: found.nextPageToken, version: revision } };
}

function rulesPage({ value, revision }: Stored<GroupSpec>, page: PageRequest): AdminResult<ListQueryRulesResponse> {
  const ids = ruleIdsOf(value);
  const wire = renderSpec(value).queryRules ?? [];
  const rules = wire.map((rule, index) => ({ ruleId: ids[index] ?? 0, rule }));
  const found = pageOf(rules, ({ ruleId }) => String(ruleId).padStart(10, '0'), page, [value.name]);
  if ('ok' in found) return found;
  const { items, nextPageToken } = found;
  const ruleIds = value.ruleIds ?? null;
  return { ok: true, value: { queryRules: [...items], nextPageToken, version: revision, ruleIds } };
}

function listServers(
  deps: PartHandlersDeps,
  { group, role }: { readonly group: string; readonly role: string },
  page: PageRequest,
) {
  return withSpec(deps, group, async ({ value }) => {
    if (!['', 'writer', 'reader'].includes(role)) {
      return invalid([{ field: 'role', value: JSON.stringify(role.slice(0, 80)), allowed: 'writer, reader' }]);
    }
    const live = renderLive(value, deps.install, await deps.projects.view(value.project));
    const servers = (await readServers(deps.store, value, live)).filter((one) => role === '' || one.role === role);
    const keyOf = (one: (typeof servers)[number]) =>
      `${one.role === 'writer' ? 0 : 1} ${one.kind ?? ''} ${one.instance ?? ''} ${one.hostname ?? ''}:${one.port ?? 0}`;
    const found = pageOf(sortedBy(servers, keyOf), keyOf, page, [group, role]);
    if ('ok' in found) return found;
    const { items, nextPageToken } = found;
    return { ok: true as const, value: { servers: [...items], nextPageToken, live: { ...live, instances: [] } } };
  });
}

/** A port is 0 on the wire when nobody set it. */
function withoutZeroPort({ port, ...server }: Record<string, unknown>): Record<string, unknown> {
  return port === 0 ? server : { ...server, port };
}
