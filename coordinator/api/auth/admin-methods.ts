import type { AdminServiceHandlers } from '../../../proto/gen/chester/v1/AdminService.ts';
import type { Need, Scope } from '../../core/access.ts';

type Named<T> = keyof { [K in keyof T as string extends K ? never : number extends K ? never : K]: T[K] };
export type AdminMethod = Named<AdminServiceHandlers>;
export type AdminRequest = Readonly<Record<string, unknown>>;

/** What a method of AdminService needs, and what a caller who may not see everything gets of its answer. */
export type MethodRule = {
  /** All of them. */
  readonly needs: (request: AdminRequest) => readonly Need[];
  /** A change is written into the audit trail, also one that was denied. */
  readonly isChange: boolean;
  /** Keeps of an answer, or of one message of a stream, what concerns groups that `sees` knows; null: nothing. */
  readonly narrow?: (answer: AdminRequest, sees: (group: string) => boolean) => AdminRequest | null;
};

const installation = { kind: 'installation' } as const;
const groupAt = (request: unknown, path: readonly string[]): Scope => ({ kind: 'group', group: textAt(request, path) });

/** Looks at one group. */
const look = (...path: readonly string[]): MethodRule => ({
  needs: (request) => [{ permission: 'view', scope: groupAt(request, path) }],
  isChange: false,
});
/** Looks at a list, of which everybody gets what they may see. */
const list = (narrow?: MethodRule['narrow']): MethodRule => ({
  needs: () => [{ permission: 'view', scope: { kind: 'visible' } }],
  isChange: false,
  ...(narrow === undefined ? {} : { narrow }),
});
/** Looks at what belongs to no one group. */
const lookAtAll: MethodRule = { needs: () => [{ permission: 'view', scope: installation }], isChange: false };
/** Changes one group. */
const change = (...path: readonly string[]): MethodRule => ({
  needs: (request) => [{ permission: 'operate', scope: groupAt(request, path) }],
  isChange: true,
});
/** Changes what may be of several groups. */
const changeAny: MethodRule = { needs: () => [{ permission: 'operate', scope: installation }], isChange: true };
const lookAsAdmin: MethodRule = {
  needs: () => [{ permission: 'administer', scope: installation }],
  isChange: false,
};
const administer: MethodRule = { needs: () => [{ permission: 'administer', scope: installation }], isChange: true };

/**
 * Every method of AdminService: one that has no row does not compile, and is refused at start. Lists go to whoever may
 * see anything, without what that one may not see.
 */
export const adminMethods: Readonly<Record<AdminMethod, MethodRule>> = {
  ListFleets: list(),
  GetFleet: list(),
  PutFleet: administer,
  DeleteFleet: administer,
  ListGroups: list((answer, sees) => ({ ...answer, groups: keep(answer['groups'], sees, ['spec', 'name']) })),
  GetGroup: look('name'),
  CreateGroup: change('spec', 'name'),
  PutGroup: change('spec', 'name'),
  DeleteGroup: change('name'),
  ListServers: look('group'),
  PutServer: change('group'),
  DeleteServer: change('group'),
  ListUsers: look('group'),
  PutUser: change('group'),
  DeleteUser: change('group'),
  ListQueryRules: look('group'),
  PutQueryRules: change('group'),
  AddQueryRule: change('group'),
  DeleteQueryRule: change('group'),
  GetPolicy: look('group'),
  PutPolicy: change('group'),
  PlanGroups: {
    needs: ({ groups }) => [
      { permission: 'view', scope: { kind: 'visible' } },
      ...entriesOf(groups).map((spec): Need => ({ permission: 'view', scope: groupAt(spec, ['name']) })),
    ],
    isChange: false,
  },
  ApplyGroups: {
    needs: ({ groups, fleets }) => [
      { permission: 'operate', scope: { kind: 'visible' } },
      ...entriesOf(groups).map((entry): Need => ({ permission: 'operate', scope: groupAt(entry, ['spec', 'name']) })),
      ...entriesOf(fleets).map((): Need => ({ permission: 'administer', scope: installation })),
    ],
    isChange: true,
  },
  ListHistory: look('group'),
  DiffSnapshots: look('group'),
  Rollback: change('group'),
  Resync: change('group'),
  Drain: change('group'),
  CancelDrain: change('group'),
  ListLoad: {
    needs: lookAtOneOrAll,
    isChange: false,
    narrow: (answer, sees) => ({ ...answer, servers: keep(answer['servers'], sees, ['group']) }),
  },
  ListAgents: list((answer, sees) => ({ ...answer, agents: narrowAgents(answer['agents'], sees) })),
  GetAgent: lookAtAll,
  ForgetAgent: administer,
  ListCells: lookAtAll,
  RetireCell: administer,
  Scale: change('group'),
  ReleaseScale: change('group'),
  Pause: change('group'),
  Resume: change('group'),
  Cordon: change('group'),
  Uncordon: change('group'),
  Adopt: change('group'),
  Release: change('group'),
  AcceptPrimary: change('group'),
  ListIncidents: list((answer, sees) => ({
    ...answer,
    incidents: keep(answer['incidents'], sees, ['group']),
    setAside: [],
  })),
  GetIncident: lookAtAll,
  CloseIncident: changeAny,
  ListSetAside: lookAtAll,
  GetSetAside: lookAtAll,
  ReplaySetAside: changeAny,
  Explain: {
    needs: (request) => {
      const subject = textAt(request, ['subject']);
      // An incident's id says nothing of whose it is: only a group's name is taken for one.
      const isName = /^[a-z][a-z0-9-]{0,62}$/.test(subject);
      return [{ permission: 'view', scope: isName ? { kind: 'group', group: subject } : installation }];
    },
    isChange: false,
  },
  Diagnose: look('group'),
  ListAudit: lookAsAdmin,
  ListSecrets: lookAsAdmin,
  PutSecret: administer,
  DeleteSecret: administer,
  RotateSecretKey: administer,
  WatchEvents: {
    needs: lookAtOneOrAll,
    isChange: false,
    narrow: (event, sees) => (sees(textAt(event, ['group'])) ? event : null),
  },
};

/** A request that names a group, or none for all of them. */
function lookAtOneOrAll(request: AdminRequest): readonly Need[] {
  const name = textAt(request, ['group']);
  return [{ permission: 'view', scope: name === '' ? { kind: 'visible' } : { kind: 'group', group: name } }];
}

/** The text at a path of a message; empty when there is none. */
export function textAt(message: unknown, path: readonly string[]): string {
  let value = message;
  for (const field of path) {
    if (typeof value !== 'object' || value === null) return '';
    value = (value as Readonly<Record<string, unknown>>)[field];
  }
  return typeof value === 'string' ? value : '';
}

function entriesOf(list: unknown): readonly unknown[] {
  return Array.isArray(list) ? list : [];
}

function keep(list: unknown, sees: (group: string) => boolean, path: readonly string[]): unknown[] {
  return entriesOf(list).filter((entry) => sees(textAt(entry, path)));
}

/** An agent is seen by who sees one of its groups; its load names servers of all of them. */
function narrowAgents(list: unknown, sees: (group: string) => boolean): unknown[] {
  return entriesOf(list)
    .map((agent) => agent as AdminRequest)
    .map((agent) => ({ ...agent, groups: keep(agent['groups'], sees, ['group']), servers: [] }))
    .filter(({ groups }) => groups.length > 0);
}
