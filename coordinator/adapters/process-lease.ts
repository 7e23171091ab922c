import type { Term } from '../core/records.ts';

export type RunningLease = { readonly term: Term; readonly ttlMs: number; readonly remainingMs: number };

/**
 * The lease of a store that lives in one process: kept in memory, by the monotonic clock. Nobody outlives the process,
 * so a store that is opened again has no lease.
 */
export class ProcessLease {
  readonly #monotonicMs: () => number;
  #running: { readonly term: Term; readonly ttlMs: number; readonly endsAtMs: number } | null = null;

  constructor(monotonicMs: () => number) {
    this.#monotonicMs = monotonicMs;
  }

  /** The lease that runs, and for how long yet; null when there is none. */
  get running(): RunningLease | null {
    if (this.#running === null) return null;
    const { term, ttlMs, endsAtMs } = this.#running;
    const remainingMs = endsAtMs - this.#monotonicMs();
    return remainingMs > 0 ? { term, ttlMs, remainingMs } : null;
  }

  start(term: Term, ttlMs: number): void {
    this.#running = { term, ttlMs, endsAtMs: this.#monotonicMs() + ttlMs };
  }

  renew(term: Term, ttlMs: number): boolean {
    const isRunning = this.running?.term.fencingToken === term.fencingToken;
    if (isRunning) this.start(term, ttlMs);
    return isRunning;
  }

  release(term: Term): void {
    if (this.#running?.term.fencingToken === term.fencingToken) this.#running = null;
  }

  end(): void {
    this.#running = null;
  }
}
