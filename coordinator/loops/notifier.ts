import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import {
  type Allowance,
  type Cause,
  causeOf,
  type Notice,
  noticeOf,
  type RateLimit,
  takeAllowance,
} from '../core/notice.ts';
import { keys, type StoredEvent } from '../core/records.ts';
import type { CurrentTerm, NoticeReceiver, NoticeTally, Store } from '../ports.ts';
import { NoticeQueue } from './notice-queue.ts';

export type NotifierDeps = {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  /** Only who decides tells: else every coordinator would. */
  readonly term: CurrentTerm;
  readonly tally: NoticeTally;
  readonly receivers: readonly NoticeReceiver[];
};

export type NotifierOptions = {
  readonly install: string;
  readonly limit: RateLimit;
  /** Events older than this are not told after a restart. */
  readonly ageMsMax: number;
  /** How often the place in the events is stored. */
  readonly cursorIntervalMs: number;
};

const eventsPerRead = 200;

/**
 * Tells people what events say. It reads them from the store behind a durable cursor, so that a restart loses nothing
 * and tells at most a little twice; whoever writes an event never waits for it. The cursor stays before the first
 * notice that some receiver has not got.
 */
export class Notifier {
  readonly name = 'notifier';
  readonly #deps: NotifierDeps;
  readonly #options: NotifierOptions;
  readonly #queues: readonly NoticeQueue[];
  readonly #causes = new Map<string, Cause>();
  readonly #allowances = new Map<string, Allowance>();
  #sequence = 0;
  #storedSequence = 0;
  /** Whether somebody else told meanwhile: then the place is read from the store again. */
  #hasRested = false;
  #isPumping = false;
  #isWoken = false;
  #isStopped = false;
  #pumping: Promise<void> = Promise.resolve();
  #unwatch: (() => void) | null = null;
  #cancelTimer: (() => void) | null = null;

  constructor(deps: NotifierDeps, options: NotifierOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#queues = deps.receivers.map((receiver) => new NoticeQueue({ ...deps, receiver }));
  }

  async start(): Promise<void> {
    if (this.#queues.length === 0) return;
    const { store } = this.#deps;
    const cursor = await store.get(keys.noticeCursor);
    // The first start tells nothing of the past.
    this.#sequence = cursor?.value.sequence ?? (await store.lastEventSequence());
    this.#storedSequence = cursor === null ? -1 : this.#sequence;
    this.#unwatch = store.watchEvents(() => {
      this.#wake();
    });
    this.#keepCursor();
    this.#wake();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#unwatch?.();
    this.#cancelTimer?.();
    await this.#pumping;
    await Promise.all(this.#queues.map((queue) => queue.stop()));
    if (this.#queues.length > 0) await this.#storeCursor();
  }

  #wake(): void {
    this.#isWoken = true;
    if (this.#isPumping || this.#isStopped) return;
    this.#isPumping = true;
    this.#pumping = this.#pump()
      .catch((error: unknown) => {
        this.#isWoken = false; // The next event or the next turn of the cursor tries again.
        this.#deps.log.warn({ err: error }, 'events could not be read for notifications');
      })
      .finally(() => {
        this.#isPumping = false;
        if (this.#isWoken) this.#wake();
      });
  }

  async #pump(): Promise<void> {
    while (this.#isWoken && !this.#isStopped) {
      this.#isWoken = false;
      if (!this.#deps.term.isHeld) {
        this.#hasRested = true;
        return;
      }
      if (this.#hasRested) await this.#resume();
      const events = await this.#deps.store.readEvents({ afterSequence: this.#sequence, limit: eventsPerRead });
      for (const event of events) this.#tell(event);
      if (events.length === eventsPerRead) this.#isWoken = true;
    }
  }

  /** Goes on where the last holder stopped. */
  async #resume(): Promise<void> {
    const cursor = await this.#deps.store.get(keys.noticeCursor);
    this.#hasRested = false;
    if (cursor === null) return;
    this.#sequence = cursor.value.sequence;
    this.#storedSequence = cursor.value.sequence;
  }

  #tell(event: StoredEvent): void {
    this.#sequence = event.sequence;
    const cause = causeOf(event);
    if (cause !== null) this.#causes.set(event.group, cause);
    const { clock, term, tally } = this.#deps;
    const { install, ageMsMax, limit } = this.#options;
    const notice = noticeOf(event, install, this.#causes.get(event.group) ?? null);
    if (notice === null || !term.isHeld || clock.nowMs() - event.atMs > ageMsMax) return;
    // Alarms have an allowance of their own: chatter must not keep them out.
    const account = notice.kind === 'alarm' ? `${event.group} alarm` : event.group;
    const leftOut = this.#allowances.get(account)?.leftOut ?? 0;
    const { allowance, isAllowed } = takeAllowance(this.#allowances.get(account) ?? null, limit, clock.nowMs());
    this.#allowances.set(account, allowance);
    if (isAllowed) this.#offer({ ...notice, leftOut }, event.sequence);
    else for (const { name } of this.#queues) tally.countNotice(name, 'left-out');
  }

  #offer(notice: Notice, sequence: number): void {
    for (const queue of this.#queues) queue.offer(notice, sequence);
  }

  #keepCursor(): void {
    this.#cancelTimer = this.#deps.clock.setTimer(this.#options.cursorIntervalMs, () => {
      void this.#storeCursor().finally(() => {
        if (this.#isStopped) return;
        this.#keepCursor();
        this.#wake();
      });
    });
  }

  /** Who finds a cursor that is too low tells a little twice: reason enough to store it, none to fail for it. */
  async #storeCursor(): Promise<void> {
    // Who does not tell must not move the place of the one who does.
    if (!this.#deps.term.isHeld) return;
    const pending = this.#queues.flatMap(({ firstSequence }) => (firstSequence === null ? [] : [firstSequence - 1]));
    const sequence = Math.min(this.#sequence, ...pending);
    if (sequence === this.#storedSequence) return;
    try {
      await this.#deps.store.commit({ writes: [{ key: keys.noticeCursor, value: { sequence }, ifRevision: null }] });
      this.#storedSequence = sequence;
    } catch (error) {
      this.#deps.log.warn({ err: error }, 'the place in the events was not stored');
    }
  }
}
