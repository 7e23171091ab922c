import type { Key, Prefix } from '../core/records.ts';
import type { Stored } from '../ports.ts';

/** A row as the store keeps it. */
export type StoredText<T> = { readonly key: Key<T>; readonly text: string; readonly revision: number };

/** Beyond so many keys or lists everything is forgotten: reading it again is cheap. */
const entriesMax = 200_000;

/**
 * What was read of a store that this process alone writes, so that it is parsed once for each change and not for each
 * look. What it gives is shared and therefore frozen. Whoever writes a key forgets it.
 */
export class ReadCache {
  readonly #values = new Map<string, Stored<unknown> | null>();
  readonly #lists = new Map<string, readonly Stored<unknown>[]>();

  /** What is known of a key; undefined: it has to be read. */
  known<T>(key: Key<T>): Stored<T> | null | undefined {
    return this.#values.get(key) as Stored<T> | null | undefined;
  }

  /** What is known of a folder; undefined: it has to be read. */
  knownList<T>(prefix: Prefix<T>): readonly Stored<T>[] | undefined {
    return this.#lists.get(prefix) as readonly Stored<T>[] | undefined;
  }

  get<T>(key: Key<T>, read: () => StoredText<T> | null): Stored<T> | null {
    const known = this.known(key);
    if (known !== undefined) return known;
    const row = read();
    if (row !== null) return this.#parsed(row);
    this.#keep(key, null);
    return null;
  }

  list<T>(prefix: Prefix<T>, read: () => readonly StoredText<T>[]): readonly Stored<T>[] {
    const known = this.knownList(prefix);
    if (known !== undefined) return known;
    const listed = Object.freeze(read().map((row) => this.#parsed(row)));
    // A write tells only the folders of its key.
    if (!prefix.endsWith('/')) return listed;
    if (this.#lists.size >= entriesMax) this.#lists.clear();
    this.#lists.set(prefix, listed);
    return listed;
  }

  forget(keys: readonly string[]): void {
    for (const key of keys) {
      this.#values.delete(key);
      for (let at = key.indexOf('/'); at >= 0; at = key.indexOf('/', at + 1)) this.#lists.delete(key.slice(0, at + 1));
    }
  }

  #parsed<T>({ key, text, revision }: StoredText<T>): Stored<T> {
    const known = this.#values.get(key);
    if (known?.revision === revision) return known as Stored<T>;
    const value = deepFrozen(JSON.parse(text)) as T;
    const stored = Object.freeze({ key, value, revision });
    this.#keep(key, stored);
    return stored;
  }

  #keep(key: string, stored: Stored<unknown> | null): void {
    if (this.#values.size >= entriesMax) this.#values.clear();
    this.#values.set(key, stored);
  }
}

function deepFrozen(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  for (const part of Object.values(value)) deepFrozen(part);
  return Object.freeze(value);
}
