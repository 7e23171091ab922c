import { type PastSnapshot, pastSnapshotsMax } from '../core/history.ts';
import { type ProxyTables, renderProxyTables } from '../core/proxy-tables.ts';
import { keys } from '../core/records.ts';
import { diffTables, summariseChanges } from '../core/row-changes.ts';
import type { PublishedSnapshot } from '../core/snapshot.ts';
import type { ContentHash, Write } from '../ports.ts';

/** Enough to see that a secret changed, too little to find out which one it is. */
const markCharacters = 8;

/** Keeps a snapshot beside the earlier ones; goes into the commit that makes it. Of secrets only marks are kept. */
export function pastSnapshotWrites(
  snapshot: PublishedSnapshot,
  previous: PublishedSnapshot | null,
  hash: ContentHash,
): Write[] {
  const { group, revision, committedAtMs, specVersion: version = 0 } = snapshot;
  const mark = (secret: string) => hash(secret).slice(0, markCharacters);
  const tables = renderProxyTables(snapshot, mark);
  const before: ProxyTables = previous === null ? {} : renderProxyTables(previous, mark);
  const changes = summariseChanges(diffTables(before, tables));
  const leaving = snapshot.leaving.length === 0 ? '' : `${snapshot.leaving.length} leaving`;
  const summary = [changes, leaving].filter((part) => part !== '').join('; ');
  const value: PastSnapshot = { revision, hash: snapshot.hash, committedAtMs, version, summary, tables };
  const writes: Write[] = [{ key: keys.pastSnapshot(group, revision), value, ifRevision: null }];
  // Revisions mostly follow each other, so the one that has to go is known without a look at all of them.
  const dropped = revision - pastSnapshotsMax;
  if (dropped > 0) writes.push({ key: keys.pastSnapshot(group, dropped), value: null, ifRevision: null });
  return writes;
}
