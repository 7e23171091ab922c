import { type CordonVerdict, judgeCordon } from './cordons.ts';
import { type ForeignPending, pendingServer } from './foreign.ts';
import { isOf, type Mark, parseMark, withMark } from './marks.ts';
import { passMonitorGate, type Warming } from './monitor-gate.ts';
import type { Hold, PlanContext, WantedRow } from './plan.ts';
import { isServing, isWrittenEqual, keyOf, type ServerKey, type ServerRow, unnamedColumns } from './rows.ts';
import { type Ramp, rampKey, rampWeight } from './slow-start.ts';
import type { GroupTarget, Server, SnapshotBody } from './snapshot.ts';
import type { ViewIndex } from './view.ts';

/** What the rows that a snapshot names should be on this proxy, now. */
export type DesiredPlan = {
  readonly rows: readonly WantedRow[];
  /** Rows of ours that are left as they stand. */
  readonly held: readonly ServerKey[];
  readonly hold: Hold | null;
  readonly warming: readonly Warming[];
  readonly cordoned: readonly Cordoned[];
  /** A person's OFFLINE on our rows that was not loaded. */
  readonly pending: readonly ForeignPending[];
  /** Wall clock at which something changes by itself. */
  readonly wakeAtMs: number | null;
};

/** A server that a person took out of service on this proxy. */
export type Cordoned = ServerKey & { readonly status: string; readonly expiresAtMs: number };

/** What one row becomes. */
type Decision = {
  readonly want: ServerRow | null;
  /** The row's own next step, no drift. */
  readonly isStep?: boolean;
  readonly isHeld?: boolean;
  readonly hold?: Hold | null;
  readonly warming?: Warming | null;
  readonly cordoned?: Cordoned;
  readonly pending?: ForeignPending;
  readonly wakeAtMs?: number | null;
};

/** Plans the rows of `servers`: those that the snapshot names, or one more of the same group. */
export function planDesired(
  { group, body }: GroupTarget,
  servers: readonly Server[],
  index: ViewIndex,
  context: PlanContext,
): DesiredPlan {
  if (body.kind === 'removed') return { rows: [], ...nothingHeld };
  const decisions = servers.map((server) => {
    const found = findRows(group, server, index, context);
    return { key: server, decision: decide(body, server, found, { ...context, index }) };
  });
  const all = decisions.map(({ decision }) => decision);
  const wakes = all.flatMap(({ wakeAtMs }) => (wakeAtMs == null ? [] : [wakeAtMs]));
  return {
    rows: decisions.flatMap(({ key, decision: { want, isStep } }): WantedRow[] =>
      want === null ? [] : [{ key, want, cause: isStep ? 'step' : 'desired' }],
    ),
    held: decisions.filter(({ decision }) => decision.isHeld).map(({ key }) => key),
    hold: all.find(({ hold }) => hold != null)?.hold ?? null,
    warming: all.flatMap(({ warming }) => warming ?? []),
    cordoned: all.flatMap(({ cordoned }) => cordoned ?? []),
    pending: all.flatMap(({ pending }) => pending ?? []),
    wakeAtMs: wakes.length === 0 ? null : Math.min(...wakes),
  };
}

const nothingHeld = { held: [], hold: null, warming: [], cordoned: [], pending: [], wakeAtMs: null };

/** What stands under a server's key. */
type Found = {
  readonly inMemory: ServerRow | undefined;
  readonly inRuntime: ServerRow | undefined;
  /** The row in memory, when it is the group's, and its mark. */
  readonly mine: ServerRow | null;
  readonly mark: Mark | null;
  /** The mark in runtime, which says more when a crash fell between a write and its LOAD. */
  readonly runtimeMark: Mark | null;
};

/** Where the group was proven before, a row that the snapshot names is the group's whatever became of its comment. */
function findRows(group: string, server: Server, index: ViewIndex, { known }: PlanContext): Found {
  const inMemory = index.memory.get(keyOf(server));
  const inRuntime = index.runtime.get(keyOf(server));
  const mine = inMemory !== undefined && (known.has(group) || isOf(inMemory, group)) ? inMemory : null;
  const readMark = (row: ServerRow | null): Mark | null => (row === null ? null : parseMark(row.comment).mark);
  const runtimeMark = inRuntime !== undefined && isOf(inRuntime, group) ? readMark(inRuntime) : null;
  return { inMemory, inRuntime, mine, mark: readMark(mine), runtimeMark };
}

function decide(
  body: SnapshotBody,
  server: Server,
  found: Found,
  context: PlanContext & { readonly index: ViewIndex },
): Decision {
  const { mine, inRuntime, mark } = found;
  const want = buildRow(server, found.inMemory ?? inRuntime);
  if (mine !== null) {
    const cordonMs = body.policy.cordonSeconds * 1000;
    const verdict = judgeCordon(want, { inMemory: mine, inRuntime, mark }, cordonMs, context.nowMs);
    if (verdict.kind !== 'none') return keepCordon(server, mine, verdict);
  }
  if (want.status !== 'ONLINE') return { want: { ...want, comment: withMark(want.comment, { kind: 'ordered' }) } };
  const others = findOtherWriters(body, server, context.index);
  if (others.length > 0) return holdWriter(body, want, others, found.inMemory !== undefined);
  return serve(body, server, { want, found }, context);
}

/** Nothing is against the server's serving, but the monitor's word may be missing where one is needed. */
function serve(
  body: SnapshotBody,
  server: Server,
  { want, found }: { readonly want: ServerRow; readonly found: Found },
  { index, nowMs, rampSeenMs }: PlanContext & { readonly index: ViewIndex },
): Decision {
  const ramp = rampWeight(server, body, nowMs, rampSeenMs.get(rampKey(server)) ?? 0);
  const isGated = server.owned && server.hostgroup === body.readerHostgroup;
  const mark = found.mark?.kind === 'warming' ? found.mark : found.runtimeMark;
  const gate = isGated ? passMonitorGate(want, { inRuntime: found.inRuntime, mark }, index.monitor, nowMs) : null;
  // Its weight does not matter before it serves, and a ramp's every step would be a LOAD.
  if (gate?.warming != null) return { ...gate, isStep: isOwnStep(gate.want, found, ramp) };
  const ramped = { ...want, weight: ramp.weight };
  return { want: ramped, isStep: isOwnStep(ramped, found, ramp), wakeAtMs: ramp.nextAtMs };
}

/**
 * Whether the row differs from what stands only in what we change from time to time by ourselves. To end a cordon is
 * to repair what a person did, unless he did that himself.
 */
function isOwnStep(want: ServerRow, { mine, mark }: Found, ramp: Ramp): boolean {
  if (mine === null) return false;
  const byMark = mark === null ? {} : { comment: want.comment };
  const byTurn = mark === null || mark.kind === 'cordon' ? {} : { status: want.status };
  const byRamp = ramp.isRamping ? { weight: want.weight } : {};
  return isWrittenEqual({ ...mine, ...byMark, ...byTurn, ...byRamp }, want);
}

function keepCordon(server: Server, mine: ServerRow, verdict: Exclude<CordonVerdict, { kind: 'none' }>): Decision {
  if (verdict.kind === 'pending') return { want: null, isHeld: true, pending: pendingServer(mine, 'changed') };
  const { want, untilMs } = verdict;
  const { hostgroup, hostname, port } = server;
  const cordoned = { hostgroup, hostname, port, status: want.status, expiresAtMs: untilMs };
  return { want, isStep: true, cordoned, wakeAtMs: untilMs };
}

/** Other rows that still serve in the writer hostgroup, when `server` is about to become ONLINE there. */
function findOtherWriters(body: SnapshotBody, server: Server, index: ViewIndex): readonly ServerRow[] {
  if (server.hostgroup !== body.writerHostgroup) return [];
  if (isServing(index.runtime.get(keyOf(server)))) return [];
  const serving = [...index.memory.values(), ...index.runtime.values()].filter(
    (row) => row.hostgroup === server.hostgroup && keyOf(row) !== keyOf(server) && isServing(row),
  );
  return [...new Map(serving.map((row) => [keyOf(row), row])).values()];
}

/** A half-done earlier step may have written it: then the LOAD that takes the old one out must not bring it in. */
function holdWriter(body: SnapshotBody, want: ServerRow, others: readonly ServerRow[], isWritten: boolean): Decision {
  const out = { ...want, status: 'OFFLINE_SOFT', comment: withMark(want.comment, { kind: 'waiting' }) };
  return { want: isWritten ? out : null, isHeld: true, hold: describeWriterHold(body, want, others) };
}

/** Only a row that no snapshot takes out holds the new writer for longer than one step. */
function describeWriterHold(body: SnapshotBody, want: ServerRow, others: readonly ServerRow[]): Hold | null {
  if (body.policy.adoptExisting) return null;
  const named = new Set<string>();
  for (const one of body.servers) named.add(keyOf(one));
  for (const one of body.leaving) named.add(keyOf({ ...one, hostgroup: want.hostgroup }));
  const stranger = others.find((row) => !named.has(keyOf(row)));
  if (stranger === undefined) return null;
  const message =
    `mysql_servers: hostgroup ${keyOf(stranger)} serves as writer and no snapshot names it; ` +
    `${want.hostname}:${want.port} has to wait`;
  return { code: 'WRITER_TAKEN', message };
}

function buildRow(server: Server, existing: ServerRow | undefined): ServerRow {
  return {
    hostgroup: server.hostgroup,
    hostname: server.hostname,
    port: server.port,
    gtidPort: existing?.gtidPort ?? unnamedColumns.gtidPort,
    status: server.status,
    weight: server.weight,
    compression: existing?.compression ?? unnamedColumns.compression,
    maxConnections: server.maxConnections,
    maxReplicationLagSeconds: server.maxReplicationLagSeconds,
    useSsl: server.useSsl,
    maxLatencyMs: existing?.maxLatencyMs ?? unnamedColumns.maxLatencyMs,
    comment: server.comment,
  };
}
