import type { Ack__Output } from '../../../proto/gen/chester/v1/Ack.ts';
import type { AgentMessage__Output } from '../../../proto/gen/chester/v1/AgentMessage.ts';
import type { GroupReport__Output } from '../../../proto/gen/chester/v1/GroupReport.ts';
import type { LeavingServer } from '../../../proto/gen/chester/v1/LeavingServer.ts';
import type { Server } from '../../../proto/gen/chester/v1/Server.ts';
import type { Update } from '../../../proto/gen/chester/v1/Update.ts';

/** Builds what a coordinator sends of the group `orders`, and picks what its agent answers. */
export function server(hostgroup: number, hostname: string, more: Partial<Server> = {}): Server {
  return {
    hostgroup,
    hostname,
    port: 3306,
    status: 'SERVER_STATUS_ONLINE',
    weight: 1000,
    maxConnections: 100,
    comment: 'chester orders replica',
    ...more,
  };
}

export const writer = server(10, '10.0.0.1', { comment: 'chester orders primary' });
export const [readerA, readerB] = [server(20, '10.0.0.2'), server(20, '10.0.0.3')];
export const hostgroups = { writerHostgroup: 10, readerHostgroup: 20 };

export function leaving({ hostname, port }: Server, sinceRevision: number): LeavingServer {
  return { hostname: hostname ?? '', port: port ?? 0, sinceRevision };
}

export function snapshot(revision: number, readers: readonly Server[], gone: readonly LeavingServer[] = []): Update {
  const body = { group: 'orders', ...hostgroups, servers: [writer, ...readers], leaving: [...gone] };
  return { nonce: `n${revision}`, group: 'orders', revision, hash: `h${revision}`, snapshot: body };
}

/** Picks the answer to a nonce that has this status. */
export function ack(nonce: string, status = 'APPLIED') {
  return (message: AgentMessage__Output): Ack__Output | null =>
    message.ack?.nonce === nonce && message.ack.status === `ACK_STATUS_${status}` ? message.ack : null;
}

/** Picks a group's report for which `wants` holds. */
export function groupReport(wants: (report: GroupReport__Output) => boolean) {
  return (message: AgentMessage__Output): GroupReport__Output | undefined => message.report?.groups.find(wants);
}

export const isAbsent =
  ({ hostname }: Server, revision: number) =>
  (report: GroupReport__Output): boolean =>
    report.absent.some((address) => address.hostname === hostname && address.revision === revision);
