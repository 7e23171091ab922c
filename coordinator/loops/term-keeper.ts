import assert from 'node:assert/strict';
import { type Clock, sleep } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import { leaseTimes, type LeaseTimes, waitMs } from '../core/lease.ts';
import { keys, type Term } from '../core/records.ts';
import type { CurrentTerm, Store } from '../ports.ts';

export type TermKeeperDeps = { readonly store: Store; readonly clock: Clock; readonly log: Logger };

export type TermKeeperOptions = {
  readonly leaseTtlMs?: number;
  /** False for a coordinator without credentials for Cloud SQL: it serves streams and never decides. */
  readonly mayDecide?: boolean;
};

const leaseTtlDefaultMs = 10_000;

/**
 * Takes the lease when nobody has it, renews it, and says whether this coordinator may decide. It stops deciding before
 * anybody else can begin: by the monotonic clock, counted from before the request that the store granted. Who lost the
 * lease tries to get it again, as a new term.
 */
export class TermKeeper implements CurrentTerm {
  readonly name = 'term-keeper';
  readonly #deps: TermKeeperDeps;
  readonly #holder: string;
  readonly #ttlMs: number;
  readonly #times: LeaseTimes;
  readonly #mayDecide: boolean;
  readonly #onBegin = new Set<() => Promise<void>>();
  #term: Term | null = null;
  #untilMs = 0;
  /** The highest token that this process has seen of its store: the next term of its own is above. */
  #seenToken = 0;
  #other: string | null = null;
  /** For how long the other's lease runs if it is not renewed; null: nobody else has it. */
  #othersMs: number | null = null;
  #isStopped = false;
  #cancelTimer: (() => void) | null = null;
  readonly #unwatch: (() => void)[] = [];
  /** Calls about the lease come one after the other, so that the last answer is the one that counts. */
  #turns: Promise<void> = Promise.resolve();
  #pending = 0;
  /** How many works have to be done before a term may begin. */
  #interruptions = 0;

  constructor(deps: TermKeeperDeps, holder: string, options: TermKeeperOptions = {}) {
    this.#deps = deps;
    this.#holder = holder;
    this.#ttlMs = options.leaseTtlMs ?? leaseTtlDefaultMs;
    this.#times = leaseTimes(this.#ttlMs);
    this.#mayDecide = options.mayDecide ?? true;
  }

  get fencingToken(): number {
    return this.#term?.fencingToken ?? this.#seenToken;
  }

  get isHeld(): boolean {
    return this.remainingMs > 0;
  }

  get remainingMs(): number {
    if (this.#term === null) return 0;
    return Math.max(0, this.#untilMs - this.#deps.clock.monotonicMs());
  }

  /** Who decides, as far as this coordinator knows; null: nobody. */
  get holder(): string | null {
    return this.isHeld ? this.#holder : this.#other;
  }

  /**
   * Calls `onBegin` whenever this coordinator begins to decide: with a new term, or in one that it could not renew in
   * time and nobody took meanwhile. Again until it succeeds: what rested goes on.
   */
  whenBegun(onBegin: () => Promise<void>): () => void {
    this.#onBegin.add(onBegin);
    return () => this.#onBegin.delete(onBegin);
  }

  /** Takes the lease if it is free. @throws what the store throws. */
  async start(): Promise<void> {
    const { store } = this.#deps;
    // The holder says in the store when a term began or was given back: then nobody waits for the lease to run out.
    this.#unwatch.push(
      store.watch(keys.term, () => {
        if (!this.isHeld) void this.#turn(() => this.#look()).catch(this.#noteFailure);
      }),
      store.watch(keys.epochSeen, () => void this.#riseAboveSeen().catch(this.#noteFailure)),
    );
    await this.#turn(() => this.#look());
    this.#schedule();
  }

  /** Gives the lease back, so that another coordinator can go on at once. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelTimer?.();
    for (const unwatch of this.#unwatch.splice(0)) unwatch();
    const term = this.#term;
    this.#term = null;
    if (term === null) return;
    const { store } = this.#deps;
    try {
      await store.releaseLease(term);
      const writes = [{ key: keys.term, value: { ...term, isReleased: true }, ifRevision: null }];
      await store.commit({ writes, fencingToken: term.fencingToken });
    } catch (error) {
      this.#deps.log.warn({ err: error }, 'the lease could not be given back; it runs out by itself');
    }
  }

  /** Begins a term above `epoch`, unless the current one already is. Who does not hold the term does not take it so. */
  async raiseAbove(epoch: number): Promise<void> {
    this.#pending += 1;
    try {
      await this.#turn(async () => {
        if (this.#term !== null && epoch >= this.#term.fencingToken) await this.#acquire(epoch + 1);
      });
    } finally {
      this.#pending -= 1;
    }
  }

  /**
   * Notes that the store refused a write of this term: somebody else decides now. Unless it was this coordinator that
   * began a newer term meanwhile, then the write was only late.
   */
  lose(newerToken: number): void {
    const term = this.#term;
    if (term === null || this.#pending > 0 || newerToken === term.fencingToken) return;
    this.#term = null;
    this.#seenToken = Math.max(this.#seenToken, newerToken);
    this.#deps.log.error(
      { fencingToken: term.fencingToken, newerToken },
      'the store knows another term: deciding ends',
    );
    this.#schedule();
  }

  /** Ends the term at once, and begins none before `work` is done, which is tried until it succeeds. */
  interrupt(work: () => Promise<void>): void {
    this.#term = null;
    this.#interruptions += 1;
    void this.#turn(() => this.#insist(work)).then(() => {
      this.#interruptions -= 1;
      this.#schedule();
    });
  }

  async #insist(work: () => Promise<void>): Promise<void> {
    while (!this.#isStopped) {
      try {
        await work();
        return;
      } catch (error) {
        this.#noteFailure(error);
        await sleep(this.#deps.clock, this.#times.retryMs);
      }
    }
  }

  /** Reads the newest token, where another coordinator holds the term. @throws what the store throws. */
  async refresh(): Promise<void> {
    if (!this.isHeld) await this.#readToken();
  }

  #turn(act: () => Promise<void>): Promise<void> {
    const turn = this.#turns.then(act);
    this.#turns = turn.catch(() => undefined);
    return turn;
  }

  readonly #noteFailure = (error: unknown): void => {
    this.#deps.log.warn({ err: error, remainingMs: this.remainingMs }, 'the lease could not be looked after');
  };

  #schedule(failed = false): void {
    if (this.#isStopped) return;
    this.#cancelTimer?.();
    const isWaiting = this.#term === null || failed;
    const delayMs = isWaiting ? waitMs(this.#times, failed ? null : this.#othersMs) : this.#times.renewMs;
    this.#cancelTimer = this.#deps.clock.setTimer(delayMs, () => {
      this.#turn(() => this.#look()).then(
        () => {
          this.#schedule();
        },
        (error: unknown) => {
          this.#noteFailure(error);
          this.#schedule(true);
        },
      );
    });
  }

  async #look(): Promise<void> {
    if (this.#isStopped) return;
    if (await this.#keeps()) return;
    if (this.#mayDecide) await this.#acquire(0);
    if (this.#term === null) await this.#readToken();
  }

  /** Whether the lease that there was goes on. */
  async #keeps(): Promise<boolean> {
    if (this.#term !== null) await this.#renew(this.#term);
    return this.#term !== null;
  }

  async #renew(term: Term): Promise<void> {
    const { store, clock, log } = this.#deps;
    const sentAtMs = clock.monotonicMs();
    const isRenewed = await store.renewLease(term, this.#ttlMs);
    // The write of a decision may have found out meanwhile that the term is over.
    if (this.#term !== term) return;
    if (isRenewed) {
      const hasRested = !this.isHeld;
      this.#untilMs = sentAtMs + this.#times.decideMs;
      if (hasRested && this.remainingMs > 0) {
        log.info({ fencingToken: term.fencingToken }, 'the lease was renewed late: deciding goes on');
        this.#tellAll(term);
      }
      return;
    }
    this.#term = null;
    log.error({ fencingToken: term.fencingToken }, 'the lease ran out: deciding ends');
  }

  /** Begins a term, if nobody else's lease runs; one of our own passes into it without a gap. */
  async #acquire(tokenMin: number): Promise<void> {
    const { store, clock, log } = this.#deps;
    const sentAtMs = clock.monotonicMs();
    const replaced = this.#term;
    const result = await store.acquireLease({
      holder: this.#holder,
      ttlMs: this.#ttlMs,
      nowMs: clock.nowMs(),
      tokenMin: Math.max(tokenMin, this.#seenToken + 1),
      ...(replaced === null ? {} : { replaces: replaced.fencingToken }),
    });
    this.#othersMs = result.outcome === 'taken' ? result.remainingMs : null;
    if (result.outcome === 'taken') {
      if (this.#other !== result.holder) log.info({ holder: result.holder }, 'another coordinator decides');
      this.#other = result.holder;
      if (this.#term === replaced) this.#term = null;
      return;
    }
    const { term } = result;
    assert(term.fencingToken > this.#seenToken, 'a term begins above all that were seen');
    this.#other = null;
    this.#seenToken = term.fencingToken;
    // What came in between has to be done first.
    if (this.#isStopped || this.#interruptions > 0) return store.releaseLease(term);
    this.#term = term;
    this.#untilMs = sentAtMs + this.#times.decideMs;
    log.info({ fencingToken: term.fencingToken, holder: term.holder }, 'term began');
    await this.#announce(term);
    void this.#riseAboveSeen().catch(this.#noteFailure);
    this.#tellAll(term);
  }

  #tellAll(term: Term): void {
    for (const onBegin of this.#onBegin) this.#tell(onBegin, term);
  }

  #tell(onBegin: () => Promise<void>, term: Term): void {
    onBegin().catch((error: unknown) => {
      this.#deps.log.warn({ err: error }, 'what waits for the term could not begin, will retry');
      this.#deps.clock.setTimer(this.#times.retryMs, () => {
        if (this.#term === term && this.#onBegin.has(onBegin)) this.#tell(onBegin, term);
      });
    });
  }

  /** Agents of other coordinators may have seen a higher epoch; only the holder begins a term above it. */
  async #riseAboveSeen(): Promise<void> {
    const seen = this.isHeld ? await this.#deps.store.get(keys.epochSeen) : null;
    if (seen !== null) await this.raiseAbove(seen.value.epoch);
  }

  /** Tells the others. A term is one without that too. */
  async #announce(term: Term): Promise<void> {
    try {
      const writes = [{ key: keys.term, value: { ...term, isReleased: false }, ifRevision: null }];
      await this.#deps.store.commit({ writes, fencingToken: term.fencingToken });
    } catch (error) {
      this.#noteFailure(error);
    }
  }

  /** Streams carry the token of the newest term, whoever holds it. */
  async #readToken(): Promise<void> {
    const { fencingToken } = await this.#deps.store.head();
    this.#seenToken = Math.max(this.#seenToken, fencingToken);
  }
}
