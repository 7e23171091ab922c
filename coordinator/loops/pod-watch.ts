import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import type { Voter } from '../core/ballots.ts';
import { judgePod } from '../core/pods.ts';
import { prefixes } from '../core/records.ts';
import type { AgentFacts, PodList, Store, Stored } from '../ports.ts';

export type PodWatchDeps = {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly pods: PodList;
  readonly facts: Pick<AgentFacts, 'leave'>;
  /** UIDs of the pods whose agents are connected here: they live, whatever a list says. */
  readonly connectedUids: () => ReadonlySet<string>;
};

export type PodWatchOptions = {
  /** Which pods are listed, in words: cell, namespaces, labels. */
  readonly scope: string;
  readonly intervalMs: number;
};

/** A pod has to be missing from so many complete lists in a row. */
const listsNeeded = 3;

/**
 * Takes voters off the rosters whose pod Kubernetes no longer knows. Only a complete list is evidence, and only against a
 * pod that such a list once had; a list that fails begins the count anew. Whatever goes wrong, everyone stays.
 */
export class PodWatch {
  readonly name = 'pod-watch';
  readonly #deps: PodWatchDeps;
  readonly #options: PodWatchOptions;
  /** In how many complete lists in a row each UID was missing. */
  readonly #missing = new Map<string, number>();
  #running: Promise<void> = Promise.resolve();
  #cancelTimer: (() => void) | null = null;
  #isStopped = false;

  constructor(deps: PodWatchDeps, options: PodWatchOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  start(): void {
    if (this.#isStopped) return;
    this.#running = this.look().finally(() => {
      if (this.#isStopped) return;
      this.#cancelTimer = this.#deps.clock.setTimer(this.#options.intervalMs, () => {
        this.start();
      });
    });
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelTimer?.();
    await this.#running;
  }

  /** Lists once and draws what follows. Never throws. */
  async look(): Promise<void> {
    const { store, log, pods } = this.#deps;
    try {
      const listed = new Set((await pods.list()).map(({ uid }) => uid));
      // Read after the list: who enrolled since then is not judged by it.
      const voters = await store.list(prefixes.allVoters);
      for (const voter of voters) await this.#mark(voter, listed);
      await this.#dismiss(voters.map(({ value }) => value).filter((voter) => this.#isMissing(voter, listed)));
    } catch (error) {
      this.#missing.clear();
      log.warn({ err: error }, 'pods could not be compared with the rosters; everyone stays');
    }
  }

  /** Notes that a voter's pod was in this list: from then on it can be missing from it. */
  async #mark({ key, value, revision }: Stored<Voter>, listed: ReadonlySet<string>): Promise<void> {
    const { scope } = this.#options;
    if (value.podSeenIn === scope || judgePod(value, listed, scope) !== 'seen') return;
    // Somebody who writes the same record meanwhile goes first; the next look tries again.
    const next = { ...value, podSeenIn: scope };
    await this.#deps.store.commit({ writes: [{ key, value: next, ifRevision: revision }] });
  }

  #isMissing(voter: Voter, listed: ReadonlySet<string>): boolean {
    const isAbsent = judgePod(voter, listed, this.#options.scope) === 'missing';
    return isAbsent && !this.#deps.connectedUids().has(voter.podUid);
  }

  /** Counts each pod once, and lets go of those that were missing often enough. */
  async #dismiss(missing: readonly Voter[]): Promise<void> {
    const { log, facts } = this.#deps;
    const byUid = new Map(missing.map((voter) => [voter.podUid, voter]));
    for (const uid of this.#missing.keys()) if (!byUid.has(uid)) this.#missing.delete(uid);
    for (const [podUid, { agentId, cell }] of byUid) {
      const times = (this.#missing.get(podUid) ?? 0) + 1;
      this.#missing.set(podUid, times);
      if (times < listsNeeded) continue;
      log.info({ agentId, cell, podUid }, 'Kubernetes no longer knows the pod');
      await facts.leave({ agentId, cell, podUid }, `Kubernetes no longer knows pod UID ${podUid}`);
      this.#missing.delete(podUid);
    }
  }
}
