import { type Address, isSameAddress, type LeavingServer, outstandingVoters, type Voter } from './ballots.ts';
import { type AgentPolicy, buildAgentPolicy } from './agent-policy.ts';
import type { Certificate, ClientCertificate } from './certificate.ts';
import { type Cordon, isCordonedAddress } from './cordon.ts';
import type { GroupSpec } from './group-spec.ts';
import { renderHostgroupAttributes } from './hostgroup-attributes.ts';
import { renderQueryRules, type RuleIds } from './query-rules.ts';
import { isDrainForced, type Removal } from './removal.ts';
import { distinct, type Returned } from './returned.ts';
import { addressOf, type Replica } from './replica.ts';
import type { TableRow } from './table.ts';
import type { Topology } from './topology.ts';

/**
 * The state of one group as every proxy has to have it. Complete and immutable; what has to go is named in `leaving`,
 * so that a list that is short by mistake removes nothing.
 */
export type SnapshotServer = Address & {
  readonly hostgroup: number;
  readonly status: 'ONLINE' | 'OFFLINE_SOFT';
  readonly weight: number;
  readonly maxConnections: number;
  readonly maxReplicationLagSeconds: number;
  readonly useSsl: boolean;
  readonly comment: string;
  /** The Cloud SQL instance's name; empty for a static server. */
  readonly instance: string;
  readonly owned: boolean;
  /** Wall clock of when it began to serve, from which its slow start counts; 0: none. */
  readonly servingSinceMs: number;
  /** The certificates that vouch for it, as an id of `certificates`; empty: none. */
  readonly caId: string;
};

/** What proxies are told of a group beside its servers. */
export type SnapshotParts = {
  readonly policy: AgentPolicy;
  readonly certificates: readonly Certificate[];
  readonly clientCertificate: ClientCertificate | null;
  readonly hostgroupAttributes: readonly TableRow[];
  readonly users: readonly TableRow[];
  /** Null: the group has no rules. */
  readonly ruleIds: RuleIds | null;
  readonly queryRules: readonly TableRow[];
};

export type SnapshotContent = {
  /** `removed` is the tombstone that DeleteGroup writes. */
  readonly kind: 'snapshot' | 'removed';
  readonly writerHostgroup: number;
  readonly readerHostgroup: number;
  readonly servers: readonly SnapshotServer[];
  readonly leaving: readonly LeavingServer[];
  /** Null in a tombstone. */
  readonly parts: SnapshotParts | null;
};

/** A snapshot that the store accepted; only such a one is ever sent. */
export type PublishedSnapshot = SnapshotContent & {
  readonly group: string;
  /** Whose agents get it. */
  readonly fleet: string;
  /** The group's own number; it only moves forward, also over delete and create. */
  readonly revision: number;
  readonly hash: string;
  readonly committedAtMs: number;
  /** The group's version that it was built from; not in records of an earlier program, nor in a tombstone. */
  readonly specVersion?: number;
};

export type SnapshotInputs = {
  readonly spec: GroupSpec;
  readonly topology: Topology;
  readonly replicas: readonly Replica[];
  readonly previous: PublishedSnapshot | null;
  readonly voters: readonly Voter[];
  /** Readers that an operator keeps out: they leave as what is withdrawn does. */
  readonly cordons: readonly Cordon[];
  /** Replicas that an operator wants gone; absent: none. */
  readonly removals?: readonly Removal[];
  /** What some proxies may still have although no snapshot names it any more; absent: nothing. */
  readonly returned?: Returned | null;
  readonly users: readonly TableRow[];
  readonly clientCertificate: ClientCertificate | null;
  /** The revision it gets if it is published: votes on what it withdraws count from there. */
  readonly nextRevision: number;
};

/** Builds what the proxies of a group have to have now. Deterministic: equal inputs give equal content. */
export function buildSnapshot(inputs: SnapshotInputs): SnapshotContent {
  const { spec } = inputs;
  // Break before make: while the writer is changed there is none.
  const writers = inputs.topology.isWithheld === true ? [] : [writerOf(inputs)];
  const readers = readersOf(inputs);
  const servers = [...writers, ...(readers.length > 0 ? readers : standInOf(inputs))].sort(compareServers);
  return {
    kind: 'snapshot',
    writerHostgroup: spec.writerHostgroup,
    readerHostgroup: spec.readerHostgroup,
    servers,
    leaving: leavingAfter({ ...inputs, servers }),
    parts: partsOf(inputs, servers),
  };
}

function partsOf(inputs: SnapshotInputs, servers: readonly SnapshotServer[]): SnapshotParts {
  const { spec, users, clientCertificate } = inputs;
  return {
    policy: buildAgentPolicy(spec, isDrainForced(inputs.replicas, inputs.removals ?? [], inputs.cordons)),
    certificates: certificatesOf(inputs, servers),
    clientCertificate,
    hostgroupAttributes: renderHostgroupAttributes(spec),
    users,
    ruleIds: spec.ruleIds ?? null,
    queryRules: renderQueryRules(spec),
  };
}

/** What the servers refer to, each once. */
function certificatesOf({ topology, replicas }: SnapshotInputs, servers: readonly SnapshotServer[]): Certificate[] {
  const known = [
    topology.serverCa,
    topology.successor?.serverCa ?? null,
    ...replicas.map(({ serverCa }) => serverCa),
  ].filter((ca) => ca !== null);
  const used = known.filter(({ id }) => servers.some(({ caId }) => caId === id));
  const distinctById = new Map(used.map((certificate) => [certificate.id, certificate]));
  return [...distinctById.values()].sort((one, other) => compareTexts(one.id, other.id));
}

/** Builds the tombstone of a deleted group: everything it ever named has to leave. */
export function buildTombstone(
  previous: Omit<SnapshotContent, 'kind' | 'parts'> & { readonly revision: number },
): SnapshotContent {
  const sinceRevision = previous.revision + 1;
  const added = distinct(previous.servers).map((address) => ({ ...address, sinceRevision }));
  return renderTombstone(previous, [...previous.leaving, ...added].sort(compareAddresses));
}

/** A tombstone that withdraws these addresses. */
export function renderTombstone(
  { writerHostgroup, readerHostgroup }: Pick<SnapshotContent, 'writerHostgroup' | 'readerHostgroup'>,
  leaving: readonly LeavingServer[],
): SnapshotContent {
  return { kind: 'removed', writerHostgroup, readerHostgroup, servers: [], leaving, parts: null };
}

/**
 * Ends a tombstone: once every voter has proven every address absent, it withdraws nothing any more. Whoever puts a
 * server into those hostgroups afterwards is left alone. Null while a voter is outstanding, or when it has ended.
 */
export function endTombstone(tombstone: SnapshotContent, voters: readonly Voter[]): SnapshotContent | null {
  const { leaving } = tombstone;
  if (leaving.length === 0 || leaving.some((server) => outstandingVoters(voters, server).length > 0)) return null;
  return renderTombstone(tombstone, []);
}

function writerOf(inputs: SnapshotInputs): SnapshotServer {
  const { spec, topology } = inputs;
  const address = { hostname: topology.primaryAddress, port: spec.port };
  return {
    ...rowDefaults(spec),
    ...address,
    hostgroup: spec.writerHostgroup,
    maxReplicationLagSeconds: 0,
    comment: `chester ${spec.name} primary`,
    instance: spec.primary,
    caId: caIdOf(inputs, address),
  };
}

/** Static servers and owned replicas. That the writer stands in where none is ONLINE is each proxy's own decision. */
function readersOf(inputs: SnapshotInputs): SnapshotServer[] {
  const { spec, replicas } = inputs;
  const fixed = spec.staticReaders.map((server) => ({
    ...rowDefaults(spec),
    hostgroup: spec.readerHostgroup,
    hostname: server.hostname,
    port: server.port,
    weight: server.weight ?? spec.serverDefaults.weight,
    maxConnections: server.maxConnections ?? spec.serverDefaults.maxConnections,
    comment: `chester ${spec.name} static`,
    caId: caIdOf(inputs, server),
  }));
  // A replica that its operator also declared has one row, the declared one.
  const isDeclared = (address: Address) => fixed.some((server) => isSameAddress(server, address));
  const owned = replicas
    .filter((replica) => replica.state === 'serving')
    .filter(({ address }) => !isDeclared({ hostname: address, port: spec.port }))
    .map((replica) => ({
      ...rowDefaults(spec),
      hostgroup: spec.readerHostgroup,
      hostname: replica.address,
      port: spec.port,
      comment: `chester ${spec.name} replica`,
      instance: replica.name,
      owned: true,
      servingSinceMs: replica.sinceMs,
      caId: caIdOf(inputs, { hostname: replica.address, port: spec.port }),
    }));
  const isOut = ({ hostname, port }: Address) =>
    isCordonedAddress(inputs.cordons, replicas, { hostname, port, replicaPort: spec.port });
  return [...fixed, ...owned].filter((reader) => !isOut(reader));
}

/**
 * Without a writer no proxy has one that stands in where no reader is left: the one that is to come does. Else the old
 * writer would stay as the last reader, and nobody could prove it gone.
 */
function standInOf({ spec, topology: { isWithheld, successor } }: SnapshotInputs): SnapshotServer[] {
  const maxConnections = spec.writerFallbackConnections;
  if (isWithheld !== true || successor === undefined || maxConnections === 0) return [];
  return [
    {
      ...rowDefaults(spec),
      hostgroup: spec.readerHostgroup,
      hostname: successor.primaryAddress,
      port: spec.port,
      weight: 1,
      maxConnections,
      maxReplicationLagSeconds: 0,
      comment: `chester ${spec.name} successor`,
      caId: spec.serverDefaults.useSsl ? (successor.serverCa?.id ?? '') : '',
    },
  ];
}

/**
 * The authority of what stands at an address, which is the same in whatever row: also where an operator declared an
 * instance that is known. Without TLS nobody looks at a certificate.
 */
function caIdOf({ spec, topology, replicas }: SnapshotInputs, { hostname, port }: Address): string {
  if (!spec.serverDefaults.useSsl || port !== spec.port) return '';
  if (hostname === topology.primaryAddress) return topology.serverCa?.id ?? '';
  const holders = replicas.filter((replica) => addressOf(replica) === hostname);
  const serving = holders.find(({ state }) => state === 'serving');
  const [first] = holders.sort((one, other) => compareTexts(one.name, other.name));
  return (serving ?? first)?.serverCa?.id ?? '';
}

function rowDefaults(spec: GroupSpec) {
  const { weight, maxConnections, maxReplicationLagSeconds, useSsl } = spec.serverDefaults;
  return {
    status: 'ONLINE' as const,
    weight,
    maxConnections,
    maxReplicationLagSeconds,
    useSsl,
    instance: '',
    owned: false,
    servingSinceMs: 0,
    caId: '',
  };
}

type LeavingInputs = SnapshotInputs & { readonly servers: readonly SnapshotServer[] };

/**
 * Whatever a snapshot ever named and this one does not stays listed until every voter has proven it absent, and for
 * as long as a replica's record, or the change of the writer, still needs the votes.
 */
function leavingAfter(inputs: LeavingInputs): LeavingServer[] {
  const { previous, replicas, voters, servers, spec, topology, nextRevision } = inputs;
  // A store that went back may have lost every snapshot that named the old writer; the proxies have it all the same.
  const oldWriters = topology.isWithheld === true ? [{ hostname: topology.primaryAddress, port: spec.port }] : [];
  const replicasOut = replicas
    .filter((replica) => replica.state === 'draining' || replica.state === 'deleting')
    .flatMap((replica) => {
      const hostname = addressOf(replica);
      return hostname === null ? [] : [{ hostname, port: spec.port }];
    });
  const onTheirWay = [...oldWriters, ...replicasOut];
  const isNeeded = (address: Address) => onTheirWay.some((other) => isSameAddress(other, address));
  const goesOn = (previous?.leaving ?? []).filter(
    (leaving) => isNeeded(leaving) || outstandingVoters(voters, leaving).length > 0,
  );
  const withdrawn = distinct([...(previous?.servers ?? []), ...onTheirWay, ...(inputs.returned?.addresses ?? [])])
    .filter((address) => !goesOn.some((leaving) => isSameAddress(leaving, address)))
    .map((address) => ({ ...address, sinceRevision: nextRevision }));
  return [...goesOn, ...withdrawn]
    .filter((leaving) => !servers.some((server) => isSameAddress(server, leaving)))
    .sort(compareAddresses);
}

function compareAddresses(one: Address, other: Address): number {
  return compareTexts(one.hostname, other.hostname) || one.port - other.port;
}

function compareServers(one: SnapshotServer, other: SnapshotServer): number {
  return one.hostgroup - other.hostgroup || compareAddresses(one, other);
}

function compareTexts(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
