import type { Logger } from '../../process/log.ts';
import { keys, prefixes } from '../core/records.ts';
import type { HistoryLoss, SnapshotFanout, Store } from '../ports.ts';
import type { Roster } from './roster.ts';
import type { TermKeeper } from './term-keeper.ts';

export type HistoryWatchDeps = {
  readonly store: Store;
  readonly log: Logger;
  readonly term: TermKeeper;
  readonly fanout: SnapshotFanout;
  readonly roster: Roster;
  /** Ends the process: it served another store than the one that is there now. */
  readonly abandon: (reason: string) => void;
};

/**
 * A store that lost writes is not decided on before every group is frozen: what a vote, a roster or a record says may be
 * of an hour ago. One that is another store now is none of this process's business.
 */
export class HistoryWatch {
  readonly name = 'history-watch';
  readonly #deps: HistoryWatchDeps;
  #unwatch: (() => void) | null = null;

  constructor(deps: HistoryWatchDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#unwatch = this.#deps.store.watchHistory((loss) => {
      this.#take(loss);
    });
  }

  stop(): void {
    this.#unwatch?.();
  }

  #take(loss: HistoryLoss): void {
    const { log, term, abandon } = this.#deps;
    log.error({ ...loss }, 'the store lacks what this process has seen in it');
    if (loss.kind === 'otherStore') {
      abandon(`the store is another one now, ${loss.storeId}: a restart serves it`);
      return;
    }
    term.interrupt(() => this.#freezeAll(loss.seenRevision - loss.keptRevision));
  }

  async #freezeAll(commits: number): Promise<void> {
    const { store, fanout, roster } = this.#deps;
    const reason = `the store lost up to ${commits} commits; the newest revision seen here is`;
    for (const { value } of await store.list(prefixes.groups)) {
      const group = value.name;
      const stored = (await store.get(keys.snapshot(group)))?.value.revision ?? 0;
      await roster.freeze({ group, aboveRevision: Math.max(stored, fanout.revisionOf(group)), reason }, true);
    }
  }
}
