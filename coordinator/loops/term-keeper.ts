import type { Logger } from '../../process/log.ts';
import type { Clock } from '../../process/clock.ts';
import type { CurrentTerm, Store } from '../ports.ts';

/** Begins the term in which this coordinator decides, and begins another above any epoch that an agent has seen. */
export class TermKeeper implements CurrentTerm {
  readonly name = 'term-keeper';
  readonly #deps: { readonly store: Store; readonly clock: Clock; readonly log: Logger };
  readonly #holder: string;
  #fencingToken = 0;
  #isHeld = false;
  /** Terms begin one after the other, so that the last one begun is the one that counts. */
  #beginning: Promise<void> = Promise.resolve();
  #pending = 0;

  constructor(deps: { readonly store: Store; readonly clock: Clock; readonly log: Logger }, holder: string) {
    this.#deps = deps;
    this.#holder = holder;
  }

  get fencingToken(): number {
    return this.#fencingToken;
  }

  get isHeld(): boolean {
    return this.#isHeld;
  }

  async start(): Promise<void> {
    await this.#begin(0);
    this.#isHeld = true;
  }

  stop(): void {
    this.#isHeld = false;
  }

  /** Begins a term above `epoch`, unless the current one already is. Who lost the term does not take it back so. */
  raiseAbove(epoch: number): Promise<void> {
    this.#pending += 1;
    const raising = this.#beginning
      .then(async () => {
        if (this.#isHeld && epoch >= this.#fencingToken) await this.#begin(epoch + 1);
      })
      .finally(() => {
        this.#pending -= 1;
      });
    this.#beginning = raising.catch(() => undefined);
    return raising;
  }

  /**
   * Notes that the store refused a write of this term: somebody else decides now. Unless it was this coordinator that
   * began a newer term meanwhile, then the write was only late.
   */
  lose(newerToken: number): void {
    if (this.#pending > 0 || newerToken === this.#fencingToken) return;
    this.#isHeld = false;
    this.#deps.log.error({ fencingToken: this.#fencingToken, newerToken }, 'another coordinator holds a newer term');
  }

  async #begin(tokenMin: number): Promise<void> {
    const { store, clock, log } = this.#deps;
    const term = await store.beginTerm(this.#holder, clock.nowMs(), tokenMin);
    this.#fencingToken = term.fencingToken;
    log.info({ fencingToken: term.fencingToken, holder: term.holder }, 'term began');
  }
}
