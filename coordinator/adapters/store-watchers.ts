/**
 * Who wants to hear of commits. All stores notify the same way: after the commit, in commit order, each watcher in a
 * microtask of its own, so that one that throws disturbs neither the committer nor the others.
 */
export class StoreWatchers {
  readonly #onKeys = new Set<KeyWatcher>();
  readonly #onEvents = new Set<EventWatcher>();

  /** Watches commits above `sinceRevision`. */
  watch(prefix: string, onChange: (keys: readonly string[]) => void, sinceRevision = 0): () => void {
    const watcher: KeyWatcher = { prefix, onChange, sinceRevision };
    this.#onKeys.add(watcher);
    return () => {
      this.#onKeys.delete(watcher);
    };
  }

  watchEvents(onEvent: () => void, sinceRevision = 0): () => void {
    const watcher: EventWatcher = { onEvent, sinceRevision };
    this.#onEvents.add(watcher);
    return () => {
      this.#onEvents.delete(watcher);
    };
  }

  /** Announces a commit to those who watch now; without a revision, to all of them. */
  announce(commit: {
    readonly changedKeys: readonly string[];
    readonly hasEvents: boolean;
    readonly revision?: number;
  }): void {
    const { revision = Number.POSITIVE_INFINITY } = commit;
    for (const watcher of this.#onKeys) {
      if (revision <= watcher.sinceRevision) continue;
      const keys = commit.changedKeys.filter((key) => key.startsWith(watcher.prefix));
      if (keys.length === 0) continue;
      queueMicrotask(() => {
        if (this.#onKeys.has(watcher)) watcher.onChange(keys);
      });
    }
    if (!commit.hasEvents) return;
    for (const watcher of this.#onEvents) {
      if (revision <= watcher.sinceRevision) continue;
      queueMicrotask(() => {
        if (this.#onEvents.has(watcher)) watcher.onEvent();
      });
    }
  }
}

type KeyWatcher = {
  readonly prefix: string;
  readonly onChange: (keys: readonly string[]) => void;
  readonly sinceRevision: number;
};
type EventWatcher = { readonly onEvent: () => void; readonly sinceRevision: number };
