import assert from 'node:assert/strict';
import { ProcessLease, type RunningLease } from '../../coordinator/adapters/process-lease.ts';
import { StoreWatchers } from '../../coordinator/adapters/store-watchers.ts';
import type { Key, Prefix, StoredEvent, Term } from '../../coordinator/core/records.ts';
import type {
  Commit,
  CommitResult,
  HistoryLoss,
  LeaseRequest,
  LeaseResult,
  Store,
  Stored,
  StoreHead,
} from '../../coordinator/ports.ts';

/** What a store held at one moment, for `FakeStore.goBack`. */
export type StoreMoment = {
  readonly entries: ReadonlyMap<string, Entry>;
  readonly events: readonly StoredEvent[];
  readonly lastSequence: number;
  readonly revision: number;
  readonly fencingToken: number;
  readonly lease: RunningLease | null;
};

const emptyStore: StoreMoment = {
  entries: new Map(),
  events: [],
  lastSequence: 0,
  revision: 0,
  fencingToken: 0,
  lease: null,
};

/** How far revisions jump after a loss, so that none that was lost comes again. */
const lostRevisionsMax = 2 ** 20;

/** A value read from its JSON form, frozen as all that is in it, under its key. */
type Entry = Stored<unknown>;

/** A store in memory with the semantics of the real ones. What it gives is frozen: nobody changes what it holds. */
export class FakeStore implements Store {
  /** Thrown by the next call, then cleared. */
  nextError: Error | null = null;
  #entries = new Map<string, Entry>();
  /** All keys in their order, until one comes or goes. */
  #sorted: readonly string[] | null = null;
  /** What was listed, by prefix, until something changes there. */
  readonly #lists = new Map<string, readonly Entry[]>();
  readonly #watchers = new StoreWatchers();
  readonly #onLoss = new Set<(loss: HistoryLoss) => void>();
  readonly #lease: ProcessLease;
  #storeId = 'fake-1';
  #events: StoredEvent[] = [];
  #lastSequence = 0;
  #revision = 0;
  #fencingToken = 0;

  constructor(monotonicMs: () => number = () => performance.now()) {
    this.#lease = new ProcessLease(monotonicMs);
  }

  get<T>(key: Key<T>): Promise<Stored<T> | null> {
    return this.#run(() => this.#read(key));
  }

  list<T>(prefix: Prefix<T>): Promise<readonly Stored<T>[]> {
    return this.#run(() => {
      const known = this.#lists.get(prefix);
      if (known !== undefined) return known as readonly Stored<T>[];
      this.#sorted ??= [...this.#entries.keys()].sort(compareBytes);
      const keys = this.#sorted.filter((key) => key.startsWith(prefix));
      const listed = Object.freeze(keys.map((key) => this.#read(key as Key<T>)).filter((entry) => entry !== null));
      this.#lists.set(prefix, listed);
      return listed;
    });
  }

  commit(commit: Commit): Promise<CommitResult> {
    return this.#run(() => {
      const keys = commit.writes.map(({ key }) => key);
      assert(new Set<string>(keys).size === keys.length, 'one commit writes a key twice');
      assert(
        keys.every((key) => key.length > 0),
        'a key has at least one character',
      );
      const refusal = this.#refusalOf(commit);
      if (refusal !== null) return refusal;
      const changedKeys = this.#apply(commit);
      this.#watchers.announce({ changedKeys, hasEvents: (commit.events ?? []).length > 0 });
      return { outcome: 'committed', revision: this.#revision };
    });
  }

  /** Somebody else begins a term, whatever lease runs. */
  beginTerm(holder: string, nowMs: number, tokenMin = 0): Promise<Term> {
    return this.#run(() => {
      this.#lease.end();
      return this.#beginTerm(holder, Math.max(nowMs, tokenMin));
    });
  }

  acquireLease({ holder, ttlMs, nowMs, tokenMin = 0, replaces }: LeaseRequest): Promise<LeaseResult> {
    return this.#run(() => {
      const { running } = this.#lease;
      if (running !== null && running.term.fencingToken !== replaces) {
        return { outcome: 'taken', holder: running.term.holder, remainingMs: running.remainingMs };
      }
      const term = this.#beginTerm(holder, Math.max(nowMs, tokenMin));
      this.#lease.start(term, ttlMs);
      return { outcome: 'held', term };
    });
  }

  renewLease(term: Term, ttlMs: number): Promise<boolean> {
    return this.#run(() => this.#lease.renew(term, ttlMs));
  }

  releaseLease(term: Term): Promise<void> {
    return this.#run(() => {
      this.#lease.release(term);
    });
  }

  leaseHolder(): Promise<string | null> {
    return this.#run(() => this.#lease.running?.term.holder ?? null);
  }

  head(): Promise<StoreHead> {
    return this.#run(() => ({
      storeId: this.#storeId,
      revision: this.#revision,
      fencingToken: this.#fencingToken,
    }));
  }

  watchHistory(onLoss: (loss: HistoryLoss) => void): () => void {
    this.#onLoss.add(onLoss);
    return () => {
      this.#onLoss.delete(onLoss);
    };
  }

  /** What it holds now, to go back to. */
  moment(): StoreMoment {
    return {
      entries: new Map(this.#entries),
      events: [...this.#events],
      lastSequence: this.#lastSequence,
      revision: this.#revision,
      fencingToken: this.#fencingToken,
      lease: this.#lease.running,
    };
  }

  /**
   * Goes back to an earlier moment, or to an empty store (null), as a failover or a restore does: those who watch are
   * told of the loss, then of every key. Revisions are not used again; the lease of that moment runs for its whole time.
   */
  goBack(moment: StoreMoment | null): void {
    const seenRevision = this.#revision;
    const known = [...this.#entries.keys()];
    this.#restore(moment ?? emptyStore);
    this.#revision = seenRevision + lostRevisionsMax;
    if (moment === null) this.#storeId = `fake-${seenRevision}`;
    const loss: HistoryLoss =
      moment === null
        ? { kind: 'otherStore', storeId: this.#storeId }
        : { kind: 'writesLost', keptRevision: moment.revision, seenRevision };
    for (const onLoss of this.#onLoss) onLoss(loss);
    this.#watchers.announce({ changedKeys: [...new Set([...known, ...this.#entries.keys()])], hasEvents: true });
  }

  watch(prefix: string, onChange: (keys: readonly string[]) => void): () => void {
    return this.#watchers.watch(prefix, onChange);
  }

  readEvents(query: { afterSequence: number; limit: number; group?: string }): Promise<readonly StoredEvent[]> {
    return this.#run(() =>
      this.#events
        .filter((event) => event.sequence > query.afterSequence)
        .filter((event) => query.group === undefined || event.group === query.group)
        .slice(0, query.limit),
    );
  }

  lastEventSequence(): Promise<number> {
    return this.#run(() => this.#lastSequence);
  }

  watchEvents(onEvent: () => void): () => void {
    return this.#watchers.watchEvents(onEvent);
  }

  pruneEvents(keepCount: number, oldestMs = 0): Promise<void> {
    return this.#run(() => {
      const kept = this.#events.slice(Math.max(0, this.#events.length - keepCount));
      const first = kept.findIndex(({ atMs }) => atMs >= oldestMs);
      this.#events = first < 0 ? [] : kept.slice(first);
    });
  }

  #restore({ entries, events, lastSequence, fencingToken, lease }: StoreMoment): void {
    this.#entries = new Map(entries);
    this.#sorted = null;
    this.#lists.clear();
    this.#events = [...events];
    this.#lastSequence = lastSequence + 2 ** 20;
    this.#fencingToken = fencingToken;
    if (lease === null) this.#lease.end();
    else this.#lease.start(lease.term, lease.ttlMs);
  }

  #beginTerm(holder: string, tokenMin: number): Term {
    this.#fencingToken = Math.max(this.#fencingToken + 1, Math.ceil(tokenMin));
    return { holder, fencingToken: this.#fencingToken };
  }

  #read<T>(key: Key<T>): Stored<T> | null {
    return (this.#entries.get(key) as Stored<T> | undefined) ?? null;
  }

  #refusalOf(commit: Commit): CommitResult | null {
    if (commit.fencingToken !== undefined && commit.fencingToken !== this.#fencingToken) {
      return { outcome: 'fenced', fencingToken: this.#fencingToken };
    }
    const conflicting = commit.writes.find(
      ({ key, ifRevision }) => ifRevision !== null && ifRevision !== (this.#entries.get(key)?.revision ?? 0),
    );
    return conflicting === undefined ? null : { outcome: 'conflict', key: conflicting.key };
  }

  #apply(commit: Commit): string[] {
    const values = commit.writes.map(({ key, value }) => ({ key, json: jsonOf(key, value) }));
    this.#revision += 1;
    const changedKeys: string[] = [];
    for (const { key, json } of values) {
      const wasThere = this.#entries.has(key);
      const isGone = json === 'null';
      if (isGone) this.#entries.delete(key);
      else this.#entries.set(key, Object.freeze({ key, value: frozen(JSON.parse(json)), revision: this.#revision }));
      for (const prefix of this.#lists.keys()) if (key.startsWith(prefix)) this.#lists.delete(prefix);
      if (wasThere === isGone) this.#sorted = null;
      if (!isGone || wasThere) changedKeys.push(key);
    }
    for (const event of commit.events ?? []) {
      this.#lastSequence += 1;
      this.#events.push({ ...event, sequence: this.#lastSequence });
    }
    return changedKeys;
  }

  #run<T>(action: () => T): Promise<T> {
    return new Promise((resolve) => {
      const error = this.nextError;
      this.nextError = null;
      if (error !== null) throw error;
      resolve(action());
    });
  }
}

function frozen(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  for (const part of Object.values(value)) frozen(part);
  return Object.freeze(value);
}

function compareBytes(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}

function jsonOf(key: string, value: unknown): string {
  const json = JSON.stringify(value) as string | undefined;
  assert(json !== undefined, `the value of ${key} has no JSON form`);
  return json;
}
