import { createHmac, randomBytes } from 'node:crypto';
import type { Clock } from '../../../process/clock.ts';

/**
 * Remembers for a while what a credential turned out to be, by a digest under a key that only this process has: neither
 * the credential nor anything that could be tried against it stays in memory. Bounded; the oldest goes first.
 */
export class Remembered<T> {
  readonly #key = randomBytes(32);
  readonly #clock: Clock;
  readonly #limits: { readonly keepMs: number; readonly countMax: number };
  readonly #entries = new Map<string, { readonly value: T; readonly untilMs: number }>();

  constructor(clock: Clock, limits: { readonly keepMs: number; readonly countMax: number }) {
    this.#clock = clock;
    this.#limits = limits;
  }

  get(credential: string): T | null {
    const entry = this.#entries.get(this.#digest(credential));
    return entry !== undefined && this.#clock.monotonicMs() < entry.untilMs ? entry.value : null;
  }

  set(credential: string, value: T, keepMs = this.#limits.keepMs): void {
    const digest = this.#digest(credential);
    this.#entries.delete(digest);
    const untilMs = this.#clock.monotonicMs() + Math.min(keepMs, this.#limits.keepMs);
    this.#entries.set(digest, { value, untilMs });
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > this.#limits.countMax && oldest !== undefined) this.#entries.delete(oldest);
  }

  clear(): void {
    this.#entries.clear();
  }

  #digest(credential: string): string {
    return createHmac('sha256', this.#key).update(credential).digest('base64');
  }
}
