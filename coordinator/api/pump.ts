/** Work over many streams, done in small turns so that nothing else on the event loop waits long. */
type Job<To> = {
  readonly rest: Iterator<To>;
  readonly visit: (stream: To) => void;
  /** Says that what is left needs not be done any more. */
  readonly isVoid: () => boolean;
  readonly onDone: () => void;
  readonly turnSize: number;
};

/** Streams visited in one turn of the event loop: half a millisecond of it. */
const turnSizeMax = 50;
/** Of what one turn sends, so that large snapshots block no longer than small ones. */
const turnBytesMax = 512 * 1024;

export type PumpOptions = {
  readonly isVoid?: () => boolean;
  /** What each stream gets. */
  readonly bytes?: number;
  /** Called once there is nothing left to do. */
  readonly onDone?: () => void;
};

/** Visits streams fifty at a turn; several jobs take turns. A job's first turn comes at once. */
export class Pump<To> {
  readonly #soon: (turn: () => void) => void;
  readonly #jobs: Job<To>[] = [];
  #isScheduled = false;

  /** @param soon Runs a turn after what the event loop has waiting. */
  constructor(soon: (turn: () => void) => void) {
    this.#soon = soon;
  }

  run(streams: Iterable<To>, visit: (stream: To) => void, options: PumpOptions = {}): void {
    const { isVoid = () => false, bytes = 1, onDone = () => undefined } = options;
    const turnSize = Math.max(1, Math.min(turnSizeMax, Math.floor(turnBytesMax / bytes)));
    const job = { rest: streams[Symbol.iterator](), visit, isVoid, onDone, turnSize };
    if (this.#turn(job)) return;
    this.#jobs.push(job);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#soon(() => {
      this.#isScheduled = false;
      const job = this.#jobs.shift();
      if (job !== undefined && !this.#turn(job)) this.#jobs.push(job);
      if (this.#jobs.length > 0) this.#schedule();
    });
  }

  /** Returns whether the job is done. */
  #turn({ rest, visit, isVoid, onDone, turnSize }: Job<To>): boolean {
    for (let visited = 0; visited < turnSize; visited += 1) {
      const next = isVoid() ? null : rest.next();
      if (next === null || next.done === true) {
        onDone();
        return true;
      }
      visit(next.value);
    }
    return false;
  }
}
