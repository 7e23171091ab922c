import type { Clock } from '../../process/clock.ts';
import { backoffDelayMs } from '../../process/backoff.ts';
import type { Logger } from '../../process/log.ts';
import { type Moment, SharedTimers } from './shared-timers.ts';

export type GroupQueueOptions = {
  readonly name: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Looks at a group and acts. Returns after how many milliseconds to look again; null waits for a wake. */
  readonly work: (group: string) => Promise<number | null>;
  /** For groups that are looked at together with less work than one by one. They do not count as worked on. */
  readonly together?: {
    /** Groups with the same word are looked at together; null: this one has to be worked on. */
    readonly shareOf: (group: string) => string | null;
    /** Returns after how many milliseconds to look again at each; those it leaves out are worked on now. */
    readonly look: (share: string, groups: readonly string[]) => Promise<ReadonlyMap<string, number>>;
  };
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
  /** What it waits for: the end of merging, or its next look. */
  moment: Moment | null;
  readonly onMerged: () => void;
  readonly onDue: () => void;
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
  /** Those that wait to be looked at together, by what they share. */
  readonly #gathering = new Map<string, string[]>();
  readonly #timers: SharedTimers;
  #isStopped = false;

  constructor(options: GroupQueueOptions) {
    this.#options = options;
    this.#timers = new SharedTimers(options.clock);
  }

  /** Asks for a run of `group` soon. One that waits out a failure goes on waiting: a wake does not mend it. */
  wake(group: string): void {
    if (this.#isStopped) return;
    const lane = this.#laneOf(group);
    if (lane.isMerging || (lane.failures > 0 && lane.moment !== null)) return;
    this.#clearTimer(lane);
    if (lane.isRunning) lane.isWoken = true;
    else this.#enqueue(group, lane);
  }

  /** Starts nothing more and waits for what runs. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#waiting.clear();
    this.#gathering.clear();
    for (const lane of this.#lanes.values()) this.#clearTimer(lane);
    await Promise.all(this.#running);
  }

  #laneOf(group: string): Lane {
    const known = this.#lanes.get(group);
    if (known !== undefined) return known;
    const lane: Lane = {
      ...{ isRunning: false, isWoken: false, isMerging: false, failures: 0, moment: null },
      onMerged: () => {
        lane.isMerging = false;
        lane.moment = null;
        this.#enter(group, lane);
      },
      onDue: () => {
        lane.moment = null;
        this.wake(group);
      },
    };
    this.#lanes.set(group, lane);
    return lane;
  }

  #clearTimer(lane: Lane): void {
    if (lane.moment !== null) this.#timers.clear(lane.moment, lane.isMerging ? lane.onMerged : lane.onDue);
    lane.moment = null;
  }

  #enqueue(group: string, lane: Lane): void {
    const { mergeMs } = this.#options;
    if (mergeMs === 0) {
      this.#enter(group, lane);
      return;
    }
    lane.isMerging = true;
    lane.moment = this.#timers.set(mergeMs, lane.onMerged);
  }

  #enter(group: string, lane: Lane): void {
    // It may have begun meanwhile, when it was woken while it waited for its turn.
    if (lane.isRunning) {
      lane.isWoken = true;
      return;
    }
    const share = this.#options.together?.shareOf(group) ?? null;
    if (share === null) {
      this.#waiting.add(group);
      this.#runNext();
      return;
    }
    lane.isRunning = true;
    lane.isWoken = false;
    const gathered = this.#gathering.get(share);
    if (gathered !== undefined) {
      gathered.push(group);
      return;
    }
    // All that are due at this moment come before the microtask does.
    this.#gathering.set(share, [group]);
    queueMicrotask(() => {
      this.#lookTogether(share);
    });
  }

  #lookTogether(share: string): void {
    const groups = this.#gathering.get(share) ?? [];
    this.#gathering.delete(share);
    if (groups.length > 0) this.#keepRunning(this.#lookAll(share, groups));
  }

  async #lookAll(share: string, groups: readonly string[]): Promise<void> {
    const { log, together, name } = this.#options;
    let delays: ReadonlyMap<string, number> = new Map();
    try {
      delays = (await together?.look(share, groups)) ?? delays;
    } catch (error) {
      log.warn({ loop: name, share, err: error }, 'groups were not looked at together');
    }
    for (const group of groups) {
      const lane = this.#laneOf(group);
      const delayMs = delays.get(group);
      lane.isRunning = false;
      if (delayMs !== undefined) this.#schedule(group, lane, delayMs);
      else this.#waiting.add(group);
    }
  }

  #runNext(): void {
    for (const group of this.#waiting) {
      if (this.#isStopped || this.#running.size >= this.#options.concurrencyMax) return;
      this.#waiting.delete(group);
      this.#keepRunning(this.#run(group, this.#laneOf(group)));
    }
  }

  #keepRunning(work: Promise<void>): void {
    const run = work.finally(() => {
      this.#running.delete(run);
      this.#runNext();
    });
    this.#running.add(run);
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
    lane.moment = this.#timers.set(delayMs, lane.onDue);
  }
}
