import type { Prefix } from '../core/records.ts';
import type { Store, Stored } from '../ports.ts';

/**
 * All values of one kind, kept in memory and true by the store's watch: a call that looks at thousands of them does not
 * read and parse thousands. It begins with its first reader. What this process committed is in it at once; what others
 * did as soon as the store tells it.
 */
export class StoreMirror<T> {
  readonly #store: Store;
  readonly #prefix: Prefix<T>;
  readonly #changed = new Set<string>();
  #entries: Map<string, Stored<T>> | null = null;
  #sorted: readonly Stored<T>[] | null = null;
  #isWatching = false;
  #isForgotten = false;
  #reading: Promise<void> = Promise.resolve();

  constructor(store: Store, prefix: Prefix<T>) {
    this.#store = store;
    this.#prefix = prefix;
  }

  /** All of them, in the order of their keys. @throws {CoordinatorError} as the store */
  async list(): Promise<readonly Stored<T>[]> {
    await this.#refresh();
    this.#sorted ??= [...(this.#entries?.values() ?? [])].sort((one, other) => (one.key < other.key ? -1 : 1));
    return this.#sorted;
  }

  /** Reads everything again with the next call: what is in here was found wanting. */
  forget(): void {
    this.#isForgotten = true;
  }

  /** One at a time; each sees what was told before it began, also where another one is about to read that. */
  #refresh(): Promise<void> {
    const next = this.#reading.then(() => this.#read());
    this.#reading = next.catch(() => undefined);
    return next;
  }

  async #read(): Promise<void> {
    // Watch, then read: nothing is missed.
    if (!this.#isWatching) {
      this.#isWatching = true;
      this.#store.watch(this.#prefix, (keys) => {
        for (const key of keys) this.#changed.add(key);
      });
    }
    const isWhole = this.#entries === null || this.#isForgotten;
    if (!isWhole && this.#changed.size === 0) return;
    const changed = [...this.#changed];
    this.#changed.clear();
    this.#isForgotten = false;
    try {
      if (isWhole) {
        const entries = await this.#store.list(this.#prefix);
        this.#entries = new Map(entries.map((entry) => [entry.key, entry]));
      } else {
        const read = await Promise.all(changed.map((key) => this.#store.get(key as Stored<T>['key'])));
        changed.forEach((key, index) => {
          this.#put(key, read[index] ?? null);
        });
      }
      this.#sorted = null;
    } catch (error) {
      for (const key of changed) this.#changed.add(key);
      if (isWhole) this.#isForgotten = true;
      throw error;
    }
  }

  #put(key: string, entry: Stored<T> | null): void {
    if (entry === null) this.#entries?.delete(key);
    else this.#entries?.set(key, entry);
  }
}
