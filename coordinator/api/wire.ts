import type { AbsentServer__Output } from '../../proto/gen/chester/v1/AbsentServer.ts';
import type { AckError__Output } from '../../proto/gen/chester/v1/AckError.ts';
import type { Ack__Output } from '../../proto/gen/chester/v1/Ack.ts';
import type { Column } from '../../proto/gen/chester/v1/Column.ts';
import type { CoordinatorMessage } from '../../proto/gen/chester/v1/CoordinatorMessage.ts';
import type { RemovingServer__Output } from '../../proto/gen/chester/v1/RemovingServer.ts';
import type { Row } from '../../proto/gen/chester/v1/Row.ts';
import type { Server } from '../../proto/gen/chester/v1/Server.ts';
import type { SlowStart as WireSlowStart } from '../../proto/gen/chester/v1/SlowStart.ts';
import type { Snapshot } from '../../proto/gen/chester/v1/Snapshot.ts';
import type { SlowStart } from '../core/agent-policy.ts';
import type { VoteReport } from '../core/ballots.ts';
import type { Published } from '../core/fleet-settings.ts';
import type { SnapshotParts, SnapshotServer } from '../core/snapshot.ts';
import type { TableRow } from '../core/table.ts';
import type { AgentAnswer } from '../core/subscription.ts';

/** Turns core's values into messages of chester.v1 and back. */

/** An agent that lists more than this is broken; the rest is cut. */
const listMax = 10_000;

/** Renders the update that carries a snapshot or a fleet's settings, or says that a group was removed. */
export function renderUpdate(published: Published, nonce: string): CoordinatorMessage {
  const { group, revision, hash } = published;
  if (published.kind === 'fleet') {
    const fleet = { variables: renderColumns(published.variables) };
    return { update: { nonce, group, revision, hash, fleet, body: 'fleet' }, message: 'update' };
  }
  const snapshot = published;
  const { writerHostgroup, readerHostgroup } = snapshot;
  const leaving = snapshot.leaving.map(({ hostname, port, sinceRevision }) => ({ hostname, port, sinceRevision }));
  if (snapshot.kind === 'removed') {
    const removed = { writerHostgroup, readerHostgroup, leaving };
    return { update: { nonce, group, revision, hash, removed, body: 'removed' }, message: 'update' };
  }
  const servers = snapshot.servers.map(renderServer);
  const body = { group, writerHostgroup, readerHostgroup, servers, leaving, ...renderParts(snapshot.parts) };
  return { update: { nonce, group, revision, hash, snapshot: body, body: 'snapshot' }, message: 'update' };
}

/** A snapshot that an earlier version stored has none either. */
function renderParts(parts: SnapshotParts | null | undefined): Partial<Snapshot> {
  if (parts === null || parts === undefined) return {};
  const { policy, certificates, clientCertificate, ruleIds } = parts;
  return {
    policy: { ...policy, slowStart: policy.slowStart && renderSlowStart(policy.slowStart) },
    certificates: [...certificates],
    clientCertificate,
    hostgroupAttributes: parts.hostgroupAttributes.map(renderRow),
    users: parts.users.map(renderRow),
    ruleIds,
    queryRules: parts.queryRules.map(renderRow),
  };
}

function renderSlowStart({ durationSeconds, initialPercent, curve }: SlowStart): WireSlowStart {
  return {
    durationSeconds,
    initialPercent,
    curve: curve === 'exponential' ? 'CURVE_EXPONENTIAL' : 'CURVE_LINEAR',
  };
}

/** Renders the answer to a group that the store does not know. The agent keeps its rows. */
export function renderUnknown(group: string, nonce: string): CoordinatorMessage {
  return { update: { nonce, group, revision: 0, hash: '', unknown: {}, body: 'unknown' }, message: 'update' };
}

/** Reads what an ACK or a group report says of addresses on their way out. */
export function readVotes(
  report: { readonly removing: RemovingServer__Output[]; readonly absent: AbsentServer__Output[] },
  proxyBoot: string,
): VoteReport {
  return {
    proxyBoot,
    removing: report.removing.slice(0, listMax).map(({ hostname, port }) => ({ hostname, port })),
    absent: report.absent.slice(0, listMax).map(({ hostname, port, revision }) => ({ hostname, port, revision })),
  };
}

/** Reads an ACK's verdict; null for a status that this version does not know. */
export function readAnswer(ack: Ack__Output): AgentAnswer | null {
  const error = readError(ack.error);
  switch (ack.status) {
    case 'ACK_STATUS_APPLIED':
      return { nonce: ack.nonce, status: 'APPLIED', error: null };
    case 'ACK_STATUS_REJECTED':
      return { nonce: ack.nonce, status: 'REJECTED', error };
    case 'ACK_STATUS_RETRYING':
      return { nonce: ack.nonce, status: 'RETRYING', error };
    default:
      return null;
  }
}

/** Reads why an agent refused something. */
export function readError(error: AckError__Output | null): { readonly code: string; readonly message: string } | null {
  return error === null ? null : { code: cut(error.code, 64), message: cut(error.message, 1000) };
}

function renderServer(server: SnapshotServer): Server {
  const { status, ...row } = server;
  return { ...row, status: status === 'ONLINE' ? 'SERVER_STATUS_ONLINE' : 'SERVER_STATUS_OFFLINE_SOFT' };
}

function renderRow(row: TableRow): Row {
  return { columns: renderColumns(row) };
}

/** Renders a row, column by column; one without a value is NULL. */
function renderColumns(row: TableRow): Column[] {
  return Object.entries(row).map(([name, value]) => (value === null ? { name } : { name, value }));
}

/** Shortens what an agent said. */
export function cut(text: string, charactersMax: number): string {
  return text.length > charactersMax ? `${text.slice(0, charactersMax - 1)}…` : text;
}
