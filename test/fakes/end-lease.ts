import type { FakeStore } from './fake-store.ts';

/** Ends what lease there is, as the end of its holder's process and some time do. */
export async function endLease(store: FakeStore): Promise<void> {
  const { lease } = store.moment();
  if (lease !== null) await store.releaseLease(lease.term);
}
