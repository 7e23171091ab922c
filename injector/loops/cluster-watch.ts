import { type Clock, sleep } from '../../process/clock.ts';
import type { Component } from '../../process/lifecycle.ts';
import type { Logger } from '../../process/log.ts';
import type { ClusterCapabilities } from '../core/settings.ts';
import { InjectorError } from '../errors.ts';
import type { Cluster } from '../ports.ts';

const intervalMs = 600_000;
const retryMs = 10_000;
/** From here on kubelet runs native sidecars; an older one would never start the pod. */
const sidecarVersion = 1029;
/** A kubelet is three minor versions behind at most. */
const sidecarVersionOfAnyNode = sidecarVersion + 3;

export type ClusterWatchDeps = { readonly cluster: Cluster; readonly clock: Clock; readonly log: Logger };

/** Knows what every node of the cluster can do; what is not known is not used. */
export class ClusterWatch implements Component {
  readonly name = 'cluster-watch';
  readonly #deps: ClusterWatchDeps;
  readonly #stopped = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #capabilities: ClusterCapabilities = { nativeSidecars: false };

  constructor(deps: ClusterWatchDeps) {
    this.#deps = deps;
  }

  get capabilities(): ClusterCapabilities {
    return this.#capabilities;
  }

  async start(): Promise<void> {
    const isKnown = await this.#look();
    this.#running = this.#run(isKnown);
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#running;
  }

  async #run(isKnownFirst: boolean): Promise<void> {
    const { signal } = this.#stopped;
    let isKnown = isKnownFirst;
    for (;;) {
      await sleep(this.#deps.clock, isKnown ? intervalMs : retryMs, signal);
      if (signal.aborted) return;
      isKnown = await this.#look();
    }
  }

  async #look(): Promise<boolean> {
    const { log } = this.#deps;
    try {
      const nativeSidecars = await this.#hasNativeSidecars();
      if (nativeSidecars !== this.#capabilities.nativeSidecars) log.info({ nativeSidecars }, 'cluster looked at');
      this.#capabilities = { nativeSidecars };
      return true;
    } catch (error) {
      if (!(error instanceof InjectorError)) throw error;
      log.warn({ code: error.code, reason: error.message }, "cluster's version not read");
      return false;
    }
  }

  async #hasNativeSidecars(): Promise<boolean> {
    const { cluster, log } = this.#deps;
    const server = await cluster.readVersion();
    if (server >= sidecarVersionOfAnyNode) return true;
    if (server < sidecarVersion) return false;
    try {
      return (await cluster.readOldestNode()) >= sidecarVersion;
    } catch (error) {
      if (!(error instanceof InjectorError) || error.code !== 'CLUSTER_FORBIDDEN') throw error;
      log.info({}, 'nodes may not be listed: agents become containers until the cluster is 1.32 or newer');
      return false;
    }
  }
}
