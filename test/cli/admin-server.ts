import {
  type sendUnaryData,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import type { AdminServiceHandlers } from '../../proto/gen/chester/v1/AdminService.ts';
import type { Agent } from '../../proto/gen/chester/v1/Agent.ts';
import type { AuditEntry } from '../../proto/gen/chester/v1/AuditEntry.ts';
import type { Check } from '../../proto/gen/chester/v1/Check.ts';
import type { ExplainResponse } from '../../proto/gen/chester/v1/ExplainResponse.ts';
import type { Event } from '../../proto/gen/chester/v1/Event.ts';
import type { Fleet } from '../../proto/gen/chester/v1/Fleet.ts';
import type { Group } from '../../proto/gen/chester/v1/Group.ts';
import type { ApplyGroupsRequest__Output } from '../../proto/gen/chester/v1/ApplyGroupsRequest.ts';
import type { GroupSpec } from '../../proto/gen/chester/v1/GroupSpec.ts';
import type { DiffSnapshotsResponse } from '../../proto/gen/chester/v1/DiffSnapshotsResponse.ts';
import type { ListHistoryResponse } from '../../proto/gen/chester/v1/ListHistoryResponse.ts';
import type { ListLoadResponse } from '../../proto/gen/chester/v1/ListLoadResponse.ts';
import type { ListQueryRulesResponse } from '../../proto/gen/chester/v1/ListQueryRulesResponse.ts';
import type { ListServersResponse } from '../../proto/gen/chester/v1/ListServersResponse.ts';
import type { ListUsersResponse } from '../../proto/gen/chester/v1/ListUsersResponse.ts';
import type { PlanGroupsResponse } from '../../proto/gen/chester/v1/PlanGroupsResponse.ts';
import type { Policy } from '../../proto/gen/chester/v1/Policy.ts';
import type { Incident } from '../../proto/gen/chester/v1/Incident.ts';
import type { SetAsideMessage } from '../../proto/gen/chester/v1/SetAsideMessage.ts';
import type { WatchEventsRequest__Output } from '../../proto/gen/chester/v1/WatchEventsRequest.ts';
import { loadChesterV1 } from '../../proto/load.ts';

export type Refusal = { readonly code: status; readonly details: string };
type Answers = {
  readonly servers: ListServersResponse;
  readonly users: ListUsersResponse;
  readonly rules: ListQueryRulesResponse;
  readonly policy: Policy;
  readonly history: ListHistoryResponse;
  readonly diff: DiffSnapshotsResponse;
  readonly load: ListLoadResponse;
  readonly plan: PlanGroupsResponse;
};
type WatchCall = ServerWritableStream<WatchEventsRequest__Output, Event>;

/** An AdminService that remembers what it was asked and told, and keeps its events across `restart`. */
export class TestAdminServer {
  readonly requests: { readonly method: string; readonly request: unknown }[] = [];
  /** Who called, and why, of each request. */
  readonly shown: { readonly authorization: string; readonly reason: string }[] = [];
  readonly fleets = new Map<string, Fleet>();
  readonly groups = new Map<string, Group>();
  agents: Agent[] = [];
  incidents: Incident[] = [];
  setAside: SetAsideMessage[] = [];
  setAsideText = '';
  story: ExplainResponse = {};
  checks: Check[] = [];
  audit: AuditEntry[] = [];
  /** What the calls about parts and plans answer. */
  answers: Answers = {
    servers: {},
    users: {},
    rules: {},
    policy: {},
    history: {},
    diff: {},
    load: {},
    plan: {},
  };
  readonly events: Event[] = [];
  /** Answered to the next calls, one each. */
  refusals: Refusal[] = [];
  /** Calls are taken and never answered. */
  isSilent = false;
  readonly #watchers = new Set<WatchCall>();
  #onWatch: (request: WatchEventsRequest__Output) => void = () => undefined;
  #server: Server | null = null;
  #port = 0;

  /** Listens at a free port, or again at the one it had. */
  async start(): Promise<void> {
    const server = new Server();
    server.addService(loadChesterV1().AdminService.service, this.#handlers());
    this.#port = await new Promise<number>((resolve, reject) => {
      server.bindAsync(`127.0.0.1:${this.#port}`, ServerCredentials.createInsecure(), (error, port) => {
        if (error === null) resolve(port);
        else reject(error);
      });
    });
    this.#server = server;
  }

  /** Goes away as a killed process does. */
  stop(): void {
    this.#watchers.clear();
    this.#server?.forceShutdown();
    this.#server = null;
  }

  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  /** Keeps an event and sends it to whoever watches its group. */
  emit(event: Event): void {
    this.events.push(event);
    for (const call of this.#watchers) if (isWanted(event, call.request.group)) call.write(event);
  }

  /** Resolves with the next request to watch. */
  nextWatch(): Promise<WatchEventsRequest__Output> {
    return new Promise((resolve) => {
      this.#onWatch = resolve;
    });
  }

  #handlers(): AdminServiceHandlers {
    return {
      ListFleets: this.#unary('ListFleets', () => ({ fleets: [...this.fleets.values()] })),
      PutFleet: this.#unary('PutFleet', ({ fleet }) => this.#keep(this.fleets, fleet?.name ?? '', fleet ?? {})),
      ListGroups: this.#unary('ListGroups', () => ({ groups: [...this.groups.values()] })),
      GetGroup: this.#unary('GetGroup', ({ name }) => this.#group(name)),
      PutGroup: this.#unary('PutGroup', ({ spec }) =>
        this.#keep(this.groups, spec?.name ?? '', { spec, version: this.requests.length }),
      ),
      DeleteGroup: this.#unary('DeleteGroup', ({ name }) => {
        this.#group(name);
        this.groups.delete(name);
        return {};
      }),
      ListAgents: this.#unary('ListAgents', () => ({ agents: this.agents })),
      ForgetAgent: this.#unary('ForgetAgent', () => ({ groups: ['orders', 'users'] })),
      Scale: this.#unary('Scale', ({ group, replicas, reason }) =>
        this.#keep(this.groups, group, {
          ...this.#group(group),
          desired: replicas,
          desiredReason: `MANUAL ${reason}`,
        }),
      ),
      ReleaseScale: this.#unary('ReleaseScale', ({ group }) =>
        this.#keep(this.groups, group, { ...this.#group(group), scaleOverride: null }),
      ),
      Pause: this.#unary('Pause', ({ group, owner, reason }) => ({
        ...this.#group(group),
        scaleInPause: { owner, reason, sinceMs: 1, untilMs: 0 },
      })),
      Resume: this.#unary('Resume', ({ group }) => this.#group(group)),
      Cordon: this.#unary('Cordon', ({ group }) => this.#group(group)),
      Uncordon: this.#unary('Uncordon', ({ group }) => this.#group(group)),
      Adopt: this.#unary('Adopt', ({ group }) => this.#group(group)),
      Release: this.#unary('Release', ({ group }) => this.#group(group)),
      AcceptPrimary: this.#unary('AcceptPrimary', ({ group }) => this.#group(group)),
      ListIncidents: this.#unary('ListIncidents', ({ group, state }) => ({
        incidents: this.incidents
          .filter((one) => (group === '' || one.group === group) && (state === '' || one.state === state))
          .sort((one, other) => Number(other.openedAtMs ?? 0) - Number(one.openedAtMs ?? 0)),
        setAside: this.setAside,
      })),
      CloseIncident: this.#unary('CloseIncident', () => ({ groups: ['orders'] })),
      GetSetAside: this.#unary('GetSetAside', ({ id }) => ({
        ...this.setAside.find((one) => one.id === id),
        text: this.setAsideText,
      })),
      ReplaySetAside: this.#unary('ReplaySetAside', () => ({ result: '0.abc open: scale-out of orders' })),
      Explain: this.#unary('Explain', () => this.story),
      Diagnose: this.#unary('Diagnose', () => ({ checks: this.checks })),
      ...this.#trailHandlers(),
      ...this.#partHandlers(),
      WatchEvents: (call) => {
        this.#watch(call);
      },
    };
  }

  #partHandlers() {
    const changed = (method: string) =>
      this.#unary(method, ({ group }: { readonly group: string }) => this.#group(group));
    return {
      GetFleet: this.#unary('GetFleet', ({ name }: { readonly name: string }) => this.fleets.get(name) ?? {}),
      DeleteFleet: this.#unary('DeleteFleet', () => ({})),
      CreateGroup: this.#unary('CreateGroup', ({ spec }: { readonly spec: GroupSpec | null }) =>
        this.#keep(this.groups, spec?.name ?? '', { spec, version: this.requests.length }),
      ),
      ListServers: this.#unary('ListServers', () => this.answers.servers),
      PutServer: changed('PutServer'),
      DeleteServer: changed('DeleteServer'),
      ListUsers: this.#unary('ListUsers', () => this.answers.users),
      PutUser: changed('PutUser'),
      DeleteUser: changed('DeleteUser'),
      ListQueryRules: this.#unary('ListQueryRules', () => this.answers.rules),
      PutQueryRules: changed('PutQueryRules'),
      AddQueryRule: changed('AddQueryRule'),
      DeleteQueryRule: changed('DeleteQueryRule'),
      GetPolicy: this.#unary('GetPolicy', () => this.answers.policy),
      PutPolicy: changed('PutPolicy'),
      ListCells: this.#unary('ListCells', () => ({
        cells: [{ name: 'west', silent: true, signAgeMs: 61_000 }, { name: 'east' }],
        coordinators: [{ id: 'c1', cell: 'east', agents: 3, decides: true, mayDecide: true }],
      })),
      RetireCell: this.#unary('RetireCell', () => ({})),
      GetAgent: this.#unary('GetAgent', () => this.agents[0] ?? {}),
      GetIncident: this.#unary('GetIncident', () => this.incidents[0] ?? {}),
      ListSetAside: this.#unary('ListSetAside', () => ({ setAside: this.setAside })),
      ListHistory: this.#unary('ListHistory', () => this.answers.history),
      DiffSnapshots: this.#unary('DiffSnapshots', () => this.answers.diff),
      Rollback: changed('Rollback'),
      Resync: this.#unary('Resync', () => ({})),
      Drain: changed('Drain'),
      CancelDrain: changed('CancelDrain'),
      ListLoad: this.#unary('ListLoad', () => this.answers.load),
      PlanGroups: this.#unary('PlanGroups', () => this.answers.plan),
      ApplyGroups: this.#unary('ApplyGroups', ({ fleets, groups }: ApplyGroupsRequest__Output) => {
        for (const fleet of fleets) this.#keep(this.fleets, fleet.name, fleet);
        const applied = groups.map(({ spec }) => {
          const name = spec?.name ?? '';
          const known = this.groups.get(name);
          const version = this.requests.length;
          this.#keep(this.groups, name, { ...known, spec, version });
          return { name, change: known === undefined ? 'create' : 'change', version };
        });
        return { groups: applied, fleets: fleets.map(({ name }) => name) };
      }),
    };
  }

  #trailHandlers() {
    return {
      ListAudit: this.#unary('ListAudit', () => ({ entries: this.audit })),
      ListSecrets: this.#unary('ListSecrets', () => ({ secrets: [{ name: 'gate', keyId: 'k1' }], keyId: 'k1' })),
      PutSecret: this.#unary('PutSecret', ({ name }: { name: string }) => ({ name })),
      DeleteSecret: this.#unary('DeleteSecret', () => ({})),
      RotateSecretKey: this.#unary('RotateSecretKey', () => ({ keyId: 'k2', names: ['gate'] })),
    };
  }

  #watch(call: WatchCall): void {
    this.requests.push({ method: 'WatchEvents', request: call.request });
    const { group, afterSequence, newOnly } = call.request;
    const kept = newOnly ? [] : this.events.filter((event) => Number(event.sequence) > afterSequence);
    for (const event of kept) if (isWanted(event, group)) call.write(event);
    this.#watchers.add(call);
    call.on('cancelled', () => this.#watchers.delete(call));
    this.#onWatch(call.request);
  }

  #unary<Request, Response>(method: string, answer: (request: Request) => Response) {
    return (call: ServerUnaryCall<Request, Response>, done: sendUnaryData<Response>): void => {
      this.requests.push({ method, request: call.request });
      const [authorization = ''] = call.metadata.get('authorization');
      const [reason = ''] = call.metadata.get('chester-reason');
      this.shown.push({ authorization: String(authorization), reason: String(reason) });
      if (this.isSilent) return;
      const refusal = this.refusals.shift();
      if (refusal !== undefined) {
        done(refusal);
        return;
      }
      try {
        done(null, answer(call.request));
      } catch (error) {
        done(error as ServiceError);
      }
    };
  }

  #group(name: string): Group {
    const group = this.groups.get(name);
    if (group !== undefined) return group;
    throw Object.assign(new Error(), { code: status.NOT_FOUND, details: `group "${name}" is not declared` });
  }

  #keep<T>(kept: Map<string, T>, name: string, value: T): T {
    kept.set(name, value);
    return value;
  }
}

function isWanted(event: Event, group: string): boolean {
  return group === '' || event.group === group;
}
