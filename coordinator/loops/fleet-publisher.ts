import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import { buildSettings, fleetOfSettings, type PublishedSettings, settingsName } from '../core/fleet-settings.ts';
import type { Freeze } from '../core/freeze.ts';
import { keys, type NewEvent, prefixes } from '../core/records.ts';
import type { ContentHash, SnapshotFanout, Store, Stored, Write } from '../ports.ts';
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
      store.watch(prefixes.freezes, (changed) => {
        const fleets = changed.map((key) => fleetOfSettings(key.slice(prefixes.freezes.length)));
        for (const fleet of new Set(fleets)) if (fleet !== null) this.#queue.wake(fleet);
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

  /** Brings one fleet's settings up to date. Returns null: it waits for the next change. */
  async publish(fleet: string): Promise<null> {
    const { store, clock, hash, term } = this.#deps;
    const { isHeld, fencingToken } = term;
    if (!isHeld) return null;
    const [stored, spec, frozen] = await Promise.all([
      store.get(keys.settings(fleet)),
      store.get(keys.fleet(fleet)),
      store.get(keys.freeze(settingsName(fleet))),
    ]);
    if (spec === null) return null;
    const content = buildSettings(spec.value.variables);
    if (stored === null && Object.keys(content.variables).length === 0) return null;
    const last = stored?.value.revision ?? 0;
    // Revisions that agents have applied and the store has not: the next one goes above.
    const floor = frozen?.value.aboveRevision ?? 0;
    const contentHash = hash(content);
    if (stored?.value.hash === contentHash && floor <= last) return null;
    const revision = Math.max(last, floor) + 1;
    const published = { group: settingsName(fleet), fleet, revision, hash: contentHash, committedAtMs: clock.nowMs() };
    await this.#commit({ ...content, ...published }, { stored, frozen, fencingToken });
    return null;
  }

  async #commit(settings: PublishedSettings, { stored, frozen, fencingToken }: Before): Promise<void> {
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
    const writes: Write[] = [{ key: keys.settings(fleet), value: settings, ifRevision: stored?.revision ?? 0 }];
    // Nobody votes on settings: above what agents have seen they are as good as new.
    if (frozen !== null) writes.push({ key: frozen.key, value: null, ifRevision: frozen.revision });
    const isCommitted = await commitDecision(this.#deps, { writes, events: [event] }, fencingToken);
    if (!isCommitted) {
      if (this.#deps.term.isHeld) this.#queue.wake(fleet);
      return;
    }
    this.#deps.log.info({ fleet, revision, hash, variables: count }, 'fleet settings published');
    this.#deps.fanout.offer(settings);
  }
}

/** What was there when a look began, and the term in which it did. */
type Before = {
  readonly stored: Stored<PublishedSettings> | null;
  readonly frozen: Stored<Freeze> | null;
  readonly fencingToken: number;
};
