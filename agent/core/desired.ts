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

/** Plans the rows that the snapshot names. */
export function planDesired(target: GroupTarget, index: ViewIndex, context: PlanContext): DesiredPlan {
  const { body } = target;
  const servers = body.kind === 'removed' ? [] : body.servers;
  const decisions = servers.map((server) => ({ key: server, decision: decide(target, server, index, context) }));
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

function decide(target: GroupTarget, server: Server, index: ViewIndex, context: PlanContext): Decision {
  const { body } = target;
  if (body.kind === 'removed') return { want: null };
  const ramp = rampWeight(server, body, context.nowMs, context.rampSeenMs.get(rampKey(server)) ?? 0);
  const found = find(target, server, index);
  const want = buildRow({ ...server, weight: ramp.weight }, found.inMemory ?? found.inRuntime);
  if (server.status !== 'ONLINE') return { want: { ...want, comment: withMark(want.comment, { kind: 'ordered' }) } };
  const { mine, inRuntime, mark } = found;
  if (mine !== null) {
    const { cordonSeconds } = body.policy;
    const verdict = judgeCordon(want, { inMemory: mine, inRuntime, mark }, cordonSeconds * 1000, context.nowMs);
    if (verdict.kind !== 'none') return keepCordon(server, mine, verdict);
  }
  const others = findOtherWriters(body, server, index);
  if (others.length > 0) return holdWriter(body, want, others, found.inMemory !== undefined);
  return serve(body, server, { want, found, ramp }, { index, nowMs: context.nowMs });
}

/** What stands under a server's key. */
type Found = {
  readonly inMemory: ServerRow | undefined;
  readonly inRuntime: ServerRow | undefined;
  /** The row in memory, when a snapshot of this group wrote it, and its mark. */
  readonly mine: ServerRow | null;
  readonly mark: Mark | null;
};

function find({ group }: GroupTarget, server: Server, index: ViewIndex): Found {
  const inMemory = index.memory.get(keyOf(server));
  const inRuntime = index.runtime.get(keyOf(server));
  const mine = inMemory !== undefined && isOf(inMemory, group) ? inMemory : null;
  return { inMemory, inRuntime, mine, mark: mine === null ? null : parseMark(mine.comment).mark };
}

/** Nothing is against the server's serving, but the monitor's word may be missing where one is needed. */
function serve(
  body: SnapshotBody,
  server: Server,
  { want, found, ramp }: { readonly want: ServerRow; readonly found: Found; readonly ramp: Ramp },
  { index, nowMs }: { readonly index: ViewIndex; readonly nowMs: number },
): Decision {
  const isStep = found.mark?.kind === 'warming' || isRampStep(want, found.mine, ramp);
  if (!server.owned || server.hostgroup !== body.readerHostgroup) return { want, isStep, wakeAtMs: ramp.nextAtMs };
  const passed = passMonitorGate(want, found, index.monitor, nowMs);
  return { ...passed, isStep, wakeAtMs: passed.warming === null ? ramp.nextAtMs : null };
}

function isRampStep(want: ServerRow, mine: ServerRow | null, ramp: Ramp): boolean {
  return mine !== null && ramp.isRamping && isWrittenEqual({ ...mine, weight: want.weight }, want);
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
