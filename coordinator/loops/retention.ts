import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import { prefixes } from '../core/records.ts';
import type { Store, Stored, Write } from '../ports.ts';

export type RetentionOptions = {
  readonly eventsMax: number;
  /** Closed incidents and set-aside messages older than this are dropped. */
  readonly keepMs: number;
  readonly setAsideMax: number;
  readonly intervalMs: number;
};

/** Drops what nobody will look for any more. Open incidents, records and rosters are never touched. */
export class Retention {
  readonly name = 'retention';
  readonly #deps: { readonly store: Store; readonly clock: Clock; readonly log: Logger };
  readonly #options: RetentionOptions;
  #cancelTimer: (() => void) | null = null;
  #running: Promise<void> = Promise.resolve();

  constructor(deps: { readonly store: Store; readonly clock: Clock; readonly log: Logger }, options: RetentionOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  start(): void {
    this.#running = this.sweep().catch((error: unknown) => {
      this.#deps.log.warn({ err: error }, 'retention failed, will retry');
    });
    this.#cancelTimer = this.#deps.clock.setTimer(this.#options.intervalMs, () => {
      this.start();
    });
  }

  async stop(): Promise<void> {
    this.#cancelTimer?.();
    await this.#running;
  }

  /** Drops once. */
  async sweep(): Promise<void> {
    const { store, clock } = this.#deps;
    const oldestMs = clock.nowMs() - this.#options.keepMs;
    const incidents = await store.list(prefixes.allIncidents);
    const setAside = [...(await store.list(prefixes.setAside))].sort(
      (one, other) => other.value.receivedAtMs - one.value.receivedAtMs,
    );
    const dropped: Stored<unknown>[] = [
      ...incidents.filter(({ value }) => value.state === 'closed' && value.lastSeenAtMs < oldestMs),
      ...setAside.filter(({ value }, index) => index >= this.#options.setAsideMax || value.receivedAtMs < oldestMs),
    ];
    const writes = dropped.map(({ key, revision }): Write => ({ key, value: null, ifRevision: revision }));
    // Whoever changed one meanwhile keeps all; the next sweep looks again.
    if (writes.length > 0) await store.commit({ writes });
    await store.pruneEvents(this.#options.eventsMax);
  }
}
