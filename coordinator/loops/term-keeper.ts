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
  }

  stop(): void {
    this.#isHeld = false;
  }

  /** Begins a term above `epoch`, unless the current one already is. */
  async raiseAbove(epoch: number): Promise<void> {
    if (epoch < this.#fencingToken) return;
    await this.#begin(epoch + 1);
  }

  /** Notes that the store refused a write of this term: somebody else decides now. */
  lose(newerToken: number): void {
    this.#isHeld = false;
    this.#deps.log.error({ fencingToken: this.#fencingToken, newerToken }, 'another coordinator holds a newer term');
  }

  async #begin(tokenMin: number): Promise<void> {
    const { store, clock, log } = this.#deps;
    const term = await store.beginTerm(this.#holder, clock.nowMs(), tokenMin);
    this.#fencingToken = term.fencingToken;
    this.#isHeld = true;
    log.info({ fencingToken: term.fencingToken, holder: term.holder }, 'term began');
  }
}
