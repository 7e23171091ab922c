import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import { neededReads, type NeededReads } from '../core/leaving.ts';
import type { MonitorLog } from '../core/monitor-gate.ts';
import { askMonitor, type MonitorPast, notePast, withoutPast } from '../core/monitor-past.ts';
import { type PlanContext, planServers, type ServersPlan } from '../core/plan.ts';
import { noteShuns } from '../core/readers.ts';
import { rampKey } from '../core/slow-start.ts';
import type { GroupTarget } from '../core/snapshot.ts';
import type { ProxyState } from '../core/look.ts';
import { ofClusters, planStep, type Step } from '../core/step.ts';
import type { TlsOptions } from '../core/tls-params.ts';
import { indexRows, type RowIndex, type ViewIndex } from '../core/view.ts';
import type { AgentMetrics, ProxyAdmin } from '../ports.ts';

export type LookerDeps = {
  readonly admin: ProxyAdmin;
  readonly metrics: AgentMetrics;
  readonly clock: Clock;
  readonly log: Logger;
  readonly tls: TlsOptions;
};

/** Turns the proxy's tables into a plan: reads what the plan needs beside them, and remembers since when things are so. */
export class Looker {
  readonly #deps: LookerDeps;
  /** Monotonic, by group. */
  #readerOnlineSince: ReadonlyMap<string, number> = new Map();
  /** Monotonic, by key: when a server was last doubted. */
  #shunnedAt: ReadonlyMap<string, number> = new Map();
  /** Monotonic, by `rampKey`. */
  #rampSeenSince: ReadonlyMap<string, number> = new Map();
  #monitorPast: MonitorPast = new Map();
  /** How often the servers were loaded when we last looked or loaded; `null`: not known. */
  #loads: number | null = null;

  constructor(deps: LookerDeps) {
    this.#deps = deps;
  }

  /** Plans the next step. */
  async plan(
    targets: readonly GroupTarget[],
    state: ProxyState,
    groups: Pick<PlanContext, 'known' | 'unconfirmed'>,
  ): Promise<Step> {
    this.#noteLoads(state.loads);
    const nowMs = this.#deps.clock.monotonicMs();
    this.#noteRamps(targets, nowMs);
    this.#shunnedAt = noteShuns(this.#shunnedAt, state.runtime, nowMs);
    const wallMs = this.#deps.clock.nowMs();
    const context: PlanContext = {
      nowMs: wallMs,
      ...groups,
      readerOnlineMs: agesAt(this.#readerOnlineSince, nowMs),
      shunnedMs: agesAt(this.#shunnedAt, nowMs),
      rampSeenMs: agesAt(this.#rampSeenSince, nowMs),
    };
    const plan = planServers(targets, await this.#view(targets, state, wallMs), context);
    this.#noteReaders(plan, nowMs);
    return planStep(plan, state, this.#deps.tls);
  }

  /** Notes our own LOAD, or with `unsure` one that may have happened. */
  noteLoad(outcome: 'done' | 'unsure'): void {
    this.#loads = outcome === 'unsure' || this.#loads === null ? null : this.#loads + 1;
  }

  /** Forgets what a proxy did that was rebuilt. */
  forget(): void {
    this.#loads = null;
    this.#readerOnlineSince = this.#shunnedAt = this.#monitorPast = new Map();
  }

  /** The order matters: what runtime showed as OFFLINE_SOFT can only lose connections until they are read. */
  async #view(targets: readonly GroupTarget[], state: ProxyState, nowMs: number): Promise<ViewIndex> {
    const { admin } = this.#deps;
    const rows = indexRows(state);
    const needed = neededReads(targets, rows);
    const pool = needed.pool ? await admin.readConnectionPool() : null;
    const disk = needed.disk ? await admin.readDiskServers() : null;
    const monitor = await this.#readMonitor(targets, needed.warming, rows, nowMs);
    return { ...rows, siblings: ofClusters(state.siblings), pool, disk, monitor };
  }

  /** What the monitor found of those that wait for it, since they do. */
  async #readMonitor(
    targets: readonly GroupTarget[],
    warming: NeededReads['warming'],
    rows: RowIndex,
    nowMs: number,
  ): Promise<MonitorLog | null> {
    const asked = askMonitor(targets, warming, rows, nowMs);
    if (asked === null) {
      this.#monitorPast = new Map();
      return null;
    }
    const log = await this.#deps.admin.readMonitor([...asked.waiting, ...asked.coming], asked.sinceMs);
    this.#monitorPast = notePast(this.#monitorPast, asked, log, nowMs);
    return withoutPast(log, this.#monitorPast);
  }

  /** Somebody else's LOAD is no fault, but whoever looks for the cause of something wants to know of it. */
  #noteLoads(loads: number): void {
    if (this.#loads !== null && loads > this.#loads) {
      this.#deps.metrics.foreignLoaded(loads - this.#loads);
      this.#deps.log.info({ loads: loads - this.#loads }, 'somebody else loaded mysql servers');
    }
    this.#loads = loads;
  }

  #noteRamps(targets: readonly GroupTarget[], nowMs: number): void {
    const servers = targets.flatMap(({ body }) => (body.kind === 'removed' ? [] : body.servers));
    const keys = servers.filter(({ servingSinceMs }) => servingSinceMs > 0).map(rampKey);
    this.#rampSeenSince = new Map(keys.map((key) => [key, this.#rampSeenSince.get(key) ?? nowMs]));
  }

  #noteReaders(plan: ServersPlan, nowMs: number): void {
    const groups = plan.groups.filter(({ hasReader }) => hasReader).map(({ target }) => target.group);
    this.#readerOnlineSince = new Map(groups.map((group) => [group, this.#readerOnlineSince.get(group) ?? nowMs]));
  }
}

function agesAt(since: ReadonlyMap<string, number>, nowMs: number): ReadonlyMap<string, number> {
  return new Map([...since].map(([key, atMs]) => [key, nowMs - atMs]));
}
