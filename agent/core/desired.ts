import { findAdopted, findUnnamed } from './adoption.ts';
import { type CordonVerdict, judgeCordon } from './cordons.ts';
import { type ForeignPending, pendingServer } from './foreign.ts';
import { isOf, type Mark, parseMark, withMark } from './marks.ts';
import { passMonitorGate, type Warming } from './monitor-gate.ts';
import type { Hold, PlanContext, WantedRow } from './plan.ts';
import { addressOf, isServing, isWrittenEqual, keyOf, type ServerKey, type ServerRow, unnamedColumns } from './rows.ts';
import { type Ramp, rampKey, rampWeight } from './slow-start.ts';
import { byKey, type GroupTarget, type Server, type SnapshotBody } from './snapshot.ts';
import { rowsIn, type ViewIndex } from './view.ts';

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
  target: GroupTarget,
  servers: readonly Server[],
  index: ViewIndex,
  context: PlanContext,
): DesiredPlan {
  const { body } = target;
  if (body.kind === 'removed' || servers.length === 0) return { rows: [], ...nothingHeld };
  const scope = { ...context, target, body, index };
  const rows: WantedRow[] = [];
  const apart: (Decision & { readonly key: Server })[] = [];
  for (const [id, key] of byKey(servers)) {
    const decision = decide(key, id, scope);
    if (decision.want !== null)
      rows.push({ key, id, want: decision.want, cause: decision.isStep ? 'step' : 'desired' });
    if (!isPlain(decision)) apart.push({ key, ...decision });
  }
  const wakes = apart.flatMap(({ wakeAtMs }) => wakeAtMs ?? []);
  return {
    rows,
    held: apart.filter(({ isHeld }) => isHeld).map(({ key }) => key),
    hold: apart.find(({ hold }) => hold != null)?.hold ?? null,
    warming: apart.flatMap(({ warming }) => warming ?? []),
    cordoned: apart.flatMap(({ cordoned }) => cordoned ?? []),
    pending: apart.flatMap(({ pending }) => pending ?? []),
    wakeAtMs: wakes.length === 0 ? null : Math.min(...wakes),
  };
}

const nothingHeld = { held: [], hold: null, warming: [], cordoned: [], pending: [], wakeAtMs: null };

/** Nothing is to be said of it but the row, as of nearly all. */
function isPlain({ isHeld, warming, wakeAtMs }: Decision): boolean {
  return isHeld !== true && warming == null && wakeAtMs == null;
}

type Scope = PlanContext & { readonly target: GroupTarget; readonly body: SnapshotBody; readonly index: ViewIndex };

/** What stands under a server's key. */
type Found = {
  readonly inMemory: ServerRow | undefined;
  readonly inRuntime: ServerRow | undefined;
  /** The row in memory, when it is the group's, and its mark. */
  readonly mine: ServerRow | null;
  readonly mark: Mark | null;
  /** The mark in runtime: what was loaded. */
  readonly runtimeMark: Mark | null;
};

/** Where the group was proven before, a row that the snapshot names is the group's whatever became of its comment. */
function findRows(id: string, { target: { group }, index, known }: Scope): Found {
  const [inMemory, inRuntime] = [index.memory.get(id), index.runtime.get(id)];
  const mine = inMemory !== undefined && (known.has(group) || isOf(inMemory, group)) ? inMemory : null;
  const readMark = (row: ServerRow | null): Mark | null => (row === null ? null : parseMark(row.comment).mark);
  const runtimeMark = inRuntime !== undefined && isOf(inRuntime, group) ? readMark(inRuntime) : null;
  return { inMemory, inRuntime, mine, mark: readMark(mine), runtimeMark };
}

function decide(server: Server, id: string, scope: Scope): Decision {
  const { body, nowMs } = scope;
  const found = findRows(id, scope);
  const { mine, inRuntime, mark } = found;
  const want = buildRow(server, found.inMemory ?? inRuntime);
  if (mine !== null) {
    const verdict = judgeCordon(want, { inMemory: mine, inRuntime, mark }, body.policy.cordonSeconds * 1000, nowMs);
    if (verdict.kind !== 'none') return keepCordon(server, mine, verdict);
  }
  if (want.status !== 'ONLINE') return { want: { ...want, comment: withMark(want.comment, { kind: 'ordered' }) } };
  const others = findOtherWriters(server, scope);
  if (others.length > 0) return holdWriter(want, others, found.inMemory !== undefined, scope);
  return serve(server, want, found, scope);
}

/** Nothing is against the server's serving, but the monitor's word may be missing where one is needed. */
function serve(server: Server, want: ServerRow, found: Found, { body, index, nowMs, rampSeenMs }: Scope): Decision {
  const ramp = rampWeight(server, body, nowMs, rampSeenMs.get(rampKey(server)) ?? 0);
  const isGated = server.owned && server.hostgroup === body.readerHostgroup;
  const gate = isGated ? passMonitorGate(want, found, index.monitor, nowMs) : null;
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
  const wakeAtMs = verdict.untilMs;
  if (verdict.kind === 'pending')
    return { want: null, isHeld: true, pending: pendingServer(mine, 'changed'), wakeAtMs };
  const { want, untilMs } = verdict;
  const { hostgroup, hostname, port } = server;
  const cordoned = { hostgroup, hostname, port, status: want.status, expiresAtMs: untilMs };
  return { want, isStep: true, cordoned, wakeAtMs };
}

/** Other rows that still serve in the writer hostgroup, when `server` is about to become ONLINE there. */
function findOtherWriters(server: Server, { body, index }: Scope): readonly ServerRow[] {
  if (server.hostgroup !== body.writerHostgroup) return [];
  if (isServing(index.runtime.get(keyOf(server)))) return [];
  const writers = [server.hostgroup];
  const rows = [...rowsIn(index, 'memory', writers), ...rowsIn(index, 'runtime', writers)];
  const serving = rows.filter((row) => keyOf(row) !== keyOf(server) && isServing(row));
  return [...new Map(serving.map((row) => [keyOf(row), row])).values()];
}

/** A half-done earlier step may have written it: then the LOAD that takes the old one out must not bring it in. */
function holdWriter(want: ServerRow, others: readonly ServerRow[], isWritten: boolean, scope: Scope): Decision {
  const out = { ...want, status: 'OFFLINE_SOFT', comment: withMark(want.comment, { kind: 'waiting' }) };
  return { want: isWritten ? out : null, isHeld: true, hold: describeWriterHold(want, others, scope) };
}

/** Only a row that this plan does not take out holds the new writer for longer than one step. */
function describeWriterHold(
  want: ServerRow,
  others: readonly ServerRow[],
  { target, body, index }: Scope,
): Hold | null {
  const unnamed = findUnnamed(target, new Set([body.writerHostgroup]), index);
  const going = new Set([...body.servers, ...findAdopted(target, unnamed, index)].map(keyOf));
  const leaving = new Set(body.leaving.map(addressOf));
  const stranger = others.find((row) => !going.has(keyOf(row)) && !leaving.has(addressOf(row)));
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
