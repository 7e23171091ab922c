import type { AgentMessage__Output } from '../../proto/gen/chester/v1/AgentMessage.ts';
import type { Report__Output } from '../../proto/gen/chester/v1/Report.ts';
import type { ServerReport__Output } from '../../proto/gen/chester/v1/ServerReport.ts';
import { readVarint, varintEnd } from './varint.ts';

/**
 * Reports are mostly counters of servers that nobody looks at before the next ones come. Of a report whose servers stand
 * as every encoder writes them, they stay bytes: their structure is checked here, they are read when somebody asks.
 * Anything else is decoded at once.
 */

/** A report, and its servers as bytes where they were not decoded: entries of field 1, one behind the other. */
export type ReportMessage = Report__Output & { readonly serverBytes?: Buffer };

type Decode = (bytes: Buffer) => AgentMessage__Output;

const tag = { report: 0x1a, server: 0x0a, proxyBoot: 0x1a, clients: 0x20 } as const;
/** What says which server it is: hostgroup, hostname, port, status. */
const identityTags = [0x08, 0x12, 0x18, 0x22] as const;
const counterTags = { first: 0x28, last: 0x50 } as const;
/** The number of the last field, which may be missing. */
const fieldMax = 10;
/** Of a number of 32 bits. */
const shortVarintBytesMax = 5;
/** Of one agent, of which two reports are kept. More is decoded at once, which keeps a bounded number of servers. */
const serverBytesMax = 512 * 1024;

/** Reads a message of an agent. `decode` reads whatever is no plain report. @throws {Error} when it can be no message. */
export function readAgentMessage(bytes: Buffer, decode: Decode): AgentMessage__Output {
  const servers = findServers(bytes);
  if (servers === null) return decode(bytes);
  const serverBytes = bytes.subarray(servers.start, servers.end);
  const rest = readRest(bytes, servers.end, serverBytes);
  if (rest !== null) return { report: rest };
  const message = decode(wrapReport(bytes.subarray(servers.end)));
  const { report } = message;
  if (report === null || report === undefined) return decode(bytes);
  const lazy: ReportMessage = { ...report, serverBytes };
  return { ...message, report: lazy };
}

/** A report whose servers stay bytes; null when more stands behind them than nearly every report has: groups go on in few. */
function readRest(bytes: Buffer, start: number, serverBytes: Buffer): ReportMessage | null {
  let at = start;
  let proxyBoot = '';
  if (bytes[at] === tag.proxyBoot) {
    const textStart = varintEnd(bytes, at + 1, bytes.length);
    if (textStart < 0) return null;
    at = textStart + readVarint(bytes, at + 1);
    if (at > bytes.length) return null;
    proxyBoot = bytes.toString('utf8', textStart, at);
  }
  if (at === bytes.length) return { servers: [], groups: [], proxyBoot, serverBytes };
  const end = varintEnd(bytes, at + 1, bytes.length);
  if (bytes[at] !== tag.clients || end !== bytes.length || end - at - 1 > shortVarintBytesMax) return null;
  const clientsConnected = readVarint(bytes, at + 1) >>> 0;
  return { servers: [], groups: [], proxyBoot, clientsConnected, serverBytes };
}

/** Reads servers whose structure was checked. */
export function readServers(bytes: Buffer): ServerReport__Output[] {
  const servers: ServerReport__Output[] = [];
  for (let at = 0; at < bytes.length; at = entryEnd(bytes, at)) {
    servers.push(readServer(bytes, bodyStart(bytes, at), entryEnd(bytes, at)));
  }
  return servers;
}

function readServer(bytes: Buffer, start: number, end: number): ServerReport__Output {
  const texts = ['', '', '', '', ''];
  const numbers = new Float64Array(fieldMax + 1);
  let hasLag = false;
  for (let at = start; at < end;) {
    const field = (bytes[at] ?? 0) >>> 3;
    const isText = (bytes[at] ?? 0) % 8 !== 0;
    const value = readVarint(bytes, at + 1);
    at = varintEnd(bytes, at + 1, end);
    if (isText) {
      texts[field] = bytes.toString('utf8', at, at + value);
      at += value;
    } else numbers[field] = value;
    hasLag ||= field === fieldMax;
  }
  const [, , hostname, , status] = texts as [string, string, string, string, string];
  const [, hostgroup, , port, , connUsed, connFree, connErr, queries, latencyMicros, lagMs] =
    numbers as unknown as Numbers;
  const short = { hostgroup: hostgroup >>> 0, port: port >>> 0, connUsed: connUsed >>> 0, connFree: connFree >>> 0 };
  const server = { ...short, hostname, status, connErr, queries, latencyMicros };
  return hasLag ? { ...server, lagMs } : server;
}

/** By the numbers of their fields. */
type Numbers = readonly [number, number, number, number, number, number, number, number, number, number, number];

/** Makes the bytes of a message of what stands in its report. */
function wrapReport(content: Buffer): Buffer {
  const head: number[] = [tag.report];
  let rest = content.length;
  for (; rest > 0x7f; rest >>>= 7) head.push((rest & 0x7f) | 0x80);
  head.push(rest);
  return Buffer.concat([Buffer.from(head), content]);
}

/** Whether two lists name the same servers, with the same status, in the same order; their counters may differ. */
export function hasSameServers(one: Buffer, other: Buffer, oneEnd = one.length): boolean {
  const otherEnd = other.length;
  let at = 0;
  let otherAt = 0;
  while (at < oneEnd && otherAt < otherEnd) {
    const start = bodyStart(one, at);
    const otherStart = bodyStart(other, otherAt);
    const end = start + readVarint(one, at + 1);
    const otherNext = otherStart + readVarint(other, otherAt + 1);
    const length = identityEnd(one, start, end) - start;
    for (let index = 0; index < length; index += 1) if (one[start + index] !== other[otherStart + index]) return false;
    // What goes on behind must not belong to its name.
    if (otherStart + length > otherNext || isIdentityAt(other, otherStart + length, otherNext)) return false;
    at = end;
    otherAt = otherNext;
  }
  return at === oneEnd && otherAt === otherEnd;
}

function isIdentityAt(bytes: Buffer, at: number, end: number): boolean {
  return at < end && (bytes[at] ?? 0) < counterTags.first;
}

/** Where the servers stand in a message that is a report; null when it is none, or none of the plain ones. */
function findServers(bytes: Buffer): { readonly start: number; readonly end: number } | null {
  if (bytes[0] !== tag.report) return null;
  const start = varintEnd(bytes, 1, bytes.length);
  if (start < 0 || start + readVarint(bytes, 1) !== bytes.length) return null;
  let end = start;
  while (end < bytes.length && bytes[end] === tag.server) {
    const next = checkedEntryEnd(bytes, end);
    if (next < 0) return null;
    end = next;
  }
  return end === start || end - start > serverBytesMax ? null : { start, end };
}

/** Where an entry ends whose fields are known and stand in their order, each at most once; -1 when it is another. */
function checkedEntryEnd(bytes: Buffer, at: number): number {
  const start = varintEnd(bytes, at + 1, bytes.length);
  if (start < 0) return -1;
  const end = start + readVarint(bytes, at + 1);
  if (end > bytes.length) return -1;
  let next = identityEnd(bytes, start, end);
  let last = 0;
  while (next >= 0 && next < end) {
    const found = bytes[next] ?? 0;
    if (found <= last || found % 8 !== 0 || found < counterTags.first || found > counterTags.last) return -1;
    last = found;
    next = varintEnd(bytes, next + 1, end);
  }
  return next;
}

/** Where the fields end that say which server it is; -1 when they are cut off. */
function identityEnd(bytes: Buffer, start: number, end: number): number {
  let at = start;
  for (const expected of identityTags) {
    if (at >= end || bytes[at] !== expected) continue;
    const next = varintEnd(bytes, at + 1, end);
    if (next < 0) return -1;
    at = expected % 8 === 0 ? next : next + readVarint(bytes, at + 1);
    if (at > end) return -1;
  }
  return at;
}

function bodyStart(bytes: Buffer, at: number): number {
  return varintEnd(bytes, at + 1, bytes.length);
}

function entryEnd(bytes: Buffer, at: number): number {
  return bodyStart(bytes, at) + readVarint(bytes, at + 1);
}
