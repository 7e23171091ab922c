import type { CloudInstance, CloudListing } from './cloud.ts';

type ListingIndex = {
  readonly byName: ReadonlyMap<string, CloudInstance>;
  readonly byPrimary: ReadonlyMap<string, readonly CloudInstance[]>;
};
const indexes = new WeakMap<readonly CloudInstance[], ListingIndex>();

/** A listing is shared by all groups of a project: it is looked through once, not once for each of them. */
export function indexOf({ instances }: Pick<CloudListing, 'instances'>): ListingIndex {
  const known = indexes.get(instances);
  if (known !== undefined) return known;
  const byPrimary = new Map<string, CloudInstance[]>();
  const byName = new Map<string, CloudInstance>();
  for (const instance of instances) {
    byName.set(instance.name, instance);
    if (instance.primary === null) continue;
    const siblings = byPrimary.get(instance.primary);
    if (siblings === undefined) byPrimary.set(instance.primary, [instance]);
    else siblings.push(instance);
  }
  const index = { byName, byPrimary };
  indexes.set(instances, index);
  return index;
}
