import type { Clock } from '../../process/clock.ts';
import type { Component } from '../../process/lifecycle.ts';
import type { ServerReport, Welcome } from '../core/messages.ts';
import { pickChanged } from '../core/reports.ts';
import { AgentError } from '../errors.ts';
import type { AgentMetrics, ProxyAdmin } from '../ports.ts';
import type { Applier } from './applier.ts';
import type { Subscriber } from './subscriber.ts';

/** How often the statuses are looked at, as long as that costs the proxy little. */
const watchMs = 2000;
/** At most this share of a proxy's time is spent on looking at statuses. */
const watchShare = 0.01;
/** But once within this time, whatever the last look took: the agent or its proxy may have stood still meanwhile. */
const watchMaxMs = 30_000;
/** The stats tables cost ProxySQL milliseconds: no faster, whatever a coordinator asks for. */
const reportMinMs = 250;
/** Clients are counted no more often than this. */
const clientsEveryMs = 30_000;

export type ReporterDeps = {
  readonly admin: Pick<ProxyAdmin, 'readStatuses' | 'readConnectionPool' | 'readLag' | 'readClients'>;
  readonly applier: Pick<Applier, 'hostgroups' | 'check' | 'standings'>;
  readonly subscriber: Pick<Subscriber, 'welcome' | 'report'>;
  readonly metrics: AgentMetrics;
  readonly clock: Clock;
};

/**
 * Watches the statuses and the load of our servers. When a status changed, because ProxySQL took a server out or back,
 * or a server is gone, the proxy is looked at and the coordinator told at once; else the load is reported at the
 * coordinator's interval, all servers on a new stream, then what changed. What leaves is said again each time, gone or
 * not: a word of this agent's that reached a coordinator late, or that it could not store, is put right by the next.
 */
export class Reporter implements Component {
  readonly name = 'reporter';
  readonly #deps: ReporterDeps;
  #statuses: ReadonlyMap<string, string> | null = null;
  #sent: ReadonlyMap<string, ServerReport> = new Map();
  #sentTo: Welcome | null = null;
  /** Monotonic, as all of these. */
  #reportedAtMs: number;
  #countedAtMs = -Infinity;
  #cancel: (() => void) | null = null;
  #isStopped = false;
  #running: Promise<void> = Promise.resolve();

  constructor(deps: ReporterDeps) {
    this.#deps = deps;
    this.#reportedAtMs = deps.clock.monotonicMs();
  }

  start(): void {
    this.#schedule(0);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel?.();
    await this.#running;
  }

  #schedule(tookMs: number): void {
    if (this.#isStopped) return;
    const intervalMs = this.#deps.subscriber.welcome?.reportIntervalMs ?? watchMs;
    const delayMs = Math.max(reportMinMs, Math.min(watchMs, intervalMs), Math.min(watchMaxMs, tookMs / watchShare));
    this.#cancel = this.#deps.clock.setTimer(delayMs, () => {
      this.#running = this.#look().then((lookMs) => {
        this.#schedule(lookMs);
      });
    });
  }

  /** Returns how long the proxy took to tell its statuses. */
  async #look(): Promise<number> {
    const { admin, applier, subscriber, clock, metrics } = this.#deps;
    if (applier.hostgroups().size === 0) return 0;
    const startMs = clock.monotonicMs();
    try {
      const statuses = await admin.readStatuses();
      const tookMs = clock.monotonicMs() - startMs;
      const isTurned = this.#statuses !== null && hasTurned(this.#statuses, statuses);
      this.#statuses = statuses;
      if (isTurned) applier.check();
      const { welcome } = subscriber;
      const isDue = welcome !== null && clock.monotonicMs() - this.#reportedAtMs >= welcome.reportIntervalMs;
      if (welcome !== null && (isTurned || isDue)) await this.#report(welcome);
      return tookMs;
    } catch (error) {
      // The applier meets the same fault, says so and retries; a missed report is made up by the next.
      if (!(error instanceof AgentError)) throw error;
      metrics.adminFailed(error.code);
      return 0;
    }
  }

  async #report(welcome: Welcome): Promise<void> {
    const { admin, applier, subscriber, clock } = this.#deps;
    this.#reportedAtMs = clock.monotonicMs();
    const pool = await admin.readConnectionPool();
    const lag = await admin.readLag();
    const clients = await this.#countClients();
    if (subscriber.welcome !== welcome) return;
    const before = this.#sentTo === welcome ? this.#sent : new Map<string, ServerReport>();
    const { changed, sent } = pickChanged(pool, lag, applier.hostgroups(), before);
    const leaving = applier.standings().filter(({ removing, absent }) => removing.length + absent.length > 0);
    if (changed.length > 0 || clients !== null || leaving.length > 0) subscriber.report(changed, leaving, clients);
    this.#sent = sent;
    this.#sentTo = welcome;
  }

  /** `null` when it is too soon to ask again. */
  async #countClients(): Promise<number | null> {
    const nowMs = this.#deps.clock.monotonicMs();
    if (nowMs - this.#countedAtMs < clientsEveryMs) return null;
    this.#countedAtMs = nowMs;
    return this.#deps.admin.readClients();
  }
}

/** Whether a server that was there before is in another status now, or gone: PROXYSQL STOP and START cut no connection. */
function hasTurned(before: ReadonlyMap<string, string>, now: ReadonlyMap<string, string>): boolean {
  return [...before].some(([key, status]) => now.get(key) !== status);
}
