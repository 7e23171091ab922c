import { type Mark, withMark } from './marks.ts';
import { isServing, type ServerRow } from './rows.ts';

/** What stands of one of our rows. */
type Found = { readonly inMemory: ServerRow; readonly inRuntime: ServerRow | undefined; readonly mark: Mark | null };

export type CordonVerdict =
  | { readonly kind: 'none' }
  /** Edited and not loaded: somebody is about to, or has forgotten to. */
  | { readonly kind: 'pending' }
  | { readonly kind: 'cordoned'; readonly want: ServerRow; readonly untilMs: number };

/**
 * Recognises a person's OFFLINE_SOFT or OFFLINE_HARD on a row of ours: what we take out of service ourselves bears a
 * mark. It is kept until it expires; the row's comment says when, so that it outlives this process.
 */
export function judgeCordon(want: ServerRow, found: Found, cordonMs: number, nowMs: number): CordonVerdict {
  const { inMemory, inRuntime, mark } = found;
  const isOffline = inMemory.status === 'OFFLINE_SOFT' || inMemory.status === 'OFFLINE_HARD';
  if (!isOffline || cordonMs === 0 || want.status !== 'ONLINE') return { kind: 'none' };
  if (mark !== null && mark.kind !== 'cordon') return { kind: 'none' };
  if (mark === null && isServing(inRuntime)) return { kind: 'pending' };
  // Also ends a cordon that a clock put it further away than any could be.
  const untilMs = Math.min(mark?.untilMs ?? Infinity, nowMs + cordonMs);
  if (untilMs <= nowMs) return { kind: 'none' };
  const comment = mark?.untilMs === untilMs ? inMemory.comment : withMark(want.comment, { kind: 'cordon', untilMs });
  return { kind: 'cordoned', want: { ...want, status: inMemory.status, comment }, untilMs };
}
