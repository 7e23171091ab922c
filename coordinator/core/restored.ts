import { type Freeze, raiseFreeze } from './freeze.ts';
import type { GroupSpec } from './group-spec.ts';
import { type Key, keys, prefixes } from './records.ts';
import type { PublishedSnapshot } from './snapshot.ts';

/** What a store holds under a key, and its revision. */
type Entry = { readonly key: Key<unknown>; readonly value: unknown; readonly revision: number };

/** How many snapshots of a group may have come after a backup, its first one too: none of their revisions comes again. */
const lostRevisionsMax = 2 ** 20;

/**
 * What a store holds after a backup took its place: the backup, with a freeze for each group, at `revision`. What came
 * after the backup only Cloud SQL and the agents know, and agents that have seen no higher revision than it holds do not
 * show by themselves that anything is lost.
 */
export function restoredEntries(backup: readonly Entry[], revision: number, nowMs: number): readonly Entry[] {
  const all = new Map<string, Entry>(backup.map((entry) => [entry.key, entry]));
  for (const { key, value } of backup) {
    if (!key.startsWith(prefixes.groups)) continue;
    const group = (value as GroupSpec).name;
    const freezeKey = keys.freeze(group);
    const published = all.get(keys.snapshot(group))?.value as PublishedSnapshot | undefined;
    const aboveRevision = (published?.revision ?? 0) + lostRevisionsMax;
    const seen = { group, aboveRevision, reason: 'the store was restored from a backup', isLost: true };
    const known = (all.get(freezeKey)?.value ?? null) as Freeze | null;
    all.set(freezeKey, { key: freezeKey, value: raiseFreeze(known, seen, nowMs), revision });
  }
  return [...all.values()];
}
