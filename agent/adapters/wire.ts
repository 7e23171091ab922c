import type { AgentMessage as WireAgentMessage } from '../../proto/gen/chester/v1/AgentMessage.ts';
import type { CoordinatorMessage__Output as WireCoordinatorMessage } from '../../proto/gen/chester/v1/CoordinatorMessage.ts';
import type { GroupPolicy__Output as WirePolicy } from '../../proto/gen/chester/v1/GroupPolicy.ts';
import type { LeavingServer__Output as WireLeavingServer } from '../../proto/gen/chester/v1/LeavingServer.ts';
import type { Row__Output as WireRow } from '../../proto/gen/chester/v1/Row.ts';
import type { Server__Output as WireServer } from '../../proto/gen/chester/v1/Server.ts';
import type { SlowStart__Output as WireSlowStart } from '../../proto/gen/chester/v1/SlowStart.ts';
import type { Update__Output as WireUpdate } from '../../proto/gen/chester/v1/Update.ts';
import type { Ack, AgentMessage, CoordinatorMessage, GroupReport, Update } from '../core/messages.ts';
import type { Address } from '../core/rows.ts';
import type { GroupPolicy, LeavingServer, Server, SlowStart } from '../core/snapshot.ts';
import type { TableRow } from '../core/table.ts';

/** Renders a message for the wire, field by field: what core adds to a type never leaves by accident. */
export function renderAgentMessage(message: AgentMessage): WireAgentMessage {
  switch (message.kind) {
    case 'hello':
      return {
        hello: {
          agentId: message.agentId,
          bootId: message.bootId,
          cell: message.cell,
          fleet: message.fleet,
          podUid: message.podUid,
          proxysqlVersion: message.proxysqlVersion,
          proxyBoot: message.proxyBoot,
          known: [...message.known],
          maxEpoch: message.maxEpoch,
          refusal: message.refusal,
        },
      };
    case 'ack':
      return { ack: renderAck(message) };
    case 'report':
      return {
        report: {
          servers: message.servers.map((server) => ({
            hostgroup: server.hostgroup,
            hostname: server.hostname,
            port: server.port,
            status: server.status,
            connUsed: server.connUsed,
            connFree: server.connFree,
            connErr: server.connErr,
            queries: server.queries,
            latencyMicros: server.latencyMicros,
            ...(server.lagMs === null ? {} : { lagMs: server.lagMs }),
          })),
          groups: message.groups.map(renderGroupReport),
          proxyBoot: message.proxyBoot,
          ...(message.clientsConnected === null ? {} : { clientsConnected: message.clientsConnected }),
        },
      };
    case 'goodbye':
      return { goodbye: { clients: message.clients, paused: message.paused } };
  }
}

/** Parses what a coordinator sent; `null` for a message this agent does not know. */
export function parseCoordinatorMessage(message: WireCoordinatorMessage): CoordinatorMessage | null {
  if (message.welcome != null) return { kind: 'welcome', ...message.welcome };
  if (message.update != null) return { kind: 'update', ...parseUpdate(message.update) };
  if (message.syncDone != null) return { kind: 'syncDone' };
  if (message.bookmark != null) return { kind: 'bookmark', ...message.bookmark };
  if (message.reconnect != null) return { kind: 'reconnect', ...message.reconnect };
  return null;
}

function parseUpdate(update: WireUpdate): Update {
  const { nonce, group, revision, hash } = update;
  return { nonce, group, revision, hash, body: parseBody(update) };
}

function parseBody({ group, snapshot, removed, unknown, fleet }: WireUpdate): Update['body'] {
  if (snapshot != null) {
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
      clientCertificate: snapshot.clientCertificate,
      hostgroupAttributes: snapshot.hostgroupAttributes.map(parseRow),
      users: snapshot.users.map(parseRow),
      ruleIds: snapshot.ruleIds,
      queryRules: snapshot.queryRules.map(parseRow),
    };
  }
  if (removed != null) {
    const { writerHostgroup, readerHostgroup } = removed;
    return { kind: 'removed', writerHostgroup, readerHostgroup, leaving: removed.leaving.map(parseLeaving) };
  }
  if (fleet != null) return { kind: 'fleet', variables: parseRow({ columns: fleet.variables }) };
  return unknown == null
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
function parsePolicy(policy: WirePolicy | null): GroupPolicy {
  return {
    writerFallbackConnections: policy?.writerFallbackConnections ?? 0,
    slowStart: parseSlowStart(policy?.slowStart ?? null),
    adoptExisting: policy?.adoptExisting ?? false,
    endPinnedAfterSeconds: policy?.endPinnedAfterSeconds ?? 0,
    cordonSeconds: policy?.cordonSeconds ?? 0,
  };
}

function parseSlowStart(slowStart: WireSlowStart | null): SlowStart | null {
  if (slowStart === null) return null;
  const { durationSeconds, initialPercent, curve } = slowStart;
  return { durationSeconds, initialPercent, curve: curve === 'CURVE_EXPONENTIAL' ? 'EXPONENTIAL' : 'LINEAR' };
}

function parseRow(row: WireRow): TableRow {
  return Object.fromEntries(row.columns.map(({ name, value }) => [name, value ?? null]));
}

function parseLeaving({ hostname, port, sinceRevision }: WireLeavingServer): LeavingServer {
  return { hostname, port, sinceRevision };
}

function renderAck(ack: Ack): NonNullable<WireAgentMessage['ack']> {
  return {
    nonce: ack.nonce,
    group: ack.group,
    revision: ack.revision,
    status: `ACK_STATUS_${ack.status}`,
    runtimeHash: ack.runtimeHash,
    applyMicros: ack.applyMicros,
    removing: [...ack.removing],
    absent: [...ack.absent],
    error: ack.error,
  };
}

function renderGroupReport(report: GroupReport) {
  return {
    group: report.group,
    revision: report.revision,
    removing: [...report.removing],
    absent: [...report.absent],
    unmanaged: report.unmanaged.map(({ hostname, port }: Address) => ({ hostname, port })),
    warming: [...report.warming],
    cordoned: [...report.cordoned],
    writerFallback: report.isWriterFallback,
  };
}
