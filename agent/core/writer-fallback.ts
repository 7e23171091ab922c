import type { PlanContext, WantedRow } from './plan.ts';
import { isServing, keyOf, type ServerKey, type ServerRow, unnamedColumns } from './rows.ts';
import type { GroupTarget, Server, SnapshotBody } from './snapshot.ts';
import type { ViewIndex } from './view.ts';

/**
 * A reader has to be ONLINE this long before the writer leaves again: every LOAD un-shuns dead readers too, and
 * ProxySQL's monitor needs some 25 s to take one out that nobody asks.
 */
const readerBackMs = 30_000;

export type FallbackPlan = {
  /** The writer as reader; `null`: it is not needed, and goes like any row that is not named any more. */
  readonly row: WantedRow | null;
  /** A reader is ONLINE in runtime and stays so. */
  readonly hasReader: boolean;
  /** Wall clock at which it may go. */
  readonly wakeAtMs: number | null;
};

/**
 * Decides whether the writer stands in as a reader, with few connections: when no reader is ONLINE, by any cause, and
 * none comes with this very step.
 *
 * @param going Keys of rows that should leave; they count as little as shunned ones.
 */
export function planFallback(
  target: GroupTarget,
  rows: { readonly desired: readonly WantedRow[]; readonly going: ReadonlySet<string> },
  index: ViewIndex,
  context: PlanContext,
): FallbackPlan {
  const { body, group } = target;
  const none = { row: null, hasReader: true, wakeAtMs: null };
  if (body.kind === 'removed') return none;
  const key = fallbackKey(body);
  const connectionsMax = body.policy.writerFallbackConnections;
  const fallback = key && buildFallback(group, key, connectionsMax, index.memory.get(keyOf(key)));
  const readers = findReaders(body, rows, index).filter((row) => fallback === null || keyOf(row) !== keyOf(fallback));
  const isOnline = (row: ServerRow): boolean => index.runtime.get(keyOf(row))?.status === 'ONLINE';
  const hasReader = readers.some(isOnline);
  if (fallback === null) return { ...none, hasReader };
  const row: WantedRow = { key: fallback, want: fallback, cause: 'fallback' };
  const isNeeded = !readers.some((reader) => isOnline(reader) || !isServing(index.runtime.get(keyOf(reader))));
  if (isNeeded) return { row, hasReader, wakeAtMs: null };
  if (!isServing(index.runtime.get(keyOf(fallback)))) return { row: null, hasReader, wakeAtMs: null };
  const onlineMs = hasReader ? (context.readerOnlineMs.get(group) ?? 0) : 0;
  if (onlineMs >= readerBackMs) return { row: null, hasReader, wakeAtMs: null };
  return { row, hasReader, wakeAtMs: context.nowMs + readerBackMs - onlineMs };
}

/** The rows of the reader hostgroup that serve, or will after this step. */
function findReaders(
  body: SnapshotBody,
  { desired, going }: { readonly desired: readonly WantedRow[]; readonly going: ReadonlySet<string> },
  index: ViewIndex,
): readonly ServerRow[] {
  const named = new Map(desired.map(({ key, want }) => [keyOf(key), want]));
  const others = [...index.runtime.values()].filter((row) => !named.has(keyOf(row)) && !going.has(keyOf(row)));
  const wanted = [...named.values()].filter((row) => row !== null);
  return [...wanted, ...others].filter(
    (row) =>
      row.hostgroup === body.readerHostgroup && row.status === 'ONLINE' && row.weight > 0 && row.maxConnections > 0,
  );
}

/** Where the fallback would stand; `null` when there is none: switched off, no writer, or the writer is a reader anyway. */
export function fallbackKey(body: SnapshotBody): (ServerKey & { readonly writer: Server }) | null {
  const writer = body.servers.find(
    ({ hostgroup, status }) => hostgroup === body.writerHostgroup && status === 'ONLINE',
  );
  if (writer === undefined || body.policy.writerFallbackConnections === 0) return null;
  const key = { hostgroup: body.readerHostgroup, hostname: writer.hostname, port: writer.port, writer };
  return body.servers.some((server) => keyOf(server) === keyOf(key)) ? null : key;
}

/** Least of all weights: what readers there are get nearly all. */
const fallbackWeight = 1;

function buildFallback(
  group: string,
  { writer, ...key }: ServerKey & { readonly writer: Server },
  connectionsMax: number,
  existing: ServerRow | undefined,
): ServerRow {
  return {
    ...unnamedColumns,
    ...existing,
    ...key,
    status: 'ONLINE',
    weight: fallbackWeight,
    maxConnections: connectionsMax,
    maxReplicationLagSeconds: 0,
    useSsl: writer.useSsl,
    comment: `chester ${group} fallback`,
  };
}
