import type { Clock } from '../../../process/clock.ts';

type Timer = { readonly dueMs: number; readonly callback: () => void };

/** A clock that moves only when a test says so. */
export class FakeClock implements Clock {
  #nowMs = 1_000_000;
  #timers: Timer[] = [];
  #behindMs = 0;

  nowMs(): number {
    return this.#nowMs - this.#behindMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  setTimer(delayMs: number, callback: () => void): () => void {
    const timer = { dueMs: this.#nowMs + delayMs, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Time goes by while nothing happens, as for a process that was frozen. */
  jump(byMs: number): void {
    this.#nowMs += byMs;
  }

  /** Puts the wall clock back, and no other. */
  putBack(byMs: number): void {
    this.#behindMs += byMs;
  }

  /** Delays until the timers that are set, shortest first. */
  get pendingMs(): number[] {
    return this.#timers.map((timer) => timer.dueMs - this.#nowMs).sort((one, other) => one - other);
  }

  /** Moves on, rings what comes due on the way, and lets everything that follows from it happen. */
  async advance(byMs: number): Promise<void> {
    const endMs = this.#nowMs + byMs;
    await settle();
    for (;;) {
      const due = this.#timers.filter((timer) => timer.dueMs <= endMs).sort((one, other) => one.dueMs - other.dueMs)[0];
      if (due === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== due);
      this.#nowMs = Math.max(this.#nowMs, due.dueMs);
      due.callback();
      await settle();
    }
    this.#nowMs = Math.max(this.#nowMs, endMs);
  }
}

/** Lets everything happen that needs no time: promises of fakes that are resolved already. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
