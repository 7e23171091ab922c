import { type Clock, sleep } from '../../process/clock.ts';
import type { LeavingServer, Voter } from '../core/ballots.ts';
import { prefixes } from '../core/records.ts';
import type { Store } from '../ports.ts';

/** A roster that is smaller than this is read in no time. */
const smallRoster = 500;
const pauseFactor = 3;

/**
 * Reads a group's voters where something leaves; nobody is asked else. Ten thousand of them are megabytes to parse, and
 * each of their votes wakes who waits for all: whoever reads a large roster holds still for three times as long as the
 * reading took, so that the event loop stays free and one more look is enough for all votes that come meanwhile.
 */
export async function readVoters(
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  group: string,
  leaving: readonly LeavingServer[],
): Promise<readonly Voter[]> {
  if (leaving.length === 0) return [];
  const startMs = clock.monotonicMs();
  const voters = (await store.list(prefixes.voters(group))).map(({ value }) => value);
  if (voters.length >= smallRoster) await sleep(clock, pauseFactor * (clock.monotonicMs() - startMs));
  return voters;
}
