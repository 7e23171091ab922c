import type { Ack__Output } from '../../proto/gen/chester/v1/Ack.ts';
import type { GroupReport__Output } from '../../proto/gen/chester/v1/GroupReport.ts';
import type { ServerReport__Output } from '../../proto/gen/chester/v1/ServerReport.ts';
import { hasSameServers, readServers, type ReportMessage } from './report-bytes.ts';
import { cut } from './wire.ts';

/** How a group goes on at one proxy, as its agent last told. */
export type GroupState = Pick<
  GroupReport__Output,
  'removing' | 'warming' | 'cordoned' | 'unmanaged' | 'writerFallback'
>;

/** A server as an agent last reported it, and what its counters come to. */
export type ReportedServer = ServerReport__Output & { queriesPerSecond: number };

/** The last answer that was no APPLIED. */
export type Nack = { readonly code: string; readonly message: string; readonly state: string; readonly atMs: number };

/** Kept of one agent: servers, groups, and entries of each of a group's lists. */
const serversMax = 5_000;
const groupsMax = 500;
const entriesMax = 100;
const detailMax = 300;

const nothing: GroupState = { removing: [], warming: [], cordoned: [], unmanaged: [], writerFallback: false };

type Reported = { readonly server: ReportedServer; atMs: number };

/** Servers as an agent sent them. The buffer is larger than what it holds, to be used again. */
type Unread = { buffer: Buffer; length: number; atMs: number };

const spareBytes = 64;
const nothingUnread: Unread = { buffer: Buffer.alloc(0), length: 0, atMs: 0 };

/**
 * What one agent last reported of its proxy, for people to see. Ten thousand agents with twenty servers each report two
 * hundred thousand servers an interval, and nobody looks: the newest report and the one before stay bytes for as long as
 * reports name the same servers, and are read when somebody asks.
 */
export class AgentReports {
  #newest: Unread | null = null;
  #before: Unread | null = null;
  readonly #servers = new Map<string, Reported>();
  /** The servers of the last report, by their place in it. */
  readonly #order: Reported[] = [];
  readonly #nacks = new Map<string, Nack>();
  #reportedAtMs = 0;
  readonly #groups = new Map<string, GroupState>();
  #clientsConnected: number | null = null;

  /** A server of which the newest report tells nothing new has had no queries since the one before. */
  get servers(): readonly ReportedServer[] {
    this.#read();
    return [...this.#servers.values()].map(({ server, atMs }) =>
      atMs < this.#reportedAtMs ? { ...server, queriesPerSecond: 0 } : { ...server },
    );
  }

  /** Null when every answer of this stream was APPLIED. */
  lastNack(group: string): Nack | null {
    return this.#nacks.get(group) ?? null;
  }

  /** Null when it was not reported yet. */
  get clientsConnected(): number | null {
    return this.#clientsConnected;
  }

  group(name: string): GroupState {
    return this.#groups.get(name) ?? nothing;
  }

  take(report: ReportMessage, atMs: number): void {
    this.#reportedAtMs = atMs;
    this.#clientsConnected = report.clientsConnected ?? this.#clientsConnected;
    if (report.serverBytes !== undefined) this.#keep(report.serverBytes, atMs);
    else if (report.servers.length > 0) {
      this.#read();
      this.#takeServers(report.servers, atMs);
    }
    for (const { group, ...state } of report.groups) this.#put(group, state);
  }

  /** An answer tells what drains, and nothing of the rest. */
  takeAck({ group, removing, status, error }: Ack__Output, atMs: number): void {
    if (removing.length > 0 || this.#groups.has(group)) this.#put(group, { ...this.group(group), removing });
    if (error === null || (!this.#nacks.has(group) && this.#nacks.size >= groupsMax)) return;
    const state = status === 'ACK_STATUS_REJECTED' ? 'REJECTED' : 'RETRYING';
    this.#nacks.set(group, { code: cut(error.code, 64), message: cut(error.message, 1000), state, atMs });
  }

  /** The proxy's memory was rebuilt: what was told of the earlier one is void. */
  forgetGroups(): void {
    this.#groups.clear();
  }

  /** Rates are of the two newest reports: what was before them is of no use when all name the same servers. */
  #keep(bytes: Buffer, atMs: number): void {
    const { buffer, length } = this.#newest ?? nothingUnread;
    if (length === 0 || !hasSameServers(buffer, bytes, length)) this.#read();
    const next = this.#before ?? { buffer: Buffer.alloc(0), length: 0, atMs };
    if (next.buffer.length < bytes.length) next.buffer = Buffer.allocUnsafeSlow(bytes.length + spareBytes);
    bytes.copy(next.buffer);
    next.length = bytes.length;
    next.atMs = atMs;
    this.#before = this.#newest;
    this.#newest = next;
  }

  #read(): void {
    for (const unread of [this.#before, this.#newest]) {
      if (unread !== null) this.#takeServers(readServers(unread.buffer.subarray(0, unread.length)), unread.atMs);
    }
    this.#before = null;
    this.#newest = null;
  }

  #takeServers(servers: readonly ServerReport__Output[], atMs: number): void {
    for (const [index, server] of servers.entries()) this.#takeServer(index, server, atMs);
  }

  /** An agent reports its servers in one order: where the last one stood is looked first. */
  #takeServer(index: number, server: ServerReport__Output, atMs: number): void {
    const expected = this.#order[index];
    if (server.status !== 'ABSENT' && expected !== undefined && isSameServer(expected.server, server)) {
      advance(expected, server, atMs);
      return;
    }
    const id = `${server.hostgroup} ${server.hostname} ${server.port}`;
    if (server.status === 'ABSENT') {
      this.#servers.delete(id);
      this.#order.length = 0;
      return;
    }
    const known = this.#servers.get(id) ?? { server: { ...server, queriesPerSecond: 0 }, atMs };
    if (!this.#servers.has(id) && this.#servers.size >= serversMax) return;
    this.#servers.set(id, known);
    advance(known, server, atMs);
    if (index <= this.#order.length) this.#order[index] = known;
  }

  #put(group: string, { removing, warming, cordoned, unmanaged, writerFallback }: GroupState): void {
    if (!this.#groups.has(group) && this.#groups.size >= groupsMax) return;
    this.#groups.set(group, {
      removing: removing.slice(0, entriesMax).map(withShortDetail),
      warming: warming.slice(0, entriesMax).map(withShortDetail),
      cordoned: cordoned.slice(0, entriesMax),
      unmanaged: unmanaged.slice(0, entriesMax),
      writerFallback,
    });
  }
}

function isSameServer(one: ServerReport__Output, other: ServerReport__Output): boolean {
  return one.hostgroup === other.hostgroup && one.port === other.port && one.hostname === other.hostname;
}

/** Takes a report of a server that is known. */
function advance(known: Reported, server: ServerReport__Output, atMs: number): void {
  const seconds = (atMs - known.atMs) / 1000;
  // Two reports of one moment have no rate, and a counter that went back began anew.
  const grown = server.queries - known.server.queries;
  if (seconds > 0) known.server.queriesPerSecond = Math.max(0, grown) / seconds;
  known.atMs = atMs;
  takeReport(known.server, server);
}

function takeReport(server: ReportedServer, report: ServerReport__Output): void {
  if (server.status !== report.status) server.status = report.status;
  server.connUsed = report.connUsed;
  server.connFree = report.connFree;
  server.connErr = report.connErr;
  server.queries = report.queries;
  server.latencyMicros = report.latencyMicros;
  if (report.lagMs === undefined) delete server.lagMs;
  else server.lagMs = report.lagMs;
}

function withShortDetail<T extends { readonly detail: string }>(entry: T): T {
  return { ...entry, detail: cut(entry.detail, detailMax) };
}
