import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import { type Published, settingsName } from '../core/fleet-settings.ts';
import { keys, prefixes } from '../core/records.ts';
import type { AgentFacts, SnapshotFanout, Store } from '../ports.ts';
import { GroupQueue } from './group-queue.ts';

export type SnapshotFollowerDeps = {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly fanout: SnapshotFanout;
  readonly facts: Pick<AgentFacts, 'noteRevisionAhead'>;
};

/**
 * Brings what the holder of the term committed to the agents of this coordinator, one notification of the store later,
 * whoever the holder is. At its start it hands out what is stored: a coordinator serves agents before any decision.
 * When the store holds less than what was handed out here it says so; and when a group is frozen, its agents tell again
 * what they have seen.
 */
export class SnapshotFollower {
  readonly name = 'snapshot-follower';
  readonly #deps: SnapshotFollowerDeps;
  readonly #queue: GroupQueue;
  #unwatch: (() => void)[] = [];
  readonly #comparedFor = new Map<string, number>();

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
    const unwatch = store.watch(prefixes.freezes, (changed) => {
      for (const key of new Set(changed)) this.#queue.wake(key);
    });
    this.#unwatch.push(unwatch);
  }

  async stop(): Promise<void> {
    for (const unwatch of this.#unwatch.splice(0)) unwatch();
    await this.#queue.stop();
  }

  async #follow(key: string): Promise<null> {
    const { store, fanout, facts } = this.#deps;
    const [kind, name = ''] = key.split('/');
    if (kind === 'freeze') return this.#compare(name);
    const isSettings = kind === 'settings';
    const group = isSettings ? settingsName(name) : name;
    // Read after this was known: an answer below it is no late one.
    const handedOut = fanout.revisionOf(group);
    const stored = await (isSettings ? store.get(keys.settings(name)) : store.get(keys.snapshot(name)));
    if (stored === null) return null;
    if (stored.value.revision < handedOut) await facts.noteRevisionAhead(group, handedOut);
    else fanout.offer(stored.value);
    return null;
  }

  /** Has the agents of a group compared, once for each freeze: the same one is written several times. */
  async #compare(group: string): Promise<null> {
    const { store, fanout } = this.#deps;
    const sinceMs = (await store.get(keys.freeze(group)))?.value.sinceMs;
    if (sinceMs === undefined || this.#comparedFor.get(group) === sinceMs) return null;
    this.#comparedFor.set(group, sinceMs);
    fanout.recompare(group);
    return null;
  }
}
