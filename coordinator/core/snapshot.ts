import { type Address, isSameAddress, type LeavingServer, outstandingVoters, type Voter } from './ballots.ts';
import type { GroupSpec } from './group-spec.ts';
import { addressOf, type Replica } from './replica.ts';

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
};

export type SnapshotContent = {
  /** `removed` is the tombstone that DeleteGroup writes. */
  readonly kind: 'snapshot' | 'removed';
  readonly writerHostgroup: number;
  readonly readerHostgroup: number;
  readonly servers: readonly SnapshotServer[];
  readonly leaving: readonly LeavingServer[];
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
};

export type SnapshotInputs = {
  readonly spec: GroupSpec;
  readonly primaryAddress: string;
  readonly replicas: readonly Replica[];
  readonly previous: PublishedSnapshot | null;
  readonly voters: readonly Voter[];
  /** The revision it gets if it is published: votes on what it withdraws count from there. */
  readonly nextRevision: number;
};

/** Builds what the proxies of a group have to have now. Deterministic: equal inputs give equal content. */
export function buildSnapshot(inputs: SnapshotInputs): SnapshotContent {
  const { spec } = inputs;
  const servers = [writerOf(inputs), ...readersOf(inputs)].sort(compareServers);
  return {
    kind: 'snapshot',
    writerHostgroup: spec.writerHostgroup,
    readerHostgroup: spec.readerHostgroup,
    servers,
    leaving: leavingAfter({ ...inputs, servers }),
  };
}

/** Builds the tombstone of a deleted group: everything it ever named has to leave. */
export function buildTombstone(
  previous: Omit<SnapshotContent, 'kind'> & { readonly revision: number },
): SnapshotContent {
  const { writerHostgroup, readerHostgroup } = previous;
  const sinceRevision = previous.revision + 1;
  const added = distinct(previous.servers).map((address) => ({ ...address, sinceRevision }));
  const leaving = [...previous.leaving, ...added].sort(compareAddresses);
  return { kind: 'removed', writerHostgroup, readerHostgroup, servers: [], leaving };
}

/**
 * Ends a tombstone: once every voter has proven every address absent, it withdraws nothing any more. Whoever puts a
 * server into those hostgroups afterwards is left alone. Null while a voter is outstanding, or when it has ended.
 */
export function endTombstone(tombstone: SnapshotContent, voters: readonly Voter[]): SnapshotContent | null {
  const { leaving, writerHostgroup, readerHostgroup } = tombstone;
  if (leaving.length === 0 || leaving.some((server) => outstandingVoters(voters, server).length > 0)) return null;
  return { kind: 'removed', writerHostgroup, readerHostgroup, servers: [], leaving: [] };
}

function writerOf({ spec, primaryAddress }: SnapshotInputs): SnapshotServer {
  return {
    ...rowDefaults(spec),
    hostgroup: spec.writerHostgroup,
    hostname: primaryAddress,
    port: spec.port,
    maxReplicationLagSeconds: 0,
    comment: `chester ${spec.name} primary`,
    instance: spec.primary,
  };
}

/** The readers; when none is left, the primary stands in with a capped number of connections. */
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
    }));
  const readers = [...fixed, ...owned];
  const canServe = readers.some(({ weight, maxConnections }) => weight > 0 && maxConnections > 0);
  if (canServe || spec.writerFallbackConnections === 0) return readers;
  const fallback = { hostgroup: spec.readerHostgroup, maxConnections: spec.writerFallbackConnections };
  return [...readers, { ...writerOf(inputs), ...fallback, comment: `chester ${spec.name} fallback` }];
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
  };
}

type LeavingInputs = SnapshotInputs & { readonly servers: readonly SnapshotServer[] };

/**
 * Whatever a snapshot ever named and this one does not stays listed until every voter has proven it absent, and for
 * as long as a replica's record still needs the votes.
 */
function leavingAfter(inputs: LeavingInputs): LeavingServer[] {
  const { previous, replicas, voters, servers, spec, nextRevision } = inputs;
  const onTheirWay = replicas
    .filter((replica) => replica.state === 'draining' || replica.state === 'deleting')
    .flatMap((replica) => {
      const hostname = addressOf(replica);
      return hostname === null ? [] : [{ hostname, port: spec.port }];
    });
  const isNeeded = (address: Address) => onTheirWay.some((other) => isSameAddress(other, address));
  const goesOn = (previous?.leaving ?? []).filter(
    (leaving) => isNeeded(leaving) || outstandingVoters(voters, leaving).length > 0,
  );
  const withdrawn = distinct([...(previous?.servers ?? []), ...onTheirWay])
    .filter((address) => !goesOn.some((leaving) => isSameAddress(leaving, address)))
    .map((address) => ({ ...address, sinceRevision: nextRevision }));
  return [...goesOn, ...withdrawn]
    .filter((leaving) => !servers.some((server) => isSameAddress(server, leaving)))
    .sort(compareAddresses);
}

function distinct(addresses: readonly Address[]): Address[] {
  const known = new Map(addresses.map(({ hostname, port }) => [`${hostname} ${port}`, { hostname, port }]));
  return [...known.values()];
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
