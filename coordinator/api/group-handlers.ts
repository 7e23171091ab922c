import type { AdminServiceHandlers } from '../../proto/gen/chester/v1/AdminService.ts';
import type { Group } from '../../proto/gen/chester/v1/Group.ts';
import type { ListGroupsRequest__Output } from '../../proto/gen/chester/v1/ListGroupsRequest.ts';
import type { ListGroupsResponse } from '../../proto/gen/chester/v1/ListGroupsResponse.ts';
import type { Logger } from '../../process/log.ts';
import { excerpt } from '../core/problems.ts';
import { keys, prefixes } from '../core/records.ts';
import { type Sees, unary } from './admin-call.ts';
import { type AdminResult, notFound, unknown } from './admin-result.ts';
import { type AdminViewDeps, groupByFleet, readGroup } from './admin-view.ts';
import type { GroupAdmin } from './group-admin.ts';
import { type LiveProjects, renderLive } from './live-view.ts';
import { pageOf } from './paging.ts';
import type { ServerAdmin } from './server-admin.ts';
import { readFleetSpec, readSpec } from './spec-wire.ts';

export type GroupHandlersDeps = AdminViewDeps & {
  readonly log: Logger;
  readonly admin: GroupAdmin;
  readonly servers: ServerAdmin;
  readonly projects: LiveProjects;
  readonly install: string;
};

type Methods =
  | ('ListFleets' | 'GetFleet' | 'PutFleet' | 'DeleteFleet')
  | ('ListGroups' | 'GetGroup' | 'CreateGroup' | 'PutGroup' | 'DeleteGroup');

/** The methods about fleets and groups as a whole. */
export function groupHandlers(deps: GroupHandlersDeps): Pick<AdminServiceHandlers, Methods> {
  const { admin, servers, store } = deps;
  const declared = async (result: AdminResult<{ readonly value: { readonly name: string } }>) =>
    result.ok ? readWhole(deps, result.value.value.name, false) : result;
  return {
    ListFleets: unary(deps, async (request) => {
      const fleets = (await store.list(prefixes.fleets)).map(({ value }) => value);
      const page = pageOf(fleets, ({ name }) => name, request);
      if ('ok' in page) return page;
      return { ok: true, value: { fleets: [...page.items], nextPageToken: page.nextPageToken } };
    }),
    GetFleet: unary(deps, async ({ name }) => {
      const fleet = await store.get(keys.fleet(name));
      return fleet === null ? unknownFleet(name) : { ok: true, value: fleet.value };
    }),
    PutFleet: unary(deps, ({ fleet }, author) => admin.putFleet(readFleetSpec(fleet), author)),
    DeleteFleet: unary(deps, async ({ name }) => {
      return withoutValue(await admin.deleteFleet(name, await isServed(deps, name)));
    }),
    ListGroups: unary(deps, (request, _author, sees) => listGroups(deps, request, sees)),
    GetGroup: unary(deps, ({ name }) => readWhole(deps, name, true)),
    CreateGroup: unary(deps, async ({ spec }, author) => {
      const input = readSpec(spec);
      return declared((await servers.checkDeclared(input)) ?? (await admin.createGroup(input, author)));
    }),
    PutGroup: unary(deps, async ({ spec, expectedVersion }, author) => {
      const input = readSpec(spec);
      return declared((await servers.checkDeclared(input)) ?? (await admin.putGroup(input, expectedVersion, author)));
    }),
    DeleteGroup: unary(deps, async ({ name }, author) => withoutValue(await admin.deleteGroup(name, author))),
  };
}

async function readWhole(deps: GroupHandlersDeps, name: string, isLive: boolean): Promise<AdminResult<Group>> {
  const [group, spec] = await Promise.all([readGroup(deps, name), deps.store.get(keys.group(name))]);
  if (group === null || spec === null) return notFound(name);
  if (!isLive) return { ok: true, value: group };
  const live = renderLive(spec.value, deps.install, await deps.projects.view(spec.value.project));
  return { ok: true, value: { ...group, live } };
}

async function listGroups(
  deps: GroupHandlersDeps,
  { pageSize, pageToken, fleet, project, nameContains, held }: ListGroupsRequest__Output,
  sees: Sees,
): Promise<AdminResult<ListGroupsResponse>> {
  // One pass: there may be thousands. A page is cut of what the caller sees: its token names the last entry.
  const names: string[] = [];
  for (const { value: spec } of await deps.admin.list()) {
    const isWanted =
      (nameContains === '' || spec.name.includes(nameContains)) &&
      (fleet === '' || spec.fleet === fleet) &&
      (project === '' || spec.project === project) &&
      sees(spec.name) &&
      (!held || deps.holds.of(spec.name).length > 0);
    if (isWanted) names.push(spec.name);
  }
  const filter = [fleet, project, nameContains, held];
  const page = pageOf(names, (name) => name, { pageSize, pageToken }, filter);
  if ('ok' in page) return page;
  const byFleet = groupByFleet(deps.agents());
  const groups = await Promise.all(page.items.map((name) => readGroup(deps, name, byFleet)));
  return {
    ok: true,
    value: { groups: groups.filter((group) => group !== null), nextPageToken: page.nextPageToken },
  };
}

/** Whether an agent of a fleet is connected, here or to another coordinator. */
async function isServed({ agents, elsewhere }: GroupHandlersDeps, fleet: string): Promise<boolean> {
  if (agents().some(({ identity }) => identity.fleet === fleet)) return true;
  const others = await elsewhere?.();
  return others !== undefined && [...others.values()].some((agent) => agent.fleet === fleet);
}

function unknownFleet(name: string) {
  return unknown('fleet', name, `fleet ${excerpt(name)} is not declared`);
}

function withoutValue(result: AdminResult<unknown>): AdminResult<object> {
  return result.ok ? { ok: true, value: {} } : result;
}
