import type { AuditRecord } from './audit.ts';
import type { Scaling, ScalingDecision } from './autoscaler.ts';
import type { Voter } from './ballots.ts';
import type { Ballot, Cell, ConnectedAgents, CoordinatorSign, StreamDigest } from './cells.ts';
import type { Cordon } from './cordon.ts';
import type { PublishedSettings } from './fleet-settings.ts';
import type { Freeze } from './freeze.ts';
import type { FleetSpec, GroupSpec } from './group-spec.ts';
import { paddedNumber, type PastDeclaration, type PastSnapshot } from './history.ts';
import type { EarlyClose, Incident } from './incident.ts';
import type { Replica } from './replica.ts';
import type { Removal } from './removal.ts';
import type { Returned } from './returned.ts';
import type { Override, Pauses } from './scaling-orders.ts';
import type { StoredSecret } from './stored-secret.ts';
import type { PublishedSnapshot } from './snapshot.ts';
import type { Topology, WriterOrder } from './topology.ts';

/** What the store holds, by key. A key carries the type of its value. */
declare const value: unique symbol;
export type Key<T> = string & { readonly [value]: T };
/** The beginning of the keys of one kind. */
export type Prefix<T> = string & { readonly [value]: T };

/** A message that could not be used, kept where an operator sees it. */
export type SetAsideMessage = {
  readonly id: string;
  readonly source: string;
  readonly reason: string;
  readonly receivedAtMs: number;
  /** The beginning of the message, at most 2,000 characters. */
  readonly excerpt: string;
  /** How often the same text came. Records of an earlier version lack this and what follows. */
  readonly times?: number;
  readonly bytes?: number;
  /** Whether the whole text is kept, so that it can be replayed. */
  readonly isWhole?: boolean;
};

/** Whose an incident is, by its id alone: what a close without labels is found by. */
export type IncidentIndex = {
  readonly groups: readonly string[];
  /** A close that came before any message that says whose it is. */
  readonly earlyClose: EarlyClose | null;
};

/** The last order of an alert to send a group's proxies everything again. */
export type ResyncOrder = {
  readonly incidentId: string;
  readonly atMs: number;
  /** Only this one; absent: all agents of the group. */
  readonly agentId?: string;
};

/** How far events were told to people. */
export type NoticeCursor = { readonly sequence: number };

/** The autoscaler's newest answer, also a "no". */
export type LastDecision = ScalingDecision & { readonly atMs: number };

/** Who decides, and the token that fences its writes. */
export type Term = { readonly holder: string; readonly fencingToken: number };

/** The highest epoch that an agent has seen and the store has not. */
export type EpochSeen = { readonly epoch: number };

/** The newest term as its holder told of it, so that others need not wait for its lease to run out. */
export type TermRecord = Term & { readonly isReleased: boolean };

function key<T>(text: string): Key<T> {
  return text as Key<T>;
}

export const keys = {
  fleet: (name: string) => key<FleetSpec>(`fleet/${name}`),
  settings: (fleet: string) => key<PublishedSettings>(`settings/${fleet}`),
  group: (name: string) => key<GroupSpec>(`group/${name}`),
  scaling: (group: string) => key<Scaling>(`scaling/${group}`),
  decision: (group: string) => key<LastDecision>(`decision/${group}`),
  pauses: (group: string) => key<Pauses>(`pause/${group}`),
  override: (group: string) => key<Override>(`override/${group}`),
  cordon: (group: string, server: string) => key<Cordon>(`cordon/${group}/${server}`),
  removal: (group: string, server: string) => key<Removal>(`drain/${group}/${server}`),
  writerOrder: (group: string) => key<WriterOrder>(`writer-order/${group}`),
  topology: (group: string) => key<Topology>(`topology/${group}`),
  snapshot: (group: string) => key<PublishedSnapshot>(`snapshot/${group}`),
  pastDeclaration: (group: string, number: number) =>
    key<PastDeclaration>(`declaration/${group}/${paddedNumber(number)}`),
  pastSnapshot: (group: string, revision: number) =>
    key<PastSnapshot>(`past-snapshot/${group}/${paddedNumber(revision)}`),
  replica: (group: string, name: string) => key<Replica>(`replica/${group}/${name}`),
  /** Names of agents are their pods' and come again in other cells. */
  voter: (group: string, agentId: string, cell = 'default') => key<Voter>(`roster/${group}/${cell}/${agentId}`),
  cell: (name: string) => key<Cell>(`cell/${name}`),
  coordinator: (id: string) => key<CoordinatorSign>(`coordinator/${id}`),
  connectedAgents: (id: string) => key<ConnectedAgents>(`agents-at/${id}`),
  digest: (id: string) => key<StreamDigest>(`digest/${id}`),
  ballot: (group: string) => key<Ballot>(`ballot/${group}`),
  freeze: (group: string) => key<Freeze>(`freeze/${group}`),
  returned: (group: string) => key<Returned>(`returned/${group}`),
  incident: (group: string, id: string) => key<Incident>(`incident/${group}/${id}`),
  incidentIndex: (id: string) => key<IncidentIndex>(`incident-index/${id}`),
  setAside: (id: string) => key<SetAsideMessage>(`set-aside/${id}`),
  setAsideText: (id: string) => key<string>(`set-aside-text/${id}`),
  resync: (group: string) => key<ResyncOrder>(`resync/${group}`),
  audit: (id: string) => key<AuditRecord>(`audit/${id}`),
  secret: (name: string) => key<StoredSecret>(`secret/${name}`),
  auditRefusal: (id: string) => key<AuditRecord>(`audit-refusal/${id}`),
  noticeCursor: 'notice-cursor' as Key<NoticeCursor>,
  term: 'term' as Key<TermRecord>,
  epochSeen: 'epoch-seen' as Key<EpochSeen>,
};

export const prefixes = {
  fleets: 'fleet/' as Prefix<FleetSpec>,
  settings: 'settings/' as Prefix<PublishedSettings>,
  groups: 'group/' as Prefix<GroupSpec>,
  topologies: 'topology/' as Prefix<Topology>,
  snapshots: 'snapshot/' as Prefix<PublishedSnapshot>,
  pastDeclarations: (group: string) => `declaration/${group}/` as Prefix<PastDeclaration>,
  pastSnapshots: (group: string) => `past-snapshot/${group}/` as Prefix<PastSnapshot>,
  decisions: 'decision/' as Prefix<LastDecision>,
  pauses: 'pause/' as Prefix<Pauses>,
  replicas: (group: string) => `replica/${group}/` as Prefix<Replica>,
  cordons: (group: string) => `cordon/${group}/` as Prefix<Cordon>,
  removals: (group: string) => `drain/${group}/` as Prefix<Removal>,
  allReplicas: 'replica/' as Prefix<Replica>,
  voters: (group: string) => `roster/${group}/` as Prefix<Voter>,
  votersOfCell: (group: string, cell: string) => `roster/${group}/${cell}/` as Prefix<Voter>,
  allVoters: 'roster/' as Prefix<Voter>,
  cells: 'cell/' as Prefix<Cell>,
  coordinators: 'coordinator/' as Prefix<CoordinatorSign>,
  connectedAgents: 'agents-at/' as Prefix<ConnectedAgents>,
  digests: 'digest/' as Prefix<StreamDigest>,
  freezes: 'freeze/' as Prefix<Freeze>,
  incidents: (group: string) => `incident/${group}/` as Prefix<Incident>,
  allIncidents: 'incident/' as Prefix<Incident>,
  incidentIndexes: 'incident-index/' as Prefix<IncidentIndex>,
  setAside: 'set-aside/' as Prefix<SetAsideMessage>,
  audit: 'audit/' as Prefix<AuditRecord>,
  secrets: 'secret/' as Prefix<StoredSecret>,
  auditRefusals: 'audit-refusal/' as Prefix<AuditRecord>,
};

/** The group that a key belongs to; null for keys of no group. */
export function groupOfKey(text: string): string | null {
  const [kind, name] = text.split('/');
  const isOfGroup = [
    'group',
    'scaling',
    'pause',
    'override',
    'cordon',
    'drain',
    'writer-order',
    'topology',
    'snapshot',
    'replica',
    'roster',
    'ballot',
    'freeze',
    'returned',
    'incident',
  ].includes(kind ?? '');
  return isOfGroup && name !== undefined ? name : null;
}

/** Something that happened, for people: kept in order, watched live. */
export type NewEvent = {
  readonly atMs: number;
  /** Empty when no group is concerned. */
  readonly group: string;
  readonly kind: EventKind;
  /** What it is about: a replica, an incident, an agent. */
  readonly subject: string;
  readonly reason: string;
  readonly message: string;
};

export type EventKind =
  | 'FLEET'
  | 'GROUP'
  | 'REPLICA_STATE'
  | 'SCALING_DECISION'
  | 'SNAPSHOT_PUBLISHED'
  | 'SNAPSHOT_CONVERGED'
  | 'AGENT'
  | 'CELL'
  | 'CORDON'
  | 'VOTE'
  | 'INCIDENT'
  | 'SET_ASIDE'
  | 'SECRET'
  | 'WAIT'
  | 'ALARM';

export type StoredEvent = NewEvent & { readonly sequence: number };
