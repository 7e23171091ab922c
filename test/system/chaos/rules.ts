import { setTimeout as pause } from 'node:timers/promises';
import type { ChaosStage } from './stage.ts';

const lookMs = 250;
const writerHostgroup = 5;
const readerHostgroup = 10;
const readerlessMaxMs = 15_000;

/** Looks from outside all the time whether the rules hold, and remembers what broke them. */
export class RuleWatch {
  readonly violations: string[] = [];
  looks = 0;
  /** Looks that found nobody to decide. */
  withoutHolder = 0;
  ownedMax = 0;
  /** Looks at a proxy that had shunned every server, the writer too: it reaches no database, and nobody can help it. */
  cutOff = 0;
  readonly #stage: ChaosStage;
  #desired = 0;
  /** Names that were seen at Cloud SQL, and the address of each. */
  readonly #seen = new Map<string, string | null>();
  #isOver = false;
  #bothDecided = 0;
  readonly #readerlessSinceMs = new Map<string, number>();
  #watching: Promise<void> = Promise.resolve();

  constructor(stage: ChaosStage) {
    this.#stage = stage;
  }

  start(): void {
    this.#watching = this.#watch();
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#watching;
  }

  /** What was ordered last: so many replicas, and while one is exchanged one more. */
  expect(desired: number): void {
    this.#desired = Math.max(this.#desired, desired);
  }

  /** The last order was carried out. */
  settle(desired: number): void {
    this.#desired = desired;
  }

  async #watch(): Promise<void> {
    while (!this.#isOver) {
      this.looks += 1;
      await this.#lookAtInstances();
      await Promise.all(this.#stage.world.pods.map((pod) => this.#lookAtProxy(pod.name)));
      await this.#lookAtHolders();
      await pause(lookMs);
    }
  }

  #break(what: string): void {
    if (!this.violations.includes(what)) this.violations.push(what);
  }

  async #lookAtInstances(): Promise<void> {
    const owned = this.#stage.owned();
    this.ownedMax = Math.max(this.ownedMax, owned.length);
    if (owned.length > this.#desired + 1) {
      this.#break(
        `${owned.length} replicas where ${this.#desired} are wanted: ${owned.map(({ name }) => name).join(', ')}`,
      );
    }
    const staying = new Set(owned.filter(({ state }) => state !== 'PENDING_DELETE').map(({ name }) => name));
    for (const { name, address } of owned) this.#seen.set(name, address ?? this.#seen.get(name) ?? null);
    for (const [name, address] of this.#seen) {
      if (staying.has(name)) continue;
      // Looked at once more when it is gone: by then nobody may have it, and its address can be given to another.
      if (!owned.some((one) => one.name === name)) this.#seen.delete(name);
      const isReused = owned.some((one) => one.name !== name && one.address === address);
      if (address === null || isReused) continue;
      for (const { name: pod, eye } of this.#stage.world.pods) {
        const isKnown = await eye.knows(address).catch(() => false);
        if (isKnown) this.#break(`${name} is deleted while ${pod} has ${address}`);
      }
    }
  }

  async #lookAtProxy(podName: string): Promise<void> {
    const pod = this.#stage.world.pods.find(({ name }) => name === podName);
    const servers = await pod?.eye.runtimeServers().catch(() => null);
    if (servers === null || servers === undefined) return;
    const statuses = (wanted: number): readonly string[] =>
      servers.filter(({ hostgroup }) => hostgroup === wanted).map(({ status }) => status);
    const writers = statuses(writerHostgroup);
    if (writers.length !== 1) this.#break(`${podName} has ${writers.length} writers`);
    if (writers.includes('SHUNNED') && !servers.some(({ status }) => status === 'ONLINE')) {
      this.cutOff += 1;
      this.#readerlessSinceMs.delete(podName);
      return;
    }
    this.#lookAtReaders(podName, statuses(readerHostgroup));
  }

  /** ProxySQL shuns by itself what does not answer it; then the agent has a while to bring the writer in. */
  #lookAtReaders(podName: string, statuses: readonly string[]): void {
    if (statuses.includes('ONLINE')) {
      this.#readerlessSinceMs.delete(podName);
      return;
    }
    if (!statuses.includes('SHUNNED'))
      this.#break(`${podName} has no reader, and shunned none: ${statuses.join(', ')}`);
    const nowMs = performance.now();
    const sinceMs = this.#readerlessSinceMs.get(podName) ?? nowMs;
    this.#readerlessSinceMs.set(podName, sinceMs);
    if (nowMs - sinceMs > readerlessMaxMs) this.#break(`${podName} had no reader for ${readerlessMaxMs / 1000} s`);
  }

  /** Both can say so in one look when the lease changes hands during it; not in two that follow each other. */
  async #lookAtHolders(): Promise<void> {
    const holders = await this.#stage.holders();
    if (holders.length === 0) this.withoutHolder += 1;
    this.#bothDecided = holders.length > 1 ? this.#bothDecided + 1 : 0;
    if (this.#bothDecided > 1) this.#break('both coordinators decide');
  }
}
