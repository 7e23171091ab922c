import { type Clock, sleep } from '../../process/clock.ts';
import type { Component } from '../../process/lifecycle.ts';
import type { Logger } from '../../process/log.ts';
import { planInjection } from '../core/injection.ts';
import { readText } from '../core/json.ts';
import { mark, type Marked, readFleetWish } from '../core/marks.ts';
import type { ClusterCapabilities, InjectionSettings } from '../core/settings.ts';
import { InjectorError } from '../errors.ts';
import type { Cluster, InjectorMetrics, LivePod } from '../ports.ts';

/** Pods that people were told about; beyond this many it begins anew, and they are told again. */
const toldMax = 10_000;

export type MissedPodsDeps = {
  readonly cluster: Cluster;
  readonly metrics: InjectorMetrics;
  readonly clock: Clock;
  readonly log: Logger;
  readonly settings: InjectionSettings;
  readonly capabilities: () => ClusterCapabilities;
};

/**
 * Finds pods that ask for an agent and run without one: while no injector answers, the API server lets them through
 * (failurePolicy Ignore), and what the injector itself could not do was only a warning to whoever created the pod.
 */
export class MissedPods implements Component {
  readonly name = 'missed-pods';
  readonly #deps: MissedPodsDeps;
  readonly #intervalMs: number;
  readonly #told = new Set<string>();
  readonly #stopped = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(deps: MissedPodsDeps, intervalMs: number) {
    this.#deps = deps;
    this.#intervalMs = intervalMs;
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { clock, log } = this.#deps;
    const { signal } = this.#stopped;
    for (;;) {
      await sleep(clock, this.#intervalMs, signal);
      if (signal.aborted) return;
      try {
        await this.look();
      } catch (error) {
        if (!(error instanceof InjectorError)) throw error;
        log.warn({ code: error.code, reason: error.message }, 'pods not looked at');
      }
    }
  }

  /** Looks once at all marked pods, and all pods of marked namespaces. @throws {InjectorError} */
  async look(): Promise<void> {
    const { cluster, metrics } = this.#deps;
    const namespaces = await cluster.listNamespaces();
    const counts = new Map<string, number>();
    const count = async (pods: AsyncIterable<LivePod>): Promise<void> => {
      for await (const pod of pods) {
        const missing = this.#judge(pod, namespaces.get(pod.namespace) ?? null);
        if (missing === null) continue;
        counts.set(missing.reason, (counts.get(missing.reason) ?? 0) + 1);
        await this.#tell(pod, missing.message);
      }
    };
    await count(cluster.listPods({ namespace: null, labelSelector: mark.fleet }));
    for (const [namespace, marked] of namespaces) {
      const isMarked = readFleetWish({ labels: undefined, annotations: undefined }, marked).kind !== 'none';
      if (isMarked) await count(cluster.listPods({ namespace, labelSelector: `!${mark.fleet}` }));
    }
    metrics.setMissing(counts);
  }

  /** Says why a pod runs without the agent that it asks for; `null` when it is as it should be, or about to end. */
  #judge({ pod }: LivePod, namespace: Marked | null): { readonly reason: string; readonly message: string } | null {
    const { settings, capabilities } = this.#deps;
    const isEnding = readText(pod, 'metadata', 'deletionTimestamp') !== '';
    if (isEnding || ['Succeeded', 'Failed'].includes(readText(pod, 'status', 'phase'))) return null;
    const injection = planInjection({ pod, namespace, settings, capabilities: capabilities(), drainToken: '' });
    if (injection.outcome === 'injected') {
      return { reason: 'missed', message: 'started without the agent, while no injector answered; create it anew' };
    }
    const { reason, warnings } = injection;
    return warnings.length === 0 || reason === 'hasAgent' ? null : { reason, message: warnings.join('; ') };
  }

  async #tell(pod: LivePod, message: string): Promise<void> {
    const about = `${pod.uid} ${message}`;
    if (this.#told.has(about)) return;
    if (this.#told.size >= toldMax) this.#told.clear();
    this.#told.add(about);
    const { cluster, log } = this.#deps;
    log.warn({ namespace: pod.namespace, pod: pod.name, reason: message }, 'pod without its agent');
    try {
      await cluster.tellAbout(pod, 'AgentNotInjected', message.slice(0, 1000));
    } catch (error) {
      if (!(error instanceof InjectorError)) throw error;
      // One pod that nothing can be said of, as in a namespace that ends, must not hide the others.
      if (error.code === 'CLUSTER_UNAVAILABLE') this.#told.delete(about);
      log.warn({ namespace: pod.namespace, code: error.code, reason: error.message }, 'event not written');
    }
  }
}
