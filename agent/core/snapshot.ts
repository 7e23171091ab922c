import { type Address, addressOf, keyOf } from './rows.ts';
import type { TableRow } from './table.ts';

/** One row that a group has to have. */
export type Server = Address & {
  readonly hostgroup: number;
  /** ONLINE or OFFLINE_SOFT; anything else is refused. */
  readonly status: string;
  readonly weight: number;
  readonly maxConnections: number;
  readonly maxReplicationLagSeconds: number;
  readonly useSsl: boolean;
  readonly comment: string;
  /** The Cloud SQL instance behind it, empty for a static server. */
  readonly instance: string;
  /** Its address can be given to another database once the replica is deleted; it waits for this proxy's monitor. */
  readonly owned: boolean;
  /** Wall clock from which its slow start counts; 0: none. */
  readonly servingSinceMs: number;
  /** Id of the certificates that vouch for it; empty: none. */
  readonly caId: string;
};

/** An address that has to leave every hostgroup. */
export type LeavingServer = Address & { readonly sinceRevision: number };

type Hostgroups = { readonly writerHostgroup: number; readonly readerHostgroup: number };

/** How a new reader's share of the traffic grows. */
export type SlowStart = {
  readonly durationSeconds: number;
  /** Of its weight, 1 to 100. */
  readonly initialPercent: number;
  readonly curve: 'LINEAR' | 'EXPONENTIAL';
};

/** What the agent may do on its own, and when. */
export type GroupPolicy = {
  /** Connections that the writer may get as a reader while no reader is ONLINE; 0: never. */
  readonly writerFallbackConnections: number;
  readonly slowStart: SlowStart | null;
  readonly adoptExisting: boolean;
  /** End sessions that are still on a draining server after this time; 0: never. */
  readonly endPinnedAfterSeconds: number;
  /** How long a server stays OFFLINE that a person set so on this proxy. */
  readonly cordonSeconds: number;
  /** Only look and tell. */
  readonly shadow?: true;
};

/** A PEM file, by its content's hash. */
export type Certificate = { readonly id: string; readonly pem: string };

export type ClientCertificate = { readonly certificatePem: string; readonly keyPem: string };

/** The complete state of one group. Rows that it does not name are left alone; what has to go is named in `leaving`. */
export type SnapshotBody = Hostgroups & {
  readonly kind: 'snapshot';
  readonly servers: readonly Server[];
  readonly leaving: readonly LeavingServer[];
  readonly policy: GroupPolicy;
  readonly certificates: readonly Certificate[];
  readonly clientCertificate: ClientCertificate | null;
  readonly hostgroupAttributes: readonly TableRow[];
  readonly users: readonly TableRow[];
  /** Both ends included; `null`: the group has no rules. */
  readonly ruleIds: { readonly first: number; readonly last: number } | null;
  readonly queryRules: readonly TableRow[];
};

/** A group that its operator deleted. */
export type RemovedBody = Hostgroups & { readonly kind: 'removed'; readonly leaving: readonly LeavingServer[] };

export type GroupBody = SnapshotBody | RemovedBody;

/** What all proxies of a fleet have in common: mysql- variables by name, valued as ProxySQL shows them. */
export type FleetBody = { readonly kind: 'fleet'; readonly variables: TableRow };

const serversByKey = new WeakMap<readonly Server[], ReadonlyMap<string, Server>>();

/** The servers by key, in their order. Remembered: each look asks for them, and a snapshot's never change. */
export function byKey(servers: readonly Server[]): ReadonlyMap<string, Server> {
  const known = serversByKey.get(servers);
  if (known !== undefined) return known;
  const found = new Map(servers.map((server) => [keyOf(server), server]));
  serversByKey.set(servers, found);
  return found;
}

/** What one group of this proxy has to look like. */
export type GroupTarget = {
  readonly group: string;
  readonly revision: number;
  /** The coordinator's hash of `body`; compared, never computed here. */
  readonly hash: string;
  /** The sender's fencing token. */
  readonly epoch: number;
  readonly body: GroupBody;
  /** Nothing of it is applied: what differs is told. */
  readonly isShadow?: true;
};

const hostname = /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|[0-9A-Fa-f:.]{2,45})$/;
const hostgroupMax = 2_147_483_647;
const problemsMax = 5;

/**
 * Lists what is wrong with a body, at most five things; empty means it can be applied.
 * ProxySQL itself takes an empty hostname, port 0 (a socket's path) and unknown hostgroups without a word.
 */
export function findProblems(body: GroupBody): readonly string[] {
  const problems = [...checkHostgroups(body), ...checkAddresses(body.leaving, 'leaving')];
  if (body.kind === 'snapshot') problems.push(...checkServers(body));
  return problems.slice(0, problemsMax);
}

/** Leaves owned servers out: a file that is too old must not route to an address another database may have by now. */
export function withoutOwned(body: GroupBody): GroupBody {
  if (body.kind === 'removed') return body;
  return { ...body, servers: body.servers.filter((server) => !server.owned) };
}

/** Whether what was proven for `before` also proves `target`: equal rows, and no vote that has to be given anew. */
export function isSameDemand(before: GroupTarget, target: GroupTarget): boolean {
  return (
    before.hash === target.hash && target.body.leaving.every((address) => address.sinceRevision <= before.revision)
  );
}

function checkHostgroups(body: GroupBody): string[] {
  const problems: string[] = [];
  for (const field of ['writerHostgroup', 'readerHostgroup'] as const) {
    if (!isWholeIn(body[field], 0, hostgroupMax)) problems.push(`${field} ${body[field]} is not a hostgroup`);
  }
  if (body.writerHostgroup === body.readerHostgroup) {
    problems.push(`writerHostgroup and readerHostgroup are both ${body.writerHostgroup}`);
  }
  return problems;
}

function checkAddresses(addresses: readonly Address[], list: string): string[] {
  const problems: string[] = [];
  for (const address of addresses) {
    if (!hostname.test(address.hostname)) {
      problems.push(
        `${list}: hostname ${JSON.stringify(address.hostname)} is neither a DNS name nor an IP address, port ${address.port}`,
      );
    }
    if (!isWholeIn(address.port, 1, 65_535)) {
      problems.push(`${list}: port ${address.port} of ${JSON.stringify(address.hostname)} is not 1 to 65535`);
    }
  }
  return problems;
}

function checkServers(body: SnapshotBody): string[] {
  const problems = checkAddresses(body.servers, 'servers');
  const leaving = new Set(body.leaving.map(addressOf));
  const seen = new Set<string>();
  for (const server of body.servers) {
    const name = `servers: hostgroup ${server.hostgroup} ${addressOf(server)}`;
    if (seen.has(keyOf(server))) problems.push(`${name} is there twice`);
    seen.add(keyOf(server));
    if (leaving.has(addressOf(server))) problems.push(`${name} is also in leaving`);
    if (server.hostgroup !== body.writerHostgroup && server.hostgroup !== body.readerHostgroup) {
      problems.push(`${name} is in neither of the group's hostgroups`);
    }
    problems.push(...checkValues(server).map((problem) => `${name}: ${problem}`));
  }
  const writers = body.servers.filter(
    (server) => server.hostgroup === body.writerHostgroup && server.status === 'ONLINE',
  );
  if (writers.length > 1) problems.push(`servers: ${writers.map(addressOf).join(' and ')} would both be writers`);
  return problems;
}

function checkValues(server: Server): string[] {
  const problems: string[] = [];
  if (server.status !== 'ONLINE' && server.status !== 'OFFLINE_SOFT') {
    problems.push(`status ${server.status} is neither ONLINE nor OFFLINE_SOFT`);
  }
  if (!isWholeIn(server.weight, 0, 10_000_000)) problems.push(`weight ${server.weight} is not 0 to 10000000`);
  if (!isWholeIn(server.maxConnections, 0, 2_147_483_647)) {
    problems.push(`max_connections ${server.maxConnections} is not 0 to 2147483647`);
  }
  if (!isWholeIn(server.maxReplicationLagSeconds, 0, 126_144_000)) {
    problems.push(`max_replication_lag ${server.maxReplicationLagSeconds} is not 0 to 126144000`);
  }
  if (server.comment.includes('\0')) problems.push('comment holds a NUL character');
  return problems;
}

function isWholeIn(value: number, min: number, max: number): boolean {
  return Number.isSafeInteger(value) && value >= min && value <= max;
}
