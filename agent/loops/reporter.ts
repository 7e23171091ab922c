import type { Clock } from '../../process/clock.ts';
import type { Component } from '../../process/lifecycle.ts';
import type { ServerReport, Welcome } from '../core/messages.ts';
import { pickChanged } from '../core/reports.ts';
import { AgentError } from '../errors.ts';
import type { AgentMetrics, ProxyAdmin } from '../ports.ts';
import type { Applier } from './applier.ts';
import type { Subscriber } from './subscriber.ts';

/** Without a stream there is no interval; then a look for one this often. */
const idleMs = 1000;
/** The stats table costs ProxySQL milliseconds: no faster, whatever a coordinator asks for. */
const intervalMinMs = 250;

export type ReporterDeps = {
  readonly admin: Pick<ProxyAdmin, 'readConnectionPool'>;
  readonly applier: Pick<Applier, 'hostgroups'>;
  readonly subscriber: Pick<Subscriber, 'welcome' | 'report'>;
  readonly metrics: AgentMetrics;
  readonly clock: Clock;
};

/** Reports the load of our servers at the coordinator's interval: all of them on a new stream, then what changed. */
export class Reporter implements Component {
  readonly name = 'reporter';
  readonly #deps: ReporterDeps;
  #sent: ReadonlyMap<string, ServerReport> = new Map();
  #sentTo: Welcome | null = null;
  #cancel: (() => void) | null = null;
  #isStopped = false;
  #running: Promise<void> = Promise.resolve();

  constructor(deps: ReporterDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#schedule();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel?.();
    await this.#running;
  }

  #schedule(): void {
    if (this.#isStopped) return;
    const { clock, subscriber } = this.#deps;
    const welcome = subscriber.welcome;
    const delayMs = welcome === null ? idleMs : Math.max(intervalMinMs, welcome.reportIntervalMs);
    this.#cancel = clock.setTimer(delayMs, () => {
      this.#running = this.#report().finally(() => {
        this.#schedule();
      });
    });
  }

  async #report(): Promise<void> {
    const { admin, applier, subscriber, metrics } = this.#deps;
    const welcome = subscriber.welcome;
    const hostgroups = applier.hostgroups();
    if (welcome === null || hostgroups.size === 0) return;
    try {
      const pool = await admin.readConnectionPool();
      if (subscriber.welcome !== welcome) return;
      const { changed, sent } = pickChanged(
        pool,
        new Map(),
        hostgroups,
        this.#sentTo === welcome ? this.#sent : new Map(),
      );
      if (changed.length > 0) subscriber.report(changed, []);
      this.#sent = sent;
      this.#sentTo = welcome;
    } catch (error) {
      // The applier meets the same fault, says so and retries; a missed report is made up by the next.
      if (!(error instanceof AgentError)) throw error;
      metrics.adminFailed(error.code);
    }
  }
}
