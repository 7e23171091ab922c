import type { NewEvent } from '../core/records.ts';
import type { Store, Write } from '../ports.ts';
import type { TermKeeper } from './term-keeper.ts';

/** A fact or a decision could not be written in this many tries: the store is beset by somebody. */
const triesMax = 20;

type DecidingDeps = { readonly store: Store; readonly term: TermKeeper };

/** What a read-decide-write step wants written; null when there is nothing to do. */
export type Intent = { readonly writes: readonly Write[]; readonly events?: readonly NewEvent[] } | null;

/**
 * Writes a fact: reads, decides and commits again until nobody was in between. Facts are not fenced.
 *
 * @throws {Error} after 20 conflicts in a row.
 */
export async function commitFact(store: Store, decide: () => Promise<Intent>): Promise<void> {
  for (let tries = 0; tries < triesMax; tries += 1) {
    const intent = await decide();
    if (intent === null) return;
    const result = await store.commit(intent);
    if (result.outcome === 'committed') return;
  }
  throw new Error(`the store refused a fact ${triesMax} times in a row`);
}

/**
 * Asks the store whether this term still is the newest, right before an act that no write goes with. A holder that was
 * frozen learns so that somebody else decides now.
 */
export function confirmTerm(deps: DecidingDeps, fencingToken: number): Promise<boolean> {
  return commitDecision(deps, { writes: [] }, fencingToken);
}

/**
 * Writes a decision once. False when somebody was faster or the term is over: decide again. `fencingToken` is of the term
 * in which what it rests on was read: who was frozen in between and holds a new term since has decided on what may be
 * another holder's past.
 */
export async function commitDecision(
  deps: DecidingDeps,
  intent: NonNullable<Intent>,
  fencingToken: number,
): Promise<boolean> {
  if (!deps.term.isHeld || deps.term.fencingToken !== fencingToken) return false;
  const result = await deps.store.commit({ ...intent, fencingToken });
  if (result.outcome === 'fenced') deps.term.lose(result.fencingToken);
  // The answer may have come after the lease had run out: what follows from the decision is another holder's then.
  return result.outcome === 'committed' && deps.term.isHeld;
}
