import assert from 'node:assert/strict';
import { StoreWatchers } from '../../coordinator/adapters/store-watchers.ts';
import type { Key, Prefix, StoredEvent, Term } from '../../coordinator/core/records.ts';
import type { Commit, CommitResult, Store, Stored } from '../../coordinator/ports.ts';

/** A store in memory with the semantics of the real ones. Values are kept as JSON, so nobody shares an object with it. */
export class FakeStore implements Store {
  /** Thrown by the next call, then cleared. */
  nextError: Error | null = null;
  readonly #entries = new Map<string, { readonly json: string; readonly revision: number }>();
  readonly #watchers = new StoreWatchers();
  #events: StoredEvent[] = [];
  #lastSequence = 0;
  #revision = 0;
  #fencingToken = 0;

  get<T>(key: Key<T>): Promise<Stored<T> | null> {
    return this.#run(() => this.#read(key));
  }

  list<T>(prefix: Prefix<T>): Promise<readonly Stored<T>[]> {
    return this.#run(() => {
      const keys = [...this.#entries.keys()].filter((key) => key.startsWith(prefix));
      keys.sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
      return keys.map((key) => this.#read(key as Key<T>)).filter((entry) => entry !== null);
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

  beginTerm(holder: string, nowMs: number, tokenMin = 0): Promise<Term> {
    return this.#run(() => {
      this.#fencingToken = Math.max(this.#fencingToken + 1, Math.ceil(nowMs), tokenMin);
      return { holder, fencingToken: this.#fencingToken };
    });
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

  #read<T>(key: Key<T>): Stored<T> | null {
    const entry = this.#entries.get(key);
    return entry === undefined ? null : { key, value: JSON.parse(entry.json) as T, revision: entry.revision };
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
      const isChanged = json !== 'null' || this.#entries.has(key);
      if (json === 'null') this.#entries.delete(key);
      else this.#entries.set(key, { json, revision: this.#revision });
      if (isChanged) changedKeys.push(key);
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

function jsonOf(key: string, value: unknown): string {
  const json = JSON.stringify(value) as string | undefined;
  assert(json !== undefined, `the value of ${key} has no JSON form`);
  return json;
}
