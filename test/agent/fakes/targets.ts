import type { GroupPolicy, GroupTarget, LeavingServer, Server, SnapshotBody } from '../../../agent/core/snapshot.ts';

/** A server as a snapshot of the group `orders` names it. */
export function desired(hostgroup: number, hostname: string, more: Partial<Server> = {}): Server {
  return {
    hostgroup,
    hostname,
    port: 3306,
    status: 'ONLINE',
    weight: 1000,
    maxConnections: 100,
    maxReplicationLagSeconds: 0,
    useSsl: false,
    comment: 'chester orders replica',
    instance: '',
    owned: false,
    servingSinceMs: 0,
    caId: '',
    ...more,
  };
}

/** An address that has to go. */
export function gone(hostname: string, sinceRevision = 1): LeavingServer {
  return { hostname, port: 3306, sinceRevision };
}

/** Nothing that the agent does on its own. */
export const plainPolicy: GroupPolicy = {
  writerFallbackConnections: 0,
  slowStart: null,
  adoptExisting: false,
  endPinnedAfterSeconds: 0,
  cordonSeconds: 3600,
};

/** The group `orders`: writer hostgroup 10, reader hostgroup 20. */
export function target(
  servers: readonly Server[],
  leaving: readonly LeavingServer[] = [],
  more: Partial<GroupTarget> & { readonly hostgroups?: Partial<SnapshotBody> } = {},
): GroupTarget {
  const { hostgroups, ...rest } = more;
  const body: SnapshotBody = {
    kind: 'snapshot',
    writerHostgroup: 10,
    readerHostgroup: 20,
    servers,
    leaving,
    policy: plainPolicy,
    certificates: [],
    clientCertificate: null,
    hostgroupAttributes: [],
    users: [],
    ruleIds: null,
    queryRules: [],
    ...hostgroups,
  };
  return { group: 'orders', revision: 1, hash: 'h1', epoch: 1, body, ...rest };
}

/** `orders` deleted by its operator. */
export function removed(leaving: readonly LeavingServer[], more: Partial<GroupTarget> = {}): GroupTarget {
  const body = { kind: 'removed', writerHostgroup: 10, readerHostgroup: 20, leaving } as const;
  return { group: 'orders', revision: 2, hash: 'h2', epoch: 1, body, ...more };
}
