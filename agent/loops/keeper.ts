import type { Clock } from '../../process/clock.ts';
import type { Component } from '../../process/lifecycle.ts';
import type { Logger } from '../../process/log.ts';
import { type KeptGroup, type LastKnownGood, usableTarget } from '../core/last-known-good.ts';
import type { FleetTarget } from '../core/variables.ts';
import type { AgentMetrics, SnapshotStore } from '../ports.ts';

/** A healthy stream's word that all is current is written down this often, not with every message. */
const confirmIntervalMs = 10 * 60_000;

/** What no vote waits for is written a moment later: a roll-out of many changes needs one fsync, and none on its way. */
const soonMs = 200;

export type KeeperDeps = {
  readonly store: SnapshotStore;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: AgentMetrics;
};

/** Keeps the last known good on disk. Saves that are asked for while one is written share the next. */
export class Keeper implements Component {
  readonly name = 'last-known-good';
  readonly #deps: KeeperDeps;
  readonly #groups = new Map<string, KeptGroup>();
  #fleet: FleetTarget | null = null;
  #maxEpoch = 0;
  #savedEpoch = 0;
  /** Monotonic: a wall clock that was put back must not keep the next word from the disk. */
  #confirmedAtMs = -Infinity;
  #running: Promise<void> = Promise.resolve();
  #queued: Promise<void> | null = null;
  #cancelSoon: (() => void) | null = null;

  constructor(deps: KeeperDeps) {
    this.#deps = deps;
  }

  /** @throws {AgentError} `SNAPSHOT_FILE_FAILED` when the folder cannot be used at all. */
  async start(): Promise<void> {
    const { state, problem } = await this.#deps.store.read();
    if (problem !== null) this.#deps.log.error({ problem }, 'last known good cannot be trusted and was set aside');
    if (state === null) return;
    this.#maxEpoch = this.#savedEpoch = state.maxEpoch;
    this.#fleet = state.fleet;
    for (const kept of state.groups) this.#groups.set(kept.target.group, kept);
  }

  /** Writes what still waits. */
  async stop(): Promise<void> {
    if (this.#cancelSoon !== null) await this.#saveOrSay();
    await this.#running.catch(() => undefined);
  }

  /** The highest epoch this agent ever saw. */
  get maxEpoch(): number {
    return this.#maxEpoch;
  }

  /** The highest that would survive a power cut. */
  get savedEpoch(): number {
    return this.#savedEpoch;
  }

  /** What the fleet's proxies have in common, as last proven here. */
  get fleet(): FleetTarget | null {
    return this.#fleet;
  }

  /** What to serve until a coordinator says more. */
  usableTargets(ageMaxMs: number): readonly KeptGroup[] {
    const nowMs = this.#deps.clock.nowMs();
    return [...this.#groups.values()].map((kept) => {
      const target = usableTarget(kept, ageMaxMs, nowMs);
      const staleSinceMs = kept.confirmedAtMs;
      const fields = { group: target.group, revision: target.revision, staleSinceMs };
      if (target === kept.target) this.#deps.log.info(fields, 'serving from the last known good');
      else this.#deps.log.warn(fields, 'last known good is too old: owned servers are left out');
      return { ...kept, target };
    });
  }

  /** Resolves when the epoch would survive a power cut. @throws {AgentError} `SNAPSHOT_FILE_FAILED`. */
  async raiseEpoch(epoch: number): Promise<void> {
    this.#maxEpoch = Math.max(this.#maxEpoch, epoch);
    await this.#save();
  }

  /** Keeps a proven target. Resolves to whether it would survive a power cut now. */
  async keep(proven: KeptGroup): Promise<boolean> {
    this.#groups.set(proven.target.group, proven);
    return this.#saveOrSay();
  }

  /** Keeps a proven target that nothing waits for. */
  keepSoon(proven: KeptGroup): void {
    this.#groups.set(proven.target.group, proven);
    this.#cancelSoon ??= this.#deps.clock.setTimer(soonMs, () => void this.#saveOrSay());
  }

  /** Keeps proven fleet settings. */
  keepFleet(target: FleetTarget): void {
    this.#fleet = target;
    this.#cancelSoon ??= this.#deps.clock.setTimer(soonMs, () => void this.#saveOrSay());
  }

  /** Notes that a coordinator counts these groups as current. */
  confirm(groups: readonly string[]): void {
    const { clock } = this.#deps;
    if (clock.monotonicMs() - this.#confirmedAtMs < confirmIntervalMs) return;
    this.#confirmedAtMs = clock.monotonicMs();
    const nowMs = clock.nowMs();
    for (const group of groups) {
      const kept = this.#groups.get(group);
      if (kept !== undefined) this.#groups.set(group, { ...kept, confirmedAtMs: nowMs });
    }
    void this.#saveOrSay();
  }

  async #saveOrSay(): Promise<boolean> {
    try {
      await this.#save();
      return true;
    } catch (error) {
      this.#deps.log.error({ err: error }, 'last known good could not be saved');
      return false;
    }
  }

  #save(): Promise<void> {
    this.#queued ??= this.#running = this.#writeAfter(this.#running);
    return this.#queued;
  }

  async #writeAfter(running: Promise<void>): Promise<void> {
    await running.catch(() => undefined);
    this.#queued = null;
    this.#cancelSoon?.();
    this.#cancelSoon = null;
    const state: LastKnownGood = {
      maxEpoch: this.#maxEpoch,
      groups: [...this.#groups.values()],
      fleet: this.#fleet,
    };
    await this.#deps.store.write(state);
    this.#savedEpoch = state.maxEpoch;
    this.#deps.metrics.lastKnownGoodSaved(this.#deps.clock.nowMs());
  }
}
