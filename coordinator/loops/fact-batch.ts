import type { Key, NewEvent } from '../core/records.ts';
import type { Store, Write } from '../ports.ts';

type Entry = { value: unknown; readonly revision: number; isChanged: boolean };

/**
 * Facts that are written together: each key is read from the store once, later reads see what was put, and one commit
 * writes what changed, if nobody changed it meanwhile.
 */
export class FactBatch {
  readonly #store: Store;
  readonly #entries = new Map<string, Entry>();
  readonly #events: NewEvent[] = [];

  constructor(store: Store) {
    this.#store = store;
  }

  async get<T>(key: Key<T>): Promise<T | null> {
    return (await this.#entry(key)).value as T | null;
  }

  /** Null deletes. */
  async put<T>(key: Key<T>, value: T | null): Promise<void> {
    const entry = await this.#entry(key);
    entry.value = value;
    entry.isChanged = true;
  }

  note(event: NewEvent): void {
    this.#events.push(event);
  }

  /** Commits. False: somebody was in between, and nothing was written. */
  async commit(): Promise<boolean> {
    const changed = [...this.#entries].filter(([, { isChanged }]) => isChanged);
    const writes = changed.map(([key, { value, revision }]): Write => ({
      key: key as Key<unknown>,
      value,
      ifRevision: revision,
    }));
    if (writes.length === 0 && this.#events.length === 0) return true;
    return (await this.#store.commit({ writes, events: this.#events })).outcome === 'committed';
  }

  async #entry<T>(key: Key<T>): Promise<Entry> {
    const known = this.#entries.get(key);
    if (known !== undefined) return known;
    const stored = await this.#store.get(key);
    const entry: Entry = { value: stored?.value ?? null, revision: stored?.revision ?? 0, isChanged: false };
    this.#entries.set(key, entry);
    return entry;
  }
}
