import assert from 'node:assert/strict';
import type { Clock } from '../../process/clock.ts';
import { mergeAgentEvents } from '../core/event-merging.ts';
import type { Key, NewEvent } from '../core/records.ts';
import { CoordinatorError } from '../errors.ts';
import type { Store, Write } from '../ports.ts';

/** A fact to be stored: what it is decided from, and the decision, which may be made again. */
export type Fact<Result> = {
  readonly reads: readonly Key<unknown>[];
  readonly decide: (read: <T>(key: Key<T>) => T | null) => FactIntent<Result>;
};

export type FactIntent<Result> = {
  readonly result: Result;
  /** Keys that were read, with their new values. */
  readonly puts?: readonly { readonly key: Key<unknown>; readonly value: unknown }[];
  readonly events?: readonly NewEvent[];
};

export type FactWriterOptions = {
  /**
   * The first fact is stored at once; those that come within this time after a commit go together. After a slow commit
   * it is three times as long as that took: a store with one thread then has three quarters of it for others.
   */
  readonly intervalMs: number;
  readonly batchMax: number;
};

type Waiting = {
  readonly fact: Fact<unknown>;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
};

const pauseFactor = 3;
/** Facts could not be written in this many tries: the store is beset by somebody. */
const triesMax = 20;

/**
 * Stores facts of many agents with few commits: ten thousand that come back at once would else wait for as many flushes
 * of a disk. Facts are decided in the order in which they came, each one sees what those before it decided.
 */
export class FactWriter {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #options: FactWriterOptions;
  #waiting: Waiting[] = [];
  #isBusy = false;
  /** When the next commit may begin, on the clock that never goes back. */
  #nextAtMs = -Infinity;

  constructor({ store, clock }: { readonly store: Store; readonly clock: Clock }, options: FactWriterOptions) {
    this.#store = store;
    this.#clock = clock;
    this.#options = options;
  }

  /** Resolves with the fact's result once it is durable, or at once where nothing needs to be stored. */
  write<Result>(fact: Fact<Result>): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      this.#waiting.push({ fact, resolve: resolve as (result: unknown) => void, reject });
      this.#wake();
    });
  }

  #wake(): void {
    if (this.#isBusy || this.#waiting.length === 0) return;
    this.#isBusy = true;
    const waitMs = this.#nextAtMs - this.#clock.monotonicMs();
    if (waitMs <= 0) void this.#run();
    else this.#clock.setTimer(waitMs, () => void this.#run());
  }

  async #run(): Promise<void> {
    const batch = this.#waiting.slice(0, this.#options.batchMax);
    this.#waiting = this.#waiting.slice(batch.length);
    const startMs = this.#clock.monotonicMs();
    await this.#commit(batch);
    const endMs = this.#clock.monotonicMs();
    const { intervalMs } = this.#options;
    this.#nextAtMs = endMs + (intervalMs === 0 ? 0 : Math.max(intervalMs, pauseFactor * (endMs - startMs)));
    this.#isBusy = false;
    this.#wake();
  }

  async #commit(batch: readonly Waiting[]): Promise<void> {
    try {
      const results = await this.#tryAll(batch.map(({ fact }) => fact));
      for (const [index, { resolve }] of batch.entries()) resolve(results[index]);
    } catch (error) {
      // A fact that cannot be stored must not take others with it; a store that is away takes all.
      if (batch.length > 1 && !(error instanceof CoordinatorError)) {
        for (const one of batch) await this.#commit([one]);
        return;
      }
      for (const { reject } of batch) reject(error);
    }
  }

  async #tryAll(facts: readonly Fact<unknown>[]): Promise<readonly unknown[]> {
    for (let tries = 0; tries < triesMax; tries += 1) {
      const results = await this.#tryOnce(facts);
      if (results !== null) return results;
    }
    throw new Error(`the store refused facts ${triesMax} times in a row`);
  }

  /** Null: somebody was in between, and nothing was written. */
  async #tryOnce(facts: readonly Fact<unknown>[]): Promise<readonly unknown[] | null> {
    const keys = [...new Set(facts.flatMap(({ reads }) => reads))];
    const stored = await Promise.all(keys.map((key) => this.#store.get(key)));
    const entries = new Map(
      stored.map((entry, index) => [
        keys[index] ?? '',
        { value: entry?.value ?? null, revision: entry?.revision ?? 0, isChanged: false },
      ]),
    );
    const events: NewEvent[] = [];
    const results = facts.map(({ decide }) => {
      const intent = decide(<T>(key: Key<T>) => (entries.get(key)?.value ?? null) as T | null);
      for (const { key, value } of intent.puts ?? []) {
        const entry = entries.get(key);
        assert(entry !== undefined, `a fact writes ${key}, which it has not read`);
        Object.assign(entry, { value, isChanged: true });
      }
      events.push(...(intent.events ?? []));
      return intent.result;
    });
    const writes = [...entries]
      .filter(([, { isChanged }]) => isChanged)
      .map(([key, { value, revision }]): Write => ({ key: key as Key<unknown>, value, ifRevision: revision }));
    if (writes.length === 0 && events.length === 0) return results;
    const { outcome } = await this.#store.commit({ writes, events: mergeAgentEvents(events) });
    return outcome === 'committed' ? results : null;
  }
}
