import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import { describeForeignPending } from '../core/foreign.ts';
import type { Failure } from '../core/messages.ts';
import { isForced, isUrgent } from '../core/plan.ts';
import { type Step, stepNeedsLoad } from '../core/step.ts';

/** Somebody may be about to LOAD what is pending: look again soon. */
const foreignDelayMs = 1000;

export type LoadTurnOptions = {
  /** How long somebody's pending edit holds a drain or a change of the writer back. */
  readonly foreignGraceMs: number;
  /** Least time from a LOAD to one that can wait. */
  readonly loadIntervalMs: number;
};

/** `delayMs` is how long to wait; `failure`, what to say meanwhile. */
export type Wait = { readonly delayMs: number; readonly failure: Failure | null };

/**
 * Decides when a step may LOAD. Every LOAD publishes what others have pending, and un-shuns every dead server of the
 * whole proxy, so that clients run into it again: what neither brings a server in nor takes one out waits for its
 * turn, and goes along with what does.
 */
export class LoadTurn {
  readonly #deps: { readonly clock: Clock; readonly log: Logger };
  readonly #options: LoadTurnOptions;
  /** Monotonic. */
  #lastAtMs: number | null = null;
  /** Monotonic, by what is pending: since when every look has found it so. */
  #foreignSinceMs: ReadonlyMap<string, number> = new Map();

  constructor(deps: { readonly clock: Clock; readonly log: Logger }, options: LoadTurnOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  /** Notes that the servers were loaded by us, or may have been. */
  noteLoad(): void {
    this.#lastAtMs = this.#deps.clock.monotonicMs();
  }

  /** Says how long the plan's step has to wait; `null`: it may go. To be asked after every look, work or not. */
  findWait(plan: Step): Wait | null {
    const nowMs = this.#deps.clock.monotonicMs();
    const pending = plan.foreignPending.map(({ table, row, wouldBe }) => `${table} ${wouldBe} ${row}`);
    this.#foreignSinceMs = new Map(pending.map((edit) => [edit, this.#foreignSinceMs.get(edit) ?? nowMs]));
    if (!stepNeedsLoad(plan)) return null;
    return this.#waitForOthers(plan, nowMs) ?? this.#waitForTurn(plan, nowMs);
  }

  #waitForOthers(plan: Step, nowMs: number): Wait | null {
    if (this.#foreignSinceMs.size === 0) return null;
    // Each edit is held for the whole grace, the last one too.
    const heldMs = nowMs - Math.max(...this.#foreignSinceMs.values());
    const message = describeForeignPending(plan.foreignPending);
    if (!isForced(plan.groups) || heldMs < this.#options.foreignGraceMs) {
      return { delayMs: foreignDelayMs, failure: { code: 'FOREIGN_PENDING', message } };
    }
    this.#deps.log.warn({ heldMs, message }, 'a drain or a new writer does not wait any longer');
    return null;
  }

  #waitForTurn(plan: Step, nowMs: number): Wait | null {
    if (this.#lastAtMs === null || isUrgent(plan.groups)) return null;
    const delayMs = this.#lastAtMs + this.#options.loadIntervalMs - nowMs;
    return delayMs <= 0 ? null : { delayMs, failure: null };
  }
}
