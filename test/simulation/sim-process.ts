import type { Clock } from '../../process/clock.ts';
import type { Fate, Faults } from './faults.ts';
import type { Scheduler } from './scheduler.ts';

/** The wall clock at the beginning of every world. */
export const epochMs = 1_800_000_000_000;

export type ProcessDeps = {
  readonly scheduler: Scheduler;
  readonly faults: Faults;
  readonly log: (text: string) => void;
  /** Called when it died by a fault; whoever supervises it may start another. */
  readonly died: () => void;
};

/** Share of calls that take a moment, and how long. */
const waiting = { share: 0.25, maxMs: 40 };

/**
 * One life of a daemon: everything that it runs, waits for or is called by goes through here, so that it can die or
 * freeze at any await. What a dead one waited for never comes.
 */
export class SimProcess {
  readonly name: string;
  readonly clock: Clock;
  /** By how much its wall clock is wrong. */
  skewMs = 0;
  isAlive = true;
  isFrozen = false;
  /** What begins now is a call that its caller has given up. */
  isLate = false;
  readonly #deps: ProcessDeps;
  readonly #held: (() => void)[] = [];

  constructor(name: string, deps: ProcessDeps) {
    this.name = name;
    this.#deps = deps;
    const { scheduler } = deps;
    this.clock = {
      nowMs: () => Math.floor(epochMs + scheduler.nowMs + this.skewMs),
      monotonicMs: () => scheduler.nowMs,
      setTimer: (delayMs, callback) =>
        scheduler.after(delayMs, () => {
          this.run(callback);
        }),
    };
  }

  /** Runs something of this process: now, when it thaws, or never. */
  run(work: () => void): void {
    if (!this.isAlive) return;
    if (this.isFrozen) this.#held.push(work);
    else work();
  }

  /** Ends it at once. */
  crash(): void {
    if (!this.isAlive) return;
    this.isAlive = false;
    this.#held.length = 0;
    this.#deps.log(`${this.name} dies`);
    this.#deps.died();
  }

  freeze(forMs: number): void {
    if (!this.isAlive || this.isFrozen) return;
    this.isFrozen = true;
    this.#deps.log(`${this.name} freezes for ${Math.round(forMs)} ms`);
    this.#deps.scheduler.after(forMs, () => {
      this.#thaw();
    });
  }

  #thaw(): void {
    if (!this.isAlive) return;
    this.#deps.log(`${this.name} thaws`);
    this.isFrozen = false;
    for (const work of this.#held.splice(0)) this.run(work);
  }

  /** Calls a port, and lets happen to the call what the seed says. `fails` makes the error of one that goes wrong. */
  call<T>(port: string, act: () => Promise<T> | T, fails: () => Error): Promise<T> {
    const { scheduler, faults } = this.#deps;
    const { fault, isCalm, draw } = faults.next(this.name, port, scheduler.nowMs);
    const latency = isCalm ? 0 : latencyMs(draw);
    const isPlain = fault === null && this.isAlive && !this.isFrozen && latency === 0;
    if (isPlain) return this.#callPlainly(act);
    return new Promise<T>((resolve, reject) => {
      const answer = (outcome: () => void): void => {
        const delayMs = fault === 'slow' ? 500 + draw('slow') * 10_000 : latency;
        if (delayMs === 0) this.run(outcome);
        else
          scheduler.after(delayMs, () => {
            this.run(outcome);
          });
      };
      const perform = (): void => {
        if (!this.isAlive) return;
        attempt(act).then(
          (value) => {
            this.#mishap(fault, 'After', draw);
            answer(() => {
              if (fault === 'failAfter') reject(fails());
              else resolve(value);
            });
          },
          (error: unknown) => {
            answer(() => {
              reject(error instanceof Error ? error : new Error(String(error)));
            });
          },
        );
      };
      if (fault === 'late') {
        // The caller gives up; the call itself is still on its way.
        scheduler.after(draw('late') * 8000, () => {
          this.#actLate(act);
        });
      }
      if (fault === 'failBefore' || fault === 'late') {
        answer(() => {
          reject(fails());
        });
        return;
      }
      this.#mishap(fault, 'Before', draw);
      this.run(perform);
    });
  }

  #actLate<T>(act: () => Promise<T> | T): void {
    this.isLate = true;
    void attempt(act).catch(() => undefined);
    this.isLate = false;
  }

  /** Most calls: nothing goes wrong and no time passes, unless somebody else ends or freezes the process meanwhile. */
  async #callPlainly<T>(act: () => Promise<T> | T): Promise<T> {
    try {
      const value = await act();
      if (!this.isAlive || this.isFrozen) await this.#turn();
      return value;
    } catch (error) {
      if (!this.isAlive || this.isFrozen) await this.#turn();
      throw error;
    }
  }

  /** Resolves when the process may go on: now, when it thaws, or never. */
  #turn(): Promise<void> {
    return new Promise((resolve) => {
      this.run(resolve);
    });
  }

  #mishap(fault: string | null, when: 'Before' | 'After', draw: Fate['draw']): void {
    if (fault === null) return;
    if (fault === `crash${when}`) this.crash();
    if (fault === `freeze${when}`) this.freeze(1000 + draw('freeze') ** 2 * 40_000);
  }
}

function latencyMs(draw: Fate['draw']): number {
  const share = draw('latency');
  return share >= waiting.share ? 0 : 1 + Math.floor((share / waiting.share) * waiting.maxMs);
}

/** Calls something that may throw at once. */
function attempt<T>(act: () => Promise<T> | T): Promise<T> {
  return new Promise((resolve) => {
    resolve(act());
  });
}
