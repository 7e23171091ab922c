import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import { buildSettings, type PublishedSettings, settingsName } from '../core/fleet-settings.ts';
import { keys, type NewEvent, prefixes } from '../core/records.ts';
import type { ContentHash, SnapshotFanout, Store, Stored } from '../ports.ts';
import { commitDecision } from './commits.ts';
import { GroupQueue } from './group-queue.ts';
import type { TermKeeper } from './term-keeper.ts';

export type FleetPublisherDeps = {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly term: TermKeeper;
  readonly hash: ContentHash;
  readonly fanout: SnapshotFanout;
};

/**
 * Keeps what the proxies of each fleet have in common equal to what was declared. A fleet that never declared a variable
 * has nothing published; one that gave all up has an empty list, so that its agents hear of it.
 */
export class FleetPublisher {
  readonly name = 'fleet-publisher';
  readonly #deps: FleetPublisherDeps;
  readonly #queue: GroupQueue;
  /** Revisions that agents have applied and the store has not: the next one goes above. */
  readonly #floors = new Map<string, number>();
  readonly #unwatch: (() => void)[] = [];

  constructor(deps: FleetPublisherDeps) {
    this.#deps = deps;
    this.#queue = new GroupQueue({
      name: this.name,
      clock: deps.clock,
      log: deps.log,
      work: (fleet) => this.publish(fleet),
      mergeMs: 0,
      concurrencyMax: 4,
      backoff: { baseMs: 100, maxMs: 10_000 },
    });
  }

  async start(): Promise<void> {
    const { store, term } = this.#deps;
    this.#unwatch.push(
      term.whenBegun(() => this.#wakeAll()),
      store.watch(prefixes.fleets, (changed) => {
        for (const key of new Set(changed)) this.#queue.wake(key.slice(prefixes.fleets.length));
      }),
    );
    await this.#wakeAll();
  }

  async stop(): Promise<void> {
    for (const unwatch of this.#unwatch.splice(0)) unwatch();
    await this.#queue.stop();
  }

  async #wakeAll(): Promise<void> {
    for (const { value } of await this.#deps.store.list(prefixes.fleets)) this.#queue.wake(value.name);
  }

  /** Publishes the fleet's settings again, above `revision`. */
  raiseRevision(fleet: string, revision: number): void {
    this.#floors.set(fleet, Math.max(revision, this.#floors.get(fleet) ?? 0));
    this.#queue.wake(fleet);
  }

  /** Brings one fleet's settings up to date. Returns null: it waits for the next change. */
  async publish(fleet: string): Promise<null> {
    const { store, clock, hash, term } = this.#deps;
    if (!term.isHeld) return null;
    const [stored, spec] = await Promise.all([store.get(keys.settings(fleet)), store.get(keys.fleet(fleet))]);
    if (spec === null) return null;
    const content = buildSettings(spec.value.variables);
    if (stored === null && Object.keys(content.variables).length === 0) return null;
    const last = stored?.value.revision ?? 0;
    const floor = this.#floors.get(fleet) ?? 0;
    const contentHash = hash(content);
    if (stored?.value.hash === contentHash && floor <= last) return null;
    const revision = Math.max(last, floor) + 1;
    const published = { group: settingsName(fleet), fleet, revision, hash: contentHash, committedAtMs: clock.nowMs() };
    await this.#commit({ ...content, ...published }, stored);
    return null;
  }

  async #commit(settings: PublishedSettings, stored: Stored<PublishedSettings> | null): Promise<void> {
    const { group, fleet, revision, hash, variables } = settings;
    const count = Object.keys(variables).length;
    const event: NewEvent = {
      atMs: settings.committedAtMs,
      group,
      kind: 'SNAPSHOT_PUBLISHED',
      subject: String(revision),
      reason: hash,
      message: `${count} variables`,
    };
    const writes = [{ key: keys.settings(fleet), value: settings, ifRevision: stored?.revision ?? 0 }];
    const isCommitted = await commitDecision(this.#deps, { writes, events: [event] });
    if (!isCommitted) {
      if (this.#deps.term.isHeld) this.#queue.wake(fleet);
      return;
    }
    this.#deps.log.info({ fleet, revision, hash, variables: count }, 'fleet settings published');
    this.#deps.fanout.offer(settings);
  }
}
