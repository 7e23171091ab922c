import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import type { GroupSpec } from '../core/group-spec.ts';
import { groupOfKey, keys, type NewEvent, prefixes } from '../core/records.ts';
import {
  buildSnapshot,
  endTombstone,
  type PublishedSnapshot,
  type SnapshotContent,
  type SnapshotInputs,
} from '../core/snapshot.ts';
import type { ContentHash, SnapshotFanout, Store, Stored } from '../ports.ts';
import { commitDecision } from './commits.ts';
import { GroupQueue } from './group-queue.ts';
import type { TermKeeper } from './term-keeper.ts';

export type PublisherDeps = {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly term: TermKeeper;
  readonly hash: ContentHash;
  readonly fanout: SnapshotFanout;
};

/** Keeps every group's snapshot equal to what the store says, and hands each one out once the store accepted it. */
export class Publisher {
  readonly name = 'publisher';
  readonly #deps: PublisherDeps;
  readonly #queue: GroupQueue;
  /** Revisions that agents have proven and the store has not: the next one goes above. */
  readonly #floors = new Map<string, number>();
  /** Groups that were compared with a complete listing of Cloud SQL since this coordinator started. */
  readonly #reconciled = new Set<string>();
  #unwatch: (() => void) | null = null;

  constructor(deps: PublisherDeps) {
    this.#deps = deps;
    this.#queue = new GroupQueue({
      name: this.name,
      clock: deps.clock,
      log: deps.log,
      work: (group) => this.publish(group),
      mergeMs: 0,
      concurrencyMax: 16,
      backoff: { baseMs: 100, maxMs: 10_000 },
    });
  }

  async start(): Promise<void> {
    const { store, fanout } = this.#deps;
    this.#unwatch = store.watch('', (changed) => {
      const groups = new Set(changed.filter(decidesSnapshot).map(groupOfKey));
      for (const group of groups) if (group !== null) this.#queue.wake(group);
    });
    for (const { value } of await store.list(prefixes.snapshots)) {
      fanout.offer(value);
      this.#queue.wake(value.group);
    }
    for (const { value } of await store.list(prefixes.groups)) this.#queue.wake(value.name);
  }

  async stop(): Promise<void> {
    this.#unwatch?.();
    await this.#queue.stop();
  }

  /** Publishes the group again, above `revision`. */
  raiseRevision(group: string, revision: number): void {
    this.#floors.set(group, Math.max(revision, this.#floors.get(group) ?? 0));
    this.#queue.wake(group);
  }

  /** Notes that what the store says of a group was compared with Cloud SQL. */
  noteReconciled(group: string): void {
    if (this.#reconciled.has(group)) return;
    this.#reconciled.add(group);
    if (this.#floors.has(group)) this.#queue.wake(group);
  }

  /** Brings one group's snapshot up to date. Returns null: it waits for the next change. */
  async publish(group: string): Promise<number | null> {
    const { store } = this.#deps;
    const [stored, spec, topology] = await Promise.all([
      store.get(keys.snapshot(group)),
      store.get(keys.group(group)),
      store.get(keys.topology(group)),
    ]);
    if (spec === null && stored !== null) await this.#publishTombstone(stored);
    if (spec === null || topology === null) {
      // A tombstone, or a primary not verified yet: what is stored is what counts.
      if (stored !== null) this.#deps.fanout.offer(stored.value);
      return null;
    }
    await this.#publishSpec(spec.value, topology.value.primaryAddress, stored);
    return null;
  }

  async #publishSpec(spec: GroupSpec, primaryAddress: string, stored: Stored<PublishedSnapshot> | null): Promise<void> {
    const { name: group, fleet } = spec;
    const previous = stored?.value ?? null;
    const last = previous?.revision ?? 0;
    const floor = this.#floors.get(group) ?? 0;
    const hasGoneBack = floor > last;
    // A store that went back may name replicas that are long gone: Cloud SQL is asked before anything is published.
    if (hasGoneBack && !this.#reconciled.has(group)) return;
    const nextRevision = Math.max(last, floor) + 1;
    const trusted = hasGoneBack ? withoutOldVotes(previous, nextRevision) : previous;
    const content = await this.#build({ spec, primaryAddress, previous: trusted, nextRevision });
    const hash = this.#deps.hash(content);
    if (previous?.hash === hash && !hasGoneBack) return;
    const published = { group, fleet, revision: nextRevision, hash, committedAtMs: this.#deps.clock.nowMs() };
    await this.#commit({ ...content, ...published }, stored);
  }

  /** Ends a deleted group's withdrawal when all have proven it, and lifts it above what agents have seen. */
  async #publishTombstone(stored: Stored<PublishedSnapshot>): Promise<void> {
    const { group, fleet, revision: last } = stored.value;
    if (stored.value.kind !== 'removed') return;
    const floor = this.#floors.get(group) ?? 0;
    const voters = (await this.#deps.store.list(prefixes.voters(group))).map(({ value }) => value);
    const revision = Math.max(last, floor) + 1;
    const content = floor > last ? withoutOldVotes(stored.value, revision) : endTombstone(stored.value, voters);
    if (content === null) return;
    const { kind, writerHostgroup, readerHostgroup, servers, leaving } = content;
    const hash = this.#deps.hash({ kind, writerHostgroup, readerHostgroup, servers, leaving });
    const published = { group, fleet, revision, hash, committedAtMs: this.#deps.clock.nowMs() };
    const snapshot = { kind, writerHostgroup, readerHostgroup, servers, leaving, ...published };
    await this.#commit(snapshot, stored);
  }

  async #build(inputs: Omit<SnapshotInputs, 'replicas' | 'voters'>): Promise<SnapshotContent> {
    const { store } = this.#deps;
    const { name } = inputs.spec;
    const replicas = (await store.list(prefixes.replicas(name))).map(({ value }) => value);
    const voters = (await store.list(prefixes.voters(name))).map(({ value }) => value);
    return buildSnapshot({ ...inputs, replicas, voters });
  }

  async #commit(snapshot: PublishedSnapshot, stored: Stored<PublishedSnapshot> | null): Promise<void> {
    const { group, revision, hash, servers, leaving } = snapshot;
    const event: NewEvent = {
      atMs: snapshot.committedAtMs,
      group,
      kind: 'SNAPSHOT_PUBLISHED',
      subject: String(revision),
      reason: hash,
      message: `${servers.length} servers, ${leaving.length} leaving`,
    };
    const writes = [{ key: keys.snapshot(group), value: snapshot, ifRevision: stored?.revision ?? 0 }];
    const isCommitted = await commitDecision(this.#deps, { writes, events: [event] });
    if (!isCommitted) {
      if (this.#deps.term.isHeld) this.#queue.wake(group);
      return;
    }
    this.#deps.log.info(
      { group, revision, hash, servers: servers.length, leaving: leaving.length },
      'snapshot published',
    );
    this.#deps.fanout.offer(snapshot);
  }
}

/** Votes that a store kept from before it went back prove nothing about now. */
function withoutOldVotes<Content extends SnapshotContent | null>(content: Content, revision: number): Content {
  if (content === null) return content;
  const leaving = content.leaving.map((server) => ({ ...server, sinceRevision: revision }));
  return { ...content, leaving };
}

/** Whether a snapshot is built from what stands under this key. */
function decidesSnapshot(key: string): boolean {
  return ['group/', 'topology/', 'replica/', 'roster/'].some((prefix) => key.startsWith(prefix));
}
