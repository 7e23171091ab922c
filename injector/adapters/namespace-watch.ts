import {
  CoreV1Api,
  type Informer,
  type KubeConfig,
  makeInformer,
  type ObjectCache,
  type V1Namespace,
} from '@kubernetes/client-node';
import { type Clock, sleep } from '../../process/clock.ts';
import type { Component } from '../../process/lifecycle.ts';
import type { Marked } from '../core/marks.ts';
import type { Cluster, InjectorMetrics, Namespaces } from '../ports.ts';
import { deadline } from './kubernetes.ts';

/** A watch that fell silent looks like one without news: it is begun anew this often. */
const renewMs = 300_000;
const retryMs = 2000;
/** A watch that is stopped says so a moment later, and would take its successor for itself. */
const settleMs = 100;

export type NamespaceWatchDeps = {
  readonly config: KubeConfig;
  readonly cluster: Cluster;
  readonly metrics: InjectorMetrics;
  readonly clock: Clock;
  /** For the list that a watch begins with: one without an answer would be waited for, and no other begun. */
  readonly listDeadlineMs: number;
};

/** Knows all namespaces' marks by watching them; asks about one that it has not heard of. */
export class NamespaceWatch implements Namespaces, Component {
  readonly name = 'namespaces';
  readonly #deps: NamespaceWatchDeps;
  readonly #informer: Informer<V1Namespace> & ObjectCache<V1Namespace>;
  readonly #stopped = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #failed: () => void = () => undefined;

  constructor(deps: NamespaceWatchDeps) {
    this.#deps = deps;
    const core = deps.config.makeApiClient(CoreV1Api);
    const list = () => core.listNamespace({}, deadline(deps.listDeadlineMs));
    this.#informer = makeInformer(deps.config, '/api/v1/namespaces', list);
    this.#informer.on('error', () => {
      this.#failed();
    });
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#failed();
    await this.#informer.stop();
    await this.#running;
  }

  async marksOf(name: string): Promise<Marked | null> {
    const metadata = this.#informer.get(name)?.metadata;
    if (metadata !== undefined) return { labels: metadata.labels, annotations: metadata.annotations };
    return this.#deps.cluster.readNamespace(name);
  }

  async #run(): Promise<void> {
    const { clock, metrics } = this.#deps;
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      const broken = new AbortController();
      this.#failed = () => {
        broken.abort();
      };
      await this.#informer.start().catch(this.#failed);
      await sleep(clock, renewMs, broken.signal);
      if (this.#stopped.signal.aborted) return;
      if (broken.signal.aborted) metrics.clusterFailed('watch');
      await this.#informer.stop();
      await sleep(clock, broken.signal.aborted ? retryMs : settleMs, signal);
    }
  }
}
