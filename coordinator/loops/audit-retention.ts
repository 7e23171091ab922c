import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import type { AuditRecord } from '../core/audit.ts';
import { type Prefix, prefixes } from '../core/records.ts';
import type { Store, Write } from '../ports.ts';

export type AuditRetentionOptions = {
  readonly keepMs: number;
  readonly changesMax: number;
  readonly refusalsMax: number;
  readonly intervalMs: number;
};

const writesMax = 500;

/** Drops what of the audit trail is old, or more than is kept: changes and refusals each by a number of their own. */
export class AuditRetention {
  readonly name = 'audit-retention';
  readonly #deps: { readonly store: Store; readonly clock: Clock; readonly log: Logger };
  readonly #options: AuditRetentionOptions;
  #cancelTimer: (() => void) | null = null;
  #running: Promise<void> = Promise.resolve();

  constructor(
    deps: { readonly store: Store; readonly clock: Clock; readonly log: Logger },
    options: AuditRetentionOptions,
  ) {
    this.#deps = deps;
    this.#options = options;
  }

  start(): void {
    this.#running = this.sweep().catch((error: unknown) => {
      this.#deps.log.warn({ err: error }, 'retention of the audit trail failed, will retry');
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
    await this.#drop(prefixes.audit, this.#options.changesMax);
    await this.#drop(prefixes.auditRefusals, this.#options.refusalsMax);
  }

  async #drop(prefix: Prefix<AuditRecord>, countMax: number): Promise<void> {
    const { store, clock } = this.#deps;
    const oldestMs = clock.nowMs() - this.#options.keepMs;
    const records = await store.list(prefix);
    const surplus = records.length - countMax;
    // Their keys begin with the time: the oldest stand first.
    const dropped = records.filter(({ value }, index) => index < surplus || value.atMs < oldestMs);
    for (let first = 0; first < dropped.length; first += writesMax) {
      const writes = dropped
        .slice(first, first + writesMax)
        .map(({ key }): Write => ({ key, value: null, ifRevision: null }));
      await store.commit({ writes });
    }
  }
}
