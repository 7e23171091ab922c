/**
 * Who wants to hear of commits. Both stores notify the same way: after the commit, in commit order, each watcher in a
 * microtask of its own, so that one that throws disturbs neither the committer nor the others.
 */
export class StoreWatchers {
  readonly #onKeys = new Set<KeyWatcher>();
  readonly #onEvents = new Set<EventWatcher>();

  watch(prefix: string, onChange: (keys: readonly string[]) => void): () => void {
    const watcher: KeyWatcher = { prefix, onChange };
    this.#onKeys.add(watcher);
    return () => {
      this.#onKeys.delete(watcher);
    };
  }

  watchEvents(onEvent: () => void): () => void {
    const watcher: EventWatcher = { onEvent };
    this.#onEvents.add(watcher);
    return () => {
      this.#onEvents.delete(watcher);
    };
  }

  /** Announces a commit to those who watch now. */
  announce(commit: { readonly changedKeys: readonly string[]; readonly hasEvents: boolean }): void {
    for (const watcher of this.#onKeys) {
      const keys = commit.changedKeys.filter((key) => key.startsWith(watcher.prefix));
      if (keys.length === 0) continue;
      queueMicrotask(() => {
        if (this.#onKeys.has(watcher)) watcher.onChange(keys);
      });
    }
    if (!commit.hasEvents) return;
    for (const watcher of this.#onEvents) {
      queueMicrotask(() => {
        if (this.#onEvents.has(watcher)) watcher.onEvent();
      });
    }
  }
}

type KeyWatcher = { readonly prefix: string; readonly onChange: (keys: readonly string[]) => void };
type EventWatcher = { readonly onEvent: () => void };
