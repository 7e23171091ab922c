import { keys } from '../core/records.ts';
import type { Replica } from '../core/replica.ts';
import { warmingPatienceMs } from '../core/scaling-view.ts';
import type { ReaderWarmth, Store } from '../ports.ts';

type WarmthDeps = { readonly store: Store; readonly warmth?: ReaderWarmth };

/**
 * Addresses of new replicas that no snapshot names yet, or that most proxies have not reached, as long as that is waited
 * for.
 */
export async function warmingAddresses(
  { store, warmth }: WarmthDeps,
  group: string,
  replicas: readonly Replica[],
  nowMs: number,
): Promise<readonly string[]> {
  if (warmth === undefined) return [];
  const fresh = replicas.flatMap((replica) =>
    replica.state === 'serving' && nowMs < replica.sinceMs + warmingPatienceMs ? [replica.address] : [],
  );
  if (fresh.length === 0) return [];
  const snapshot = (await store.get(keys.snapshot(group)))?.value;
  if (snapshot === undefined) return fresh;
  const known = new Set(snapshot.servers.map(({ hostname }) => hostname));
  const warming = new Set(warmth.warming(snapshot));
  return fresh.filter((address) => !known.has(address) || warming.has(address));
}
