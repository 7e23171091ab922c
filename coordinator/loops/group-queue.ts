import type { Clock } from '../../process/clock.ts';
import { backoffDelayMs } from '../../process/backoff.ts';
import type { Logger } from '../../process/log.ts';

export type GroupQueueOptions = {
  readonly name: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Looks at a group and acts. Returns after how many milliseconds to look again; null waits for a wake. */
  readonly work: (group: string) => Promise<number | null>;
  /** A wake waits this long for others to come; 0 runs at once. */
  readonly mergeMs: number;
  /** Groups worked on at the same time; the others wait their turn. */
  readonly concurrencyMax: number;
  readonly backoff: { readonly baseMs: number; readonly maxMs: number };
};

type Lane = {
  isRunning: boolean;
  isWoken: boolean;
  /** Woken, and waiting for further wakes to merge with. */
  isMerging: boolean;
  failures: number;
  cancelTimer: (() => void) | null;
};

/**
 * Works on groups, each at most once at a time: wakes that come meanwhile are merged into one more run. A group that
 * fails is tried again with backoff and delays no other.
 */
export class GroupQueue {
  readonly #options: GroupQueueOptions;
  readonly #lanes = new Map<string, Lane>();
  readonly #waiting = new Set<string>();
  readonly #running = new Set<Promise<void>>();
  #isStopped = false;

  constructor(options: GroupQueueOptions) {
    this.#options = options;
  }

  /** Asks for a run of `group` soon. One that waits out a failure goes on waiting: a wake does not mend it. */
  wake(group: string): void {
    if (this.#isStopped) return;
    const lane = this.#laneOf(group);
    if (lane.isMerging || (lane.failures > 0 && lane.cancelTimer !== null)) return;
    lane.cancelTimer?.();
    lane.cancelTimer = null;
    if (lane.isRunning) lane.isWoken = true;
    else this.#enqueue(group, lane);
  }

  /** Starts nothing more and waits for what runs. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#waiting.clear();
    for (const lane of this.#lanes.values()) lane.cancelTimer?.();
    await Promise.all(this.#running);
  }

  #laneOf(group: string): Lane {
    const known = this.#lanes.get(group);
    if (known !== undefined) return known;
    const lane: Lane = { isRunning: false, isWoken: false, isMerging: false, failures: 0, cancelTimer: null };
    this.#lanes.set(group, lane);
    return lane;
  }

  #enqueue(group: string, lane: Lane): void {
    const { clock, mergeMs } = this.#options;
    const enter = (): void => {
      lane.isMerging = false;
      lane.cancelTimer = null;
      this.#waiting.add(group);
      this.#runNext();
    };
    if (mergeMs === 0) {
      enter();
      return;
    }
    lane.isMerging = true;
    lane.cancelTimer = clock.setTimer(mergeMs, enter);
  }

  #runNext(): void {
    for (const group of this.#waiting) {
      if (this.#isStopped || this.#running.size >= this.#options.concurrencyMax) return;
      this.#waiting.delete(group);
      const run = this.#run(group, this.#laneOf(group)).finally(() => {
        this.#running.delete(run);
        this.#runNext();
      });
      this.#running.add(run);
    }
  }

  async #run(group: string, lane: Lane): Promise<void> {
    const { log, work, name, backoff } = this.#options;
    lane.isRunning = true;
    lane.isWoken = false;
    let delayMs: number | null;
    try {
      delayMs = await work(group);
      lane.failures = 0;
    } catch (error) {
      delayMs = backoff.baseMs + backoffDelayMs(backoff, lane.failures);
      lane.failures += 1;
      log.warn(
        { loop: name, group, err: error, retryMs: delayMs, failures: lane.failures },
        'group failed, will retry',
      );
    }
    lane.isRunning = false;
    this.#schedule(group, lane, delayMs);
  }

  #schedule(group: string, lane: Lane, delayMs: number | null): void {
    if (this.#isStopped) return;
    if (lane.isWoken && lane.failures === 0) {
      this.#enqueue(group, lane);
      return;
    }
    if (delayMs === null) return;
    lane.cancelTimer = this.#options.clock.setTimer(delayMs, () => {
      lane.cancelTimer = null;
      this.wake(group);
    });
  }
}
