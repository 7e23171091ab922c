import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import { type MissingSecret, type ResolvedCredentials, resolveCredentials } from '../core/credentials.ts';
import type { Freeze } from '../core/freeze.ts';
import type { GroupSpec } from '../core/group-spec.ts';
import { groupOfKey, keys, type NewEvent, prefixes } from '../core/records.ts';
import type { Returned } from '../core/returned.ts';
import {
  buildSnapshot,
  endTombstone,
  type PublishedSnapshot,
  renderTombstone,
  type SnapshotContent,
  type SnapshotInputs,
} from '../core/snapshot.ts';
import type { Topology } from '../core/topology.ts';
import type { ContentHash, ProxySecrets, SnapshotFanout, Store, Stored } from '../ports.ts';
import { commitDecision } from './commits.ts';
import { CredentialReader } from './credential-reader.ts';
import { GroupQueue } from './group-queue.ts';
import { pastSnapshotWrites } from './past-snapshots.ts';
import type { HoldBoard } from './hold-board.ts';
import type { TermKeeper } from './term-keeper.ts';
import { readVoters } from './voters.ts';

export type PublisherDeps = {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly term: TermKeeper;
  readonly hash: ContentHash;
  readonly fanout: SnapshotFanout;
  readonly secrets: ProxySecrets;
  readonly board: HoldBoard;
};

/** Keeps every group's snapshot equal to what the store says, and hands each one out once the store accepted it. */
export class Publisher {
  readonly name = 'publisher';
  readonly #deps: PublisherDeps;
  readonly #queue: GroupQueue;
  readonly #credentials: CredentialReader;
  /** What was last said about each group's secrets, so that a lasting lack is one event. */
  readonly #said = new Map<string, string>();
  readonly #unwatch: (() => void)[] = [];

  constructor(deps: PublisherDeps) {
    this.#deps = deps;
    this.#credentials = new CredentialReader(deps);
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
    const { store, term } = this.#deps;
    this.#unwatch.push(
      // Without a term nothing is published: all that changed meanwhile is looked at when one begins.
      term.whenBegun(() => this.#wakeAll()),
      store.watch('', (changed) => {
        const groups = new Set(changed.filter(decidesSnapshot).map(groupOfKey));
        for (const group of groups) if (group !== null) this.#queue.wake(group);
      }),
    );
    await this.#wakeAll();
  }

  async stop(): Promise<void> {
    for (const unwatch of this.#unwatch.splice(0)) unwatch();
    await this.#queue.stop();
  }

  async #wakeAll(): Promise<void> {
    const { store } = this.#deps;
    for (const { value } of await store.list(prefixes.snapshots)) this.#queue.wake(value.group);
    for (const { value } of await store.list(prefixes.groups)) this.#queue.wake(value.name);
  }

  /** Brings one group's snapshot up to date. Returns after how long its secrets are read again; null: it has none. */
  async publish(group: string): Promise<number | null> {
    const { store, term } = this.#deps;
    const { isHeld, fencingToken } = term;
    if (!isHeld) return null;
    const [stored, spec, topology, frozen, returned] = await Promise.all([
      store.get(keys.snapshot(group)),
      store.get(keys.group(group)),
      store.get(keys.topology(group)),
      store.get(keys.freeze(group)),
      store.get(keys.returned(group)),
    ]);
    const freeze = frozen?.value ?? null;
    if (spec === null) {
      this.#credentials.forget(group);
      await this.#noteMissing(group, [], false);
      if (stored !== null) await this.#publishTombstone({ value: stored, returned, fencingToken }, freeze);
    }
    if (spec === null || topology === null) {
      // A tombstone, or a primary not verified yet: what is stored is what counts.
      if (stored !== null) this.#deps.fanout.offer(stored.value);
      return null;
    }
    const { credentials, againMs } = await this.#credentials.read(spec);
    const { resolved, missing } = resolveCredentials(spec.value, credentials, stored?.value ?? null);
    await this.#noteMissing(group, missing, resolved === null);
    if (resolved !== null) {
      const known = { ...resolved, topology: topology.value, freeze };
      await this.#publishSpec(spec, known, { value: stored, returned, fencingToken });
    }
    return againMs;
  }

  async #publishSpec(
    { value: spec, revision: specVersion }: Stored<GroupSpec>,
    { freeze, ...known }: ResolvedCredentials & { readonly topology: Topology; readonly freeze: Freeze | null },
    stored: Before<Stored<PublishedSnapshot> | null>,
  ): Promise<void> {
    const { name: group, fleet } = spec;
    const previous = stored.value?.value ?? null;
    const { nextRevision, hasGoneBack } = revisionAfter(previous, freeze);
    // A store that went back may name replicas that are long gone: Cloud SQL is asked before anything is published.
    if (hasGoneBack && freeze?.isListed !== true) return;
    const trusted = hasGoneBack && previous !== null ? withoutOldVotes(previous, nextRevision) : previous;
    const content = await this.#build({ ...known, spec, previous: trusted, nextRevision }, stored.returned);
    const hash = this.#deps.hash(content);
    if (previous?.hash === hash && !hasGoneBack) return;
    const committedAtMs = this.#deps.clock.nowMs();
    const published = { group, fleet, revision: nextRevision, hash, committedAtMs, specVersion };
    await this.#commit({ ...content, ...published }, stored);
  }

  /** Ends a deleted group's withdrawal when all have proven it, and lifts it above what agents have seen. */
  async #publishTombstone(stored: Before<Stored<PublishedSnapshot>>, freeze: Freeze | null): Promise<void> {
    const { value: previous } = stored.value;
    const { group, fleet } = previous;
    if (previous.kind !== 'removed') return;
    const { nextRevision: revision, hasGoneBack } = revisionAfter(previous, freeze);
    const voters = await readVoters(this.#deps, group, previous.leaving);
    const lifted = withoutOldVotes(previous, revision);
    const content = hasGoneBack ? renderTombstone(lifted, lifted.leaving) : endTombstone(previous, voters);
    if (content === null) return;
    const hash = this.#deps.hash(content);
    await this.#commit({ ...content, group, fleet, revision, hash, committedAtMs: this.#deps.clock.nowMs() }, stored);
  }

  async #build(
    inputs: Omit<SnapshotInputs, 'replicas' | 'voters' | 'cordons' | 'removals' | 'returned'>,
    returned: Stored<Returned> | null,
  ): Promise<SnapshotContent> {
    const { store } = this.#deps;
    const { name } = inputs.spec;
    const replicas = (await store.list(prefixes.replicas(name))).map(({ value }) => value);
    const voters = await readVoters(this.#deps, name, inputs.previous?.leaving ?? []);
    const cordons = (await store.list(prefixes.cordons(name))).map(({ value }) => value);
    const removals = (await store.list(prefixes.removals(name))).map(({ value }) => value);
    return buildSnapshot({ ...inputs, replicas, voters, cordons, removals, returned: returned?.value ?? null });
  }

  /** Holds what cannot be read before administration's eyes, and says it once for as long as it stays the same. */
  async #noteMissing(group: string, missing: readonly MissingSecret[], isUnpublished: boolean): Promise<void> {
    const { board, clock, log, store } = this.#deps;
    const look = board.beginLook(group, this.name);
    const atMs = clock.nowMs();
    const effect = isUnpublished ? 'nothing is published before it is there' : 'what is published of it stays';
    const notes = missing.map(({ subject, reason }) => ({ subject, message: `${reason}; ${effect}` }));
    for (const note of notes) look.hold({ ...note, reason: 'SECRET_MISSING', atMs });
    look.end();
    const text = JSON.stringify(notes);
    if (this.#said.get(group) === text) return;
    this.#said.set(group, text);
    const events = notes.map((note): NewEvent => ({ atMs, group, kind: 'ALARM', reason: 'SECRET_MISSING', ...note }));
    for (const { subject, message } of notes) log.error({ group, subject, message }, 'secret missing');
    if (events.length > 0) await store.commit({ writes: [], events });
  }

  async #commit(
    snapshot: PublishedSnapshot,
    { value: stored, returned, fencingToken }: Before<Stored<PublishedSnapshot> | null>,
  ): Promise<void> {
    const { group, revision, hash, servers, leaving } = snapshot;
    const event: NewEvent = {
      atMs: snapshot.committedAtMs,
      group,
      kind: 'SNAPSHOT_PUBLISHED',
      subject: String(revision),
      reason: hash,
      message: `${servers.length} servers, ${leaving.length} leaving`,
    };
    const writes = [
      { key: keys.snapshot(group), value: snapshot, ifRevision: stored?.revision ?? 0 },
      ...pastSnapshotWrites(snapshot, stored?.value ?? null, this.#deps.hash),
      // From here on the snapshot names it, until everybody has proven it absent.
      ...(returned === null ? [] : [{ key: returned.key, value: null, ifRevision: returned.revision }]),
    ];
    const isCommitted = await commitDecision(this.#deps, { writes, events: [event] }, fencingToken);
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

/** What was there when a look began, and the term in which it did. */
type Before<T> = { readonly value: T; readonly returned: Stored<Returned> | null; readonly fencingToken: number };

/** The next revision, above what is stored and what agents have proven. */
function revisionAfter(previous: PublishedSnapshot | null, freeze: Freeze | null) {
  const last = previous?.revision ?? 0;
  const floor = freeze?.aboveRevision ?? 0;
  // What is stored may be the newest that was seen, and other commits are lost all the same: votes, or their end.
  return { nextRevision: Math.max(last, floor) + 1, hasGoneBack: floor > 0 && floor >= last };
}

/** Votes that a store kept from before it went back prove nothing about now. */
function withoutOldVotes<Content extends SnapshotContent>(content: Content, revision: number): Content {
  const leaving = content.leaving.map((server) => ({ ...server, sinceRevision: revision }));
  return { ...content, leaving };
}

/** Whether a snapshot is built from what stands under this key. */
function decidesSnapshot(key: string): boolean {
  return ['group/', 'topology/', 'replica/', 'cordon/', 'drain/', 'roster/', 'freeze/', 'returned/'].some((prefix) =>
    key.startsWith(prefix),
  );
}
