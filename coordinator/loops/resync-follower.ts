import type { Logger } from '../../process/log.ts';
import { keys } from '../core/records.ts';
import type { Store } from '../ports.ts';

export type ResyncFollowerDeps = {
  readonly store: Store;
  readonly log: Logger;
  /** Sends a group again to its agents, or to the one that is named. */
  readonly resync: (group: string, agentId?: string) => void;
};

const prefix = 'resync/';

/** Brings an order to resync a group to the agents of this coordinator, whichever coordinator took it. */
export class ResyncFollower {
  readonly name = 'resync-follower';
  readonly #deps: ResyncFollowerDeps;
  #unwatch: (() => void) | null = null;

  constructor(deps: ResyncFollowerDeps) {
    this.#deps = deps;
  }

  start(): void {
    const { store, log } = this.#deps;
    this.#unwatch = store.watch(prefix, (changed) => {
      for (const key of changed) {
        this.#follow(key.slice(prefix.length)).catch((error: unknown) => {
          log.warn({ key, err: error }, 'an order to resync could not be read; give it again');
        });
      }
    });
  }

  stop(): void {
    this.#unwatch?.();
  }

  async #follow(group: string): Promise<void> {
    const order = await this.#deps.store.get(keys.resync(group));
    if (order === null) return;
    const { agentId } = order.value;
    if (agentId === undefined) this.#deps.resync(group);
    else this.#deps.resync(group, agentId);
  }
}
