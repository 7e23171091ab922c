import { type PastDeclaration, pastDeclarationsMax } from '../core/history.ts';
import { keys, prefixes } from '../core/records.ts';
import type { Store, Stored, Write } from '../ports.ts';

/** The declarations of a group that are kept, oldest first. */
export function readPast(store: Store, group: string): Promise<readonly Stored<PastDeclaration>[]> {
  return store.list(prefixes.pastDeclarations(group));
}

/** Keeps a declaration beside the earlier ones; goes into the commit that makes it, whose revision is its version. */
export async function pastWrites(
  store: Store,
  declaration: Omit<PastDeclaration, 'number'>,
  keptMax = pastDeclarationsMax,
): Promise<Write[]> {
  const { name } = declaration.spec;
  const past = await readPast(store, name);
  const number = (past.at(-1)?.value.number ?? 0) + 1;
  const dropped = past.slice(0, Math.max(0, past.length + 1 - keptMax));
  return [
    { key: keys.pastDeclaration(name, number), value: { ...declaration, number }, ifRevision: 0 },
    ...dropped.map(({ key }): Write => ({ key, value: null, ifRevision: null })),
  ];
}
