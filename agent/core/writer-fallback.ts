import { isOf } from './marks.ts';
import type { Warming } from './monitor-gate.ts';
import type { PlanContext } from './plan.ts';
import { canServe, doubtMs, findServing, afterLoad, type Written } from './readers.ts';
import { isServing, keyOf } from './rows.ts';
import { byKey, type GroupTarget, type Server, type SnapshotBody } from './snapshot.ts';
import type { ViewIndex } from './view.ts';

/** A server that goes waits this long for its successor's monitor, before the writer lets it go. */
const warmingMaxMs = 30_000;

export type FallbackPlan = {
  /** The writer as reader; `null`: there can be none. */
  readonly server: Server | null;
  /** When it is not, it goes like any row that is not named any more. */
  readonly isNeeded: boolean;
  /** A reader is ONLINE in runtime and stays so. */
  readonly hasReader: boolean;
  /** Wall clock at which it may come or go. */
  readonly wakeAtMs: number | null;
};

/** What becomes of the group's rows without a fallback. */
type Expected = {
  readonly written: Written;
  readonly warming: readonly Warming[];
  /** Keys of rows that should leave; they count as little as shunned ones. */
  readonly going: ReadonlySet<string>;
};

/**
 * Decides whether the writer stands in as a reader, with few connections: when no reader is ONLINE, by any cause, and
 * none comes with this very step.
 */
export function planFallback(
  { body, group }: GroupTarget,
  { written, warming, going }: Expected,
  index: ViewIndex,
  context: PlanContext,
): FallbackPlan {
  if (body.kind === 'removed') return { server: null, isNeeded: false, hasReader: true, wakeAtMs: null };
  const server = buildFallback(group, body, index);
  const own = server === null ? null : keyOf(server);
  const serving = findServing(body, index);
  const stays = (key: string): boolean => key !== own && !going.has(key) && canServe(afterLoad(written, index, key));
  const hasReader = serving.some((row) => stays(keyOf(row)));
  const plan = { server, isNeeded: false, hasReader, wakeAtMs: null };
  if (own === null) return plan;
  const isStandingIn = isServing(index.runtime.get(own));
  if (hasReader || isReaderComing(body, written, index)) {
    const leavesAtMs = findLeave(hasReader ? context.readerOnlineMs.get(group) : 0, context.nowMs);
    return isStandingIn && leavesAtMs !== null ? { ...plan, isNeeded: true, wakeAtMs: leavesAtMs } : plan;
  }
  const comesAtMs = isStandingIn || serving.length === 0 ? 0 : endOfPatience(warming);
  return comesAtMs > context.nowMs ? { ...plan, wakeAtMs: comesAtMs } : { ...plan, isNeeded: true };
}

/** Wall clock at which the writer may leave again; `null`: now. */
function findLeave(readerOnlineMs: number | undefined, nowMs: number): number | null {
  const onlineMs = readerOnlineMs ?? 0;
  return onlineMs >= doubtMs ? null : nowMs + doubtMs - onlineMs;
}

/** Until when those that should go can wait for those that warm up. */
function endOfPatience(warming: readonly Warming[]): number {
  return Math.max(0, ...warming.map(({ sinceMs }) => sinceMs + warmingMaxMs));
}

/** A row that this step brings into service. What memory holds as ONLINE and runtime as SHUNNED is no such one. */
function isReaderComing(body: SnapshotBody, written: Written, index: ViewIndex): boolean {
  return [...written].some(([key, want]) => {
    if (want?.hostgroup !== body.readerHostgroup || !canServe(want)) return false;
    const inRuntime = index.runtime.get(key);
    return !canServe(inRuntime) && inRuntime?.status !== 'SHUNNED';
  });
}

/** Least of all weights: what readers there are get nearly all. */
const fallbackWeight = 1;

/**
 * Builds what would stand in; `null` when there is none: switched off, no writer, or the writer is a reader anyway,
 * because the snapshot or somebody else says so.
 */
function buildFallback(group: string, body: SnapshotBody, index: ViewIndex): Server | null {
  const { writerFallbackConnections, adoptExisting } = body.policy;
  const writer = body.servers.find(
    ({ hostgroup, status }) => hostgroup === body.writerHostgroup && status === 'ONLINE',
  );
  if (writer === undefined || writerFallbackConnections === 0) return null;
  const key = keyOf({ ...writer, hostgroup: body.readerHostgroup });
  const standing = index.memory.get(key) ?? index.runtime.get(key);
  const isStrange = standing !== undefined && !isOf(standing, group) && !adoptExisting;
  if (isStrange || byKey(body.servers).has(key)) return null;
  return {
    ...writer,
    hostgroup: body.readerHostgroup,
    weight: fallbackWeight,
    maxConnections: writerFallbackConnections,
    maxReplicationLagSeconds: 0,
    comment: `chester ${group} fallback`,
    owned: false,
    servingSinceMs: 0,
  };
}
