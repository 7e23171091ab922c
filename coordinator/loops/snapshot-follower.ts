import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import type { Published } from '../core/fleet-settings.ts';
import { keys, prefixes } from '../core/records.ts';
import type { SnapshotFanout, Store } from '../ports.ts';
import { GroupQueue } from './group-queue.ts';

export type SnapshotFollowerDeps = {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly fanout: SnapshotFanout;
};

/**
 * Brings what the holder of the term committed to the agents of this coordinator, one notification of the store later,
 * whoever the holder is. At its start it hands out what is stored: a coordinator serves agents before any decision.
 */
export class SnapshotFollower {
  readonly name = 'snapshot-follower';
  readonly #deps: SnapshotFollowerDeps;
  readonly #queue: GroupQueue;
  #unwatch: (() => void)[] = [];

  constructor(deps: SnapshotFollowerDeps) {
    this.#deps = deps;
    this.#queue = new GroupQueue({
      name: this.name,
      clock: deps.clock,
      log: deps.log,
      work: (key) => this.#follow(key),
      mergeMs: 0,
      concurrencyMax: 16,
      backoff: { baseMs: 100, maxMs: 10_000 },
    });
  }

  async start(): Promise<void> {
    const { store, fanout } = this.#deps;
    for (const prefix of [prefixes.snapshots, prefixes.settings]) {
      const unwatch = store.watch(prefix, (changed) => {
        for (const key of changed) this.#queue.wake(key);
      });
      this.#unwatch.push(unwatch);
      for (const { value } of await store.list<Published>(prefix)) fanout.offer(value);
    }
  }

  async stop(): Promise<void> {
    for (const unwatch of this.#unwatch.splice(0)) unwatch();
    await this.#queue.stop();
  }

  async #follow(key: string): Promise<null> {
    const { store, fanout } = this.#deps;
    const [kind, name = ''] = key.split('/');
    const stored = await (kind === 'settings' ? store.get(keys.settings(name)) : store.get(keys.snapshot(name)));
    if (stored !== null) fanout.offer(stored.value);
    return null;
  }
}
