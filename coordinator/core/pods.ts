import type { Voter } from './ballots.ts';

/** A pod as Kubernetes lists it. */
export type Pod = { readonly name: string; readonly uid: string };

/** What to do about a voter after a complete list. */
export type PodVerdict = 'unknown' | 'seen' | 'missing';

/**
 * Compares a voter with a complete list of pods. Only one whose pod was in such a list before, of the same namespaces and
 * labels (`scope`), can be missing from it: any other may stand where nobody looked.
 */
export function judgePod(voter: Voter, uids: ReadonlySet<string>, scope: string): PodVerdict {
  if (voter.podUid === '') return 'unknown';
  if (uids.has(voter.podUid)) return 'seen';
  return voter.podSeenIn === scope ? 'missing' : 'unknown';
}
