import type { Clock } from '../../process/clock.ts';
import type { Component } from '../../process/lifecycle.ts';
import { heartbeat } from '../core/ownership.ts';
import { AgentError } from '../errors.ts';
import type { AgentMetrics, ProxyAdmin } from '../ports.ts';
import type { ProxyWatch } from './proxy-watch.ts';

export type HeartbeatDeps = {
  readonly admin: Pick<ProxyAdmin, 'beatSentinel'>;
  readonly watch: Pick<ProxyWatch, 'proxy'>;
  readonly metrics: Pick<AgentMetrics, 'adminFailed'>;
  readonly clock: Clock;
};

/** Shows other agents that this one lives, in the ProxySQL that it manages. */
export class Heartbeat implements Component {
  readonly name = 'heartbeat';
  readonly #deps: HeartbeatDeps;
  readonly #bootId: string;
  #cancel: (() => void) | null = null;
  #isStopped = false;
  #running: Promise<void> = Promise.resolve();

  constructor(deps: HeartbeatDeps, bootId: string) {
    this.#deps = deps;
    this.#bootId = bootId;
  }

  start(): void {
    if (this.#isStopped) return;
    this.#cancel = this.#deps.clock.setTimer(heartbeat.intervalMs, () => {
      this.#running = this.#beat('alive').finally(() => {
        this.start();
      });
    });
  }

  /** Lets another agent take over at once. */
  async stop(): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#cancel?.();
    await this.#running;
    await this.#beat('ended');
  }

  async #beat(sign: 'alive' | 'ended'): Promise<void> {
    const { admin, watch, metrics } = this.#deps;
    if (watch.proxy === null) return;
    try {
      await admin.beatSentinel(this.#bootId, sign);
    } catch (error) {
      if (!(error instanceof AgentError)) throw error;
      // The applier meets the same fault and says so; the next beat is early enough.
      metrics.adminFailed(error.code);
    }
  }
}
