import { backoffDelayMs } from '../../process/backoff.ts';
import { type Clock, sleep } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import type { Notice } from '../core/notice.ts';
import type { NoticeReceiver, NoticeTally } from '../ports.ts';

export type NoticeQueueDeps = {
  readonly clock: Clock;
  readonly log: Logger;
  readonly tally: NoticeTally;
  readonly receiver: NoticeReceiver;
};

const waitingMax = 100;
const triesMax = 6;
const backoff = { baseMs: 1000, maxMs: 60_000 };

type Waiting = { readonly notice: Notice; readonly sequence: number };

/**
 * What one receiver has still to get, in order. A receiver that does not answer costs nobody else anything: its queue is
 * bounded, the oldest goes first when it is full, and a notice that failed six times is given up.
 */
export class NoticeQueue {
  readonly #deps: NoticeQueueDeps;
  readonly #stopping = new AbortController();
  #waiting: Waiting[] = [];
  #sending: Waiting | null = null;
  #running: Promise<void> | null = null;

  constructor(deps: NoticeQueueDeps) {
    this.#deps = deps;
  }

  get name(): string {
    return this.#deps.receiver.name;
  }

  /** The sequence of the oldest notice that is still to be sent; null when there is none. */
  get firstSequence(): number | null {
    return this.#sending?.sequence ?? this.#waiting[0]?.sequence ?? null;
  }

  offer(notice: Notice, sequence: number): void {
    if (this.#waiting.length >= waitingMax) {
      this.#waiting.shift();
      this.#deps.tally.countNotice(this.name, 'dropped');
    }
    this.#waiting.push({ notice, sequence });
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
    });
  }

  /** Waits for the call that is under way; what is left is told after the next start. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      this.#sending = this.#waiting.shift() ?? null;
      if (this.#sending === null) return;
      const isDone = await this.#deliver(this.#sending.notice, signal);
      if (isDone) this.#sending = null;
    }
  }

  /** False when it was told to stop in between. */
  async #deliver(notice: Notice, signal: AbortSignal): Promise<boolean> {
    const { receiver, clock, log, tally } = this.#deps;
    for (let tries = 0; tries < triesMax; tries += 1) {
      const failure = await receiver.send(notice);
      if (failure === null) {
        tally.countNotice(this.name, 'sent');
        return true;
      }
      log.warn({ receiver: this.name, notice: notice.id, reason: failure, tries }, 'notification not delivered');
      if (tries + 1 < triesMax) await sleep(clock, backoff.baseMs + backoffDelayMs(backoff, tries), signal);
      if (signal.aborted) return false;
    }
    tally.countNotice(this.name, 'failed');
    return true;
  }
}
