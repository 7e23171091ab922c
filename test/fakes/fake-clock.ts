import type { Clock } from '../../process/clock.ts';

type Timer = { readonly atMs: number; readonly callback: () => void };

/** Time that stands still until a test moves it. */
export class FakeClock implements Clock {
  readonly #timers = new Set<Timer>();
  #nowMs: number;

  constructor(nowMs = 1_800_000_000_000) {
    this.#nowMs = nowMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  /** Timers that are set and not cancelled. */
  get pendingTimers(): number {
    return this.#timers.size;
  }

  setTimer(delayMs: number, callback: () => void): () => void {
    const timer = { atMs: this.#nowMs + delayMs, callback };
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
  }

  /** Moves on by `ms`; timers run in order, each followed by everything it sets off that needs no outside world. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    await settled();
    for (let timer = this.#nextTimer(untilMs); timer !== null; timer = this.#nextTimer(untilMs)) {
      this.#timers.delete(timer);
      this.#nowMs = Math.max(this.#nowMs, timer.atMs);
      timer.callback();
      await settled();
    }
    this.#nowMs = untilMs;
  }

  #nextTimer(untilMs: number): Timer | null {
    const due = [...this.#timers].filter(({ atMs }) => atMs <= untilMs);
    return due.reduce<Timer | null>(
      (first, timer) => (first === null || timer.atMs < first.atMs ? timer : first),
      null,
    );
  }
}

/** Waits until all promises that wait for nothing outside are settled. */
export function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
