import type { GroupSpec } from './group-spec.ts';
import type { ProxyTables } from './proxy-tables.ts';

/** Who changed something, and why in that person's words; empty: it was not said. */
export type Author = { readonly who: string; readonly reason: string };

export const nobody: Author = { who: '', reason: '' };

/** A group's declaration as it once was. The store's revision of the record is the group's version of then. */
export type PastDeclaration = Author & {
  readonly spec: GroupSpec;
  /** Counts a group's declarations, also over delete and create. */
  readonly number: number;
  readonly change: 'CREATED' | 'CHANGED' | 'ROLLED_BACK' | 'DELETED';
  readonly atMs: number;
};

/** What the proxies of a group were told once. Of secrets only marks are kept. */
export type PastSnapshot = {
  readonly revision: number;
  readonly hash: string;
  readonly committedAtMs: number;
  /** The group's version that it was built from; 0: it was deleted. */
  readonly version: number;
  /** What differs from the one before, in a few words. */
  readonly summary: string;
  readonly tables: ProxyTables;
};

/** How much is kept of each group. */
export const pastDeclarationsMax = 50;
export const pastSnapshotsMax = 50;
/** Kept of a group that was deleted, so that it can be had back. */
export const pastOfDeletedMax = 3;

/** The number in a record's key, so that keys are in the order of numbers. */
export function paddedNumber(number: number): string {
  return String(number).padStart(10, '0');
}
