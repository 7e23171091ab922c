import type { Clock } from '../../process/clock.ts';

/** A millisecond at which something is due. */
export type Moment = {
  readonly atMs: number;
  readonly callbacks: Set<() => void>;
  readonly cancel: () => void;
};

/**
 * Timers of many that are due together: one timer of the clock for each millisecond. Two hundred groups that look again
 * at the same time would else make two hundred timers a look, which live just long enough for V8 to take them for old.
 */
export class SharedTimers {
  readonly #clock: Clock;
  readonly #moments = new Map<number, Moment>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls `callback` once, no earlier than in `delayMs`; a callback counts once in each moment. */
  set(delayMs: number, callback: () => void): Moment {
    const nowMs = this.#clock.monotonicMs();
    const atMs = Math.ceil(nowMs + delayMs);
    const moment = this.#moments.get(atMs) ?? this.#begin(atMs, atMs - nowMs);
    moment.callbacks.add(callback);
    return moment;
  }

  /** Takes back what `set` promised. */
  clear(moment: Moment, callback: () => void): void {
    moment.callbacks.delete(callback);
    if (moment.callbacks.size > 0 || this.#moments.get(moment.atMs) !== moment) return;
    this.#moments.delete(moment.atMs);
    moment.cancel();
  }

  #begin(atMs: number, delayMs: number): Moment {
    const callbacks = new Set<() => void>();
    const cancel = this.#clock.setTimer(delayMs, () => {
      this.#moments.delete(atMs);
      for (const callback of callbacks) callback();
    });
    const moment = { atMs, callbacks, cancel };
    this.#moments.set(atMs, moment);
    return moment;
  }
}
