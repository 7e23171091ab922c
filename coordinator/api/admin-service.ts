import {
  type sendUnaryData,
  type ServerUnaryCall,
  status as grpcStatus,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { AdminServiceHandlers } from '../../proto/gen/chester/v1/AdminService.ts';
import type { Logger } from '../../process/log.ts';
import { prefixes } from '../core/records.ts';
import type { AgentFacts } from '../ports.ts';
import { type AdminViewDeps, readAgents, readGroup } from './admin-view.ts';
import { watchEvents } from './event-watch.ts';
import { type AdminFaultCode, type AdminResult, type GroupAdmin, invalid, notFound } from './group-admin.ts';
import {
  closeIncident,
  diagnose,
  explain,
  type IncidentAdminDeps,
  listIncidents,
  readSetAside,
  replaySetAside,
} from './incident-admin.ts';
import { ScalingAdmin } from './scaling-admin.ts';
import type { ServerAdmin } from './server-admin.ts';
import { readSpec, withoutUnset } from './spec-wire.ts';

export type AdminServiceDeps = AdminViewDeps &
  IncidentAdminDeps & {
    readonly admin: GroupAdmin;
    readonly facts: AgentFacts;
    readonly servers: ServerAdmin;
  };

const grpcCodes: Readonly<Record<AdminFaultCode, grpcStatus>> = {
  INVALID: grpcStatus.INVALID_ARGUMENT,
  NOT_FOUND: grpcStatus.NOT_FOUND,
  CONFLICT: grpcStatus.ABORTED,
  PRECONDITION: grpcStatus.FAILED_PRECONDITION,
};

/** The handlers of AdminService: wire in, service layer, wire out. */
export function createAdminService(deps: AdminServiceDeps): UntypedServiceImplementation {
  const { store, admin, servers } = deps;
  const scaling = new ScalingAdmin(deps);
  const groupOrFault = async (name: string) => {
    const group = await readGroup(deps, name);
    return group === null ? notFound(name) : { ok: true as const, value: group };
  };
  const afterwards = async (name: string, result: AdminResult<null>) => (result.ok ? groupOrFault(name) : result);
  const handlers: AdminServiceHandlers = {
    ListFleets: unary(deps, async () => ({
      ok: true,
      value: { fleets: (await store.list(prefixes.fleets)).map(({ value }) => value) },
    })),
    PutFleet: unary(deps, ({ fleet }) =>
      // An empty text is a value that a variable can have.
      admin.putFleet(fleet === null ? {} : { ...withoutUnset(fleet), variables: fleet.variables }),
    ),
    ListGroups: unary(deps, async () => {
      const names = (await store.list(prefixes.groups)).map(({ value }) => value.name);
      const groups = await Promise.all(names.map((name) => readGroup(deps, name)));
      return { ok: true, value: { groups: groups.filter((group) => group !== null) } };
    }),
    GetGroup: unary(deps, ({ name }) => groupOrFault(name)),
    PutGroup: unary(deps, async ({ spec, expectedVersion }) => {
      const declared = readSpec(spec);
      const refused = await servers.checkDeclared(declared);
      const result = refused ?? (await admin.putGroup(declared, expectedVersion));
      return result.ok ? groupOrFault(result.value.value.name) : result;
    }),
    DeleteGroup: unary(deps, async ({ name }) => withoutValue(await admin.deleteGroup(name))),
    ListAgents: unary(deps, async () => ({ ok: true, value: { agents: await readAgents(deps) } })),
    ForgetAgent: unary(deps, ({ agentId, reason }) => forgetAgent(deps, agentId, reason)),
    Cordon: unary(deps, async ({ durationSeconds: seconds = null, ...order }) =>
      afterwards(order.group, await servers.cordon({ ...order, seconds })),
    ),
    Uncordon: unary(deps, async (order) => afterwards(order.group, await servers.uncordon(order))),
    Adopt: unary(deps, async (order) => afterwards(order.group, await servers.adopt(order))),
    Release: unary(deps, async (order) => afterwards(order.group, await servers.release(order))),
    AcceptPrimary: unary(deps, async (order) => afterwards(order.group, await servers.acceptPrimary(order))),
    Scale: unary(deps, async ({ holdSeconds = null, ...request }) =>
      afterwards(request.group, await scaling.scale({ ...request, holdSeconds })),
    ),
    ReleaseScale: unary(deps, async (request) => afterwards(request.group, await scaling.release(request))),
    Pause: unary(deps, async ({ durationSeconds: seconds = null, ...request }) =>
      afterwards(request.group, await scaling.pause({ ...request, seconds })),
    ),
    Resume: unary(deps, async (request) => afterwards(request.group, await scaling.resume(request))),
    ListIncidents: unary(deps, async () => ({ ok: true, value: await listIncidents(deps) })),
    CloseIncident: unary(deps, (request) => closeIncident(deps, request)),
    GetSetAside: unary(deps, ({ id }) => readSetAside(deps, id)),
    ReplaySetAside: unary(deps, ({ id }) => replaySetAside(deps, id)),
    Explain: unary(deps, ({ subject }) => explain(deps, subject)),
    Diagnose: unary(deps, ({ group }) => diagnose(deps, group)),
    WatchEvents: (call) => {
      watchEvents(deps, call);
    },
  };
  return handlers;
}

function withoutValue(result: AdminResult<unknown>): AdminResult<object> {
  return result.ok ? { ok: true, value: {} } : result;
}

/** An operator vouches that the proxy is gone, or that it no longer belongs to a fleet. */
async function forgetAgent(deps: AdminServiceDeps, agentId: string, reason: string) {
  if (reason === '') return invalid([{ field: 'reason', value: '""', allowed: 'why this proxy is known to be gone' }]);
  // One that is connected goes on voting in its fleet; it can only be taken off the rosters of a fleet that it left.
  const connected = deps.agents().find(({ identity }) => identity.agentId === agentId);
  const groups = await deps.facts.leave(agentId, `by an operator: ${reason}`, connected?.identity.fleet);
  if (groups.length === 0 && connected !== undefined) {
    const message = `agent ${agentId} is connected: its proxy is not gone`;
    return { ok: false as const, code: 'PRECONDITION' as const, message };
  }
  if (groups.length > 0) return { ok: true as const, value: { groups: [...groups] } };
  const message = `agent ${JSON.stringify(agentId.slice(0, 80))} is on no roster`;
  return { ok: false as const, code: 'NOT_FOUND' as const, message };
}

/** Answers one unary call. What nobody foresaw is logged here and told to the caller without its insides. */
function unary<Request, Response>(
  { log }: { readonly log: Logger },
  answer: (request: Request) => Promise<AdminResult<Response>>,
): (call: ServerUnaryCall<Request, Response>, callback: sendUnaryData<Response>) => void {
  return (call, callback) => {
    answer(call.request).then(
      (result) => {
        if (result.ok) callback(null, result.value);
        else callback({ code: grpcCodes[result.code], details: result.message });
      },
      (error: unknown) => {
        log.error({ method: call.getPath(), err: error }, 'admin call failed');
        callback({ code: grpcStatus.INTERNAL, details: 'the coordinator failed; its log says why' });
      },
    );
  };
}
