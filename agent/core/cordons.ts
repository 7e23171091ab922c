import { type Mark, withMark } from './marks.ts';
import { isServing, type ServerRow } from './rows.ts';

/** What stands of one of our rows. */
type Found = { readonly inMemory: ServerRow; readonly inRuntime: ServerRow | undefined; readonly mark: Mark | null };

export type CordonVerdict =
  | { readonly kind: 'none' }
  /** Edited and not loaded: somebody is about to, or has forgotten to. */
  | { readonly kind: 'pending'; readonly untilMs: number | null }
  | { readonly kind: 'cordoned'; readonly want: ServerRow; readonly untilMs: number };

/**
 * Recognises a person's OFFLINE_SOFT or OFFLINE_HARD on a row of ours: what we take out of service ourselves is
 * OFFLINE_SOFT and bears a mark. It is kept until it expires; the row's comment says when, so that it outlives this
 * process.
 */
export function judgeCordon(want: ServerRow, found: Found, cordonMs: number, nowMs: number): CordonVerdict {
  const { inMemory, mark } = found;
  if (cordonMs === 0 || !isByPerson(want, inMemory, mark)) return { kind: 'none' };
  const markedMs = mark?.kind === 'cordon' ? mark.untilMs : null;
  // Also ends a cordon that a clock put further away than any could be.
  const untilMs = Math.min(markedMs ?? Infinity, nowMs + cordonMs);
  if (untilMs <= nowMs) return { kind: 'none' };
  if (!isLoaded(found)) return { kind: 'pending', untilMs: markedMs };
  const comment = markedMs === untilMs ? inMemory.comment : withMark(want.comment, { kind: 'cordon', untilMs });
  return { kind: 'cordoned', want: { ...want, status: inMemory.status, comment }, untilMs };
}

function isByPerson(want: ServerRow, inMemory: ServerRow, mark: Mark | null): boolean {
  if (inMemory.status === 'OFFLINE_HARD') return true;
  if (inMemory.status !== 'OFFLINE_SOFT' || want.status !== 'ONLINE') return false;
  return mark === null || mark.kind === 'cordon';
}

/** Runtime shows a row that is OFFLINE_HARD only while it has connections. */
function isLoaded({ inMemory, inRuntime }: Found): boolean {
  if (inMemory.status !== 'OFFLINE_HARD') return !isServing(inRuntime);
  return inRuntime === undefined || inRuntime.status === 'OFFLINE_HARD';
}
