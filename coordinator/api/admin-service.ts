import type { UntypedServiceImplementation } from '@grpc/grpc-js';
import type { AdminServiceHandlers } from '../../proto/gen/chester/v1/AdminService.ts';
import type { Author } from '../core/history.ts';
import type { AgentFacts, CloudListings, ContentHash, ProxySecrets } from '../ports.ts';
import { type Answer, unary } from './admin-call.ts';
import { type AdminResult, invalid, notFound, precondition, unknown } from './admin-result.ts';
import { type AdminViewDeps, readGroup } from './admin-view.ts';
import { renderCells, retireCell, type CellAdminDeps } from './cell-admin.ts';
import { AgentSightings } from './agent-sightings.ts';
import { listAgents, readAgent } from './agent-view.ts';
import { watchEvents } from './event-watch.ts';
import type { GroupAdmin } from './group-admin.ts';
import { groupHandlers } from './group-handlers.ts';
import { GroupParts } from './group-parts.ts';
import { HistoryAdmin } from './history-admin.ts';
import {
  closeIncident,
  diagnose,
  explain,
  type IncidentAdminDeps,
  listIncidents,
  listSetAside,
  readIncident,
  readSetAside,
  replaySetAside,
} from './incident-admin.ts';
import { LiveProjects } from './live-view.ts';
import { listLoad } from './load-view.ts';
import { partHandlers } from './part-handlers.ts';
import { PlanAdmin } from './plan-admin.ts';
import { RemovalAdmin } from './removal-admin.ts';
import { orderResync } from './resync-admin.ts';
import type { SecretAdmin } from './secret-admin.ts';
import type { ElsewhereAgent } from './stream-digests.ts';
import { trailHandlers } from './trail-handlers.ts';
import { ScalingAdmin } from './scaling-admin.ts';
import type { ServerAdmin } from './server-admin.ts';

export type AdminServiceDeps = AdminViewDeps &
  IncidentAdminDeps &
  CellAdminDeps & {
    readonly admin: GroupAdmin;
    readonly facts: AgentFacts;
    readonly servers: ServerAdmin;
    readonly cloud: CloudListings;
    readonly secrets: ProxySecrets;
    readonly secretAdmin: SecretAdmin;
    readonly hash: ContentHash;
    /** The value of the label `chester-install`. */
    readonly install: string;
  };

/** The handlers of AdminService: wire in, service layer, wire out. */
export function createAdminService(deps: AdminServiceDeps): UntypedServiceImplementation {
  const projects = new LiveProjects(deps);
  const sightings = new AgentSightings(deps.store);
  const planning = new PlanAdmin({ ...deps, projects });
  const handlers: AdminServiceHandlers = {
    ...groupHandlers({ ...deps, projects }),
    ...partHandlers({ ...deps, projects, parts: new GroupParts(deps) }),
    ...orderHandlers(deps),
    ...incidentHandlers(deps),
    PlanGroups: unary(deps, (request) => planning.plan(request)),
    ApplyGroups: unary(deps, (request, author) => planning.apply(request, author)),
    ...historyHandlers(deps),
    ...trailHandlers(deps),
    ListLoad: unary(deps, (request, _author, sees) => listLoad(deps, request, sees)),
    ListAgents: unary(deps, (request, _author, sees) => listAgents({ ...deps, sightings }, request, sees)),
    GetAgent: unary(deps, ({ agentId }) => readAgent({ ...deps, sightings }, agentId)),
    ForgetAgent: unary(deps, ({ agentId, reason }) => forgetAgent(deps, agentId, reason)),
    ListCells: unary(deps, () => Promise.resolve({ ok: true as const, value: renderCells(deps) })),
    RetireCell: unary(deps, (request) => retireCell(deps, request)),
    WatchEvents: (call) => {
      watchEvents(deps, call);
    },
  };
  return handlers;
}

type Orders =
  | ('Cordon' | 'Uncordon' | 'Adopt' | 'Release' | 'AcceptPrimary')
  | ('Scale' | 'ReleaseScale' | 'Pause' | 'Resume')
  | ('Drain' | 'CancelDrain' | 'Resync');

/** What people order of a group's servers and of its count. The answer is the group as it is then. */
function orderHandlers(deps: AdminServiceDeps): Pick<AdminServiceHandlers, Orders> {
  const { servers } = deps;
  const scaling = new ScalingAdmin(deps);
  const removals = new RemovalAdmin(deps);
  const ordered = <Request extends { readonly group: string }>(order: Answer<Request, null>) =>
    unary(deps, async (request: Request, author, sees) => {
      const result = await order(byCaller(request, author), author, sees);
      if (!result.ok) return result;
      const group = await readGroup(deps, request.group);
      return group === null ? notFound(request.group) : { ok: true, value: group };
    });
  return {
    Cordon: ordered(({ durationSeconds: seconds = null, ...order }) => servers.cordon({ ...order, seconds })),
    Uncordon: ordered((order) => servers.uncordon(order)),
    Adopt: ordered((order) => servers.adopt(order)),
    Release: ordered((order) => servers.release(order)),
    AcceptPrimary: ordered((order) => servers.acceptPrimary(order)),
    Scale: ordered(({ holdSeconds = null, ...request }) => scaling.scale({ ...request, holdSeconds })),
    ReleaseScale: ordered((request) => scaling.release(request)),
    Pause: ordered(({ durationSeconds: seconds = null, ...request }) => scaling.pause({ ...request, seconds })),
    Resume: ordered((request) => scaling.resume(request)),
    Drain: ordered((request) => removals.drain(request)),
    CancelDrain: ordered((request) => removals.cancel(request)),
    Resync: unary(deps, (request, author) => orderResync(deps, byCaller(request, author))),
  };
}

/** What a group was, and how to have it again. */
function historyHandlers(
  deps: AdminServiceDeps,
): Pick<AdminServiceHandlers, 'ListHistory' | 'DiffSnapshots' | 'Rollback'> {
  const history = new HistoryAdmin(deps);
  return {
    ListHistory: unary(deps, ({ group, ...page }) => history.list(group, page)),
    DiffSnapshots: unary(deps, (request) => history.diff(request)),
    Rollback: unary(deps, async (request, author) => {
      const result = await history.rollBack(request, author);
      if (!result.ok) return result;
      const group = await readGroup(deps, request.group);
      return group === null ? notFound(request.group) : { ok: true, value: group };
    }),
  };
}

/** An order that names nobody is the caller's. */
function byCaller<Request extends object>(request: Request, { who }: Author): Request {
  return 'owner' in request && request.owner === '' ? { ...request, owner: who } : request;
}

type Incidents =
  | ('ListIncidents' | 'GetIncident' | 'CloseIncident' | 'Explain' | 'Diagnose')
  | ('ListSetAside' | 'GetSetAside' | 'ReplaySetAside');

function incidentHandlers(deps: AdminServiceDeps): Pick<AdminServiceHandlers, Incidents> {
  return {
    ListIncidents: unary(deps, (request, _author, sees) => listIncidents(deps, request, sees)),
    GetIncident: unary(deps, ({ incidentId }) => readIncident(deps, incidentId)),
    CloseIncident: unary(deps, (request) => closeIncident(deps, request)),
    ListSetAside: unary(deps, (request) => listSetAside(deps, request)),
    GetSetAside: unary(deps, ({ id }) => readSetAside(deps, id)),
    ReplaySetAside: unary(deps, ({ id }) => replaySetAside(deps, id)),
    Explain: unary(deps, ({ subject }, _author, sees) => explain(deps, subject, sees)),
    Diagnose: unary(deps, ({ group }) => diagnose(deps, group)),
  };
}

/** An operator vouches that the proxy is gone, or that it no longer belongs to a fleet. */
async function forgetAgent(
  deps: AdminServiceDeps,
  agentId: string,
  reason: string,
): Promise<AdminResult<{ groups: string[] }>> {
  if (reason === '') return invalid([{ field: 'reason', value: '""', allowed: 'why this proxy is known to be gone' }]);
  // One that is connected goes on voting in its fleet; it can only be taken off the rosters of a fleet that it left.
  const connected = deps.agents().find(({ identity }) => identity.agentId === agentId);
  const fleet = connected?.identity.fleet ?? (await fleetElsewhere(deps, agentId));
  const groups = await deps.facts.leave({ agentId }, `by an operator: ${reason}`, fleet);
  if (groups.length === 0 && fleet !== undefined) {
    return precondition(`agent ${agentId} is connected: its proxy is not gone`, 'AGENT_CONNECTED');
  }
  if (groups.length > 0) return { ok: true as const, value: { groups: [...groups] } };
  return unknown('agent', agentId, `agent ${JSON.stringify(agentId.slice(0, 80))} is on no roster`);
}

/** The fleet of an agent that is connected to another coordinator. */
async function fleetElsewhere({ elsewhere }: AdminServiceDeps, agentId: string): Promise<string | undefined> {
  const agents = (await elsewhere?.()) ?? new Map<string, ElsewhereAgent>();
  return [...agents].find(([key]) => key.endsWith(`/${agentId}`))?.[1].fleet;
}
