import { type Address, isSameAddress } from './ballots.ts';
import type { PastSnapshot } from './history.ts';
import type { PublishedSnapshot } from './snapshot.ts';

/** What proxies may still have whose agents came back to a group after they were taken off its roster. */
export type Returned = { readonly addresses: readonly Address[] };

/**
 * Adds what a proxy may have that was given one of these past snapshots, and that the newest one neither names nor
 * withdraws: its withdrawal waited for those alone who were on the roster then. The same object: nothing to add.
 */
export function addReturned(
  known: Returned | null,
  had: readonly PastSnapshot[],
  { servers, leaving }: Pick<PublishedSnapshot, 'servers' | 'leaving'>,
): Returned | null {
  const accounted = [...servers, ...leaving, ...(known?.addresses ?? [])];
  const added = distinct(had.flatMap(addressesOf)).filter(
    (address) => !accounted.some((other) => isSameAddress(other, address)),
  );
  return added.length === 0 ? known : { addresses: [...(known?.addresses ?? []), ...added] };
}

function addressesOf({ tables }: PastSnapshot): readonly Address[] {
  const rows = Object.values(tables['mysql_servers'] ?? {});
  return rows.map(({ hostname, port }) => ({ hostname: String(hostname), port: Number(port) }));
}

/** Each address once. */
export function distinct(addresses: readonly Address[]): readonly Address[] {
  const known = new Map(addresses.map(({ hostname, port }) => [`${hostname} ${port}`, { hostname, port }]));
  return [...known.values()];
}
