import type {
  AgentMessage as WireAgentMessage,
  CoordinatorMessage as WireCoordinatorMessage,
  Update as WireUpdate,
} from '../../proto/codec/chester/v1/agent.ts';
import type {
  GroupPolicy as WirePolicy,
  LeavingServer as WireLeavingServer,
  Row as WireRow,
  Server as WireServer,
  SlowStart as WireSlowStart,
} from '../../proto/codec/chester/v1/snapshot.ts';
import type { AgentMessage, CoordinatorMessage, Update } from '../core/messages.ts';
import type { GroupPolicy, LeavingServer, Server, SlowStart } from '../core/snapshot.ts';
import type { TableRow } from '../core/table.ts';

/** Renders a message for the wire. The codec writes known fields only: what core adds to a type stays here. */
export function renderAgentMessage(message: AgentMessage): WireAgentMessage {
  switch (message.kind) {
    case 'hello':
      return { hello: { ...message, refusal: message.refusal ?? undefined } };
    case 'ack':
      return { ack: { ...message, status: `ACK_STATUS_${message.status}`, error: message.error ?? undefined } };
    case 'report':
      return {
        report: {
          servers: message.servers.map((server) => ({ ...server, lagMs: server.lagMs ?? undefined })),
          groups: message.groups.map((group) => ({ ...group, writerFallback: group.isWriterFallback })),
          proxyBoot: message.proxyBoot,
          clientsConnected: message.clientsConnected ?? undefined,
        },
      };
    case 'goodbye':
      return { goodbye: message };
  }
}

/** Parses what a coordinator sent; `null` for a message this agent does not know. */
export function parseCoordinatorMessage(message: WireCoordinatorMessage): CoordinatorMessage | null {
  if (message.welcome !== undefined) return { kind: 'welcome', ...message.welcome };
  if (message.update !== undefined) return { kind: 'update', ...parseUpdate(message.update) };
  if (message.syncDone !== undefined) return { kind: 'syncDone' };
  if (message.bookmark !== undefined) return { kind: 'bookmark', ...message.bookmark };
  if (message.reconnect !== undefined) return { kind: 'reconnect', ...message.reconnect };
  return null;
}

function parseUpdate(update: WireUpdate): Update {
  const { nonce, group, revision, hash } = update;
  return { nonce, group, revision, hash, body: parseBody(update) };
}

function parseBody({ group, snapshot, removed, unknown, fleet }: WireUpdate): Update['body'] {
  if (snapshot !== undefined) {
    if (snapshot.group !== group) {
      return { kind: 'unreadable', problem: `update is for ${group}, its snapshot for ${snapshot.group}` };
    }
    return {
      kind: 'snapshot',
      writerHostgroup: snapshot.writerHostgroup,
      readerHostgroup: snapshot.readerHostgroup,
      servers: snapshot.servers.map(parseServer),
      leaving: snapshot.leaving.map(parseLeaving),
      policy: parsePolicy(snapshot.policy),
      certificates: snapshot.certificates,
      clientCertificate: snapshot.clientCertificate ?? null,
      hostgroupAttributes: snapshot.hostgroupAttributes.map(parseRow),
      users: snapshot.users.map(parseRow),
      ruleIds: snapshot.ruleIds ?? null,
      queryRules: snapshot.queryRules.map(parseRow),
    };
  }
  if (removed !== undefined) {
    const { writerHostgroup, readerHostgroup } = removed;
    return { kind: 'removed', writerHostgroup, readerHostgroup, leaving: removed.leaving.map(parseLeaving) };
  }
  if (fleet !== undefined) return { kind: 'fleet', variables: parseRow({ columns: fleet.variables }) };
  return unknown === undefined
    ? { kind: 'unreadable', problem: 'update has no body that is known here' }
    : { kind: 'unknown' };
}

function parseServer(server: WireServer): Server {
  return {
    hostgroup: server.hostgroup,
    hostname: server.hostname,
    port: server.port,
    status: server.status.replace('SERVER_STATUS_', ''),
    weight: server.weight,
    maxConnections: server.maxConnections,
    maxReplicationLagSeconds: server.maxReplicationLagSeconds,
    useSsl: server.useSsl,
    comment: server.comment,
    instance: server.instance,
    owned: server.owned,
    servingSinceMs: server.servingSinceMs,
    caId: server.caId,
  };
}

/** What a coordinator that names no policy gets: nothing that it did not ask for. */
function parsePolicy(policy: WirePolicy | undefined): GroupPolicy {
  return {
    writerFallbackConnections: policy?.writerFallbackConnections ?? 0,
    slowStart: parseSlowStart(policy?.slowStart),
    adoptExisting: policy?.adoptExisting ?? false,
    endPinnedAfterSeconds: policy?.endPinnedAfterSeconds ?? 0,
    cordonSeconds: policy?.cordonSeconds ?? 0,
    ...(policy?.shadow === true ? { shadow: true } : {}),
  };
}

function parseSlowStart(slowStart: WireSlowStart | undefined): SlowStart | null {
  if (slowStart === undefined) return null;
  const { durationSeconds, initialPercent, curve } = slowStart;
  return { durationSeconds, initialPercent, curve: curve === 'CURVE_EXPONENTIAL' ? 'EXPONENTIAL' : 'LINEAR' };
}

function parseRow(row: WireRow): TableRow {
  return Object.fromEntries(row.columns.map(({ name, value }) => [name, value ?? null]));
}

function parseLeaving({ hostname, port, sinceRevision }: WireLeavingServer): LeavingServer {
  return { hostname, port, sinceRevision };
}
