import type { Key, Prefix, StoredEvent } from '../core/records.ts';
import { CoordinatorError } from '../errors.ts';
import type { Store, Stored, StoreHead } from '../ports.ts';

/** Everything that a store holds, so that another one can go on from there. */
export type StoreDump = {
  readonly head: StoreHead;
  readonly lastSequence: number;
  readonly entries: readonly Stored<unknown>[];
  readonly events: readonly StoredEvent[];
};

const everything = '' as Prefix<unknown>;
const eventsAtOnce = 1000;

/** How far revisions and events jump in the store that goes on: no number that somebody saw in the old one may come again. */
const jump = 2 ** 20;

/**
 * Reads a whole store, as it was at one moment. Old events that are dropped meanwhile may lack.
 *
 * @throws {CoordinatorError} STORE_IN_USE when somebody writes while the entries are read
 */
export async function readDump(store: Store): Promise<StoreDump> {
  const head = await store.head();
  const entries = await store.list(everything);
  const lastSequence = await store.lastEventSequence();
  await assertStill(store, head);
  // Events never change, so those up to the last one are read also while others come.
  const events: StoredEvent[] = [];
  for (;;) {
    const afterSequence = events.at(-1)?.sequence ?? 0;
    const more = await store.readEvents({ afterSequence, limit: eventsAtOnce });
    events.push(...more.filter(({ sequence }) => sequence <= lastSequence));
    if (more.length < eventsAtOnce || (more.at(-1)?.sequence ?? 0) >= lastSequence) break;
  }
  return { head, lastSequence, entries, events };
}

/** @throws {CoordinatorError} STORE_IN_USE when somebody has written since */
export async function assertStill(store: Store, { revision }: StoreHead): Promise<void> {
  if ((await store.head()).revision === revision) return;
  throw new CoordinatorError('STORE_IN_USE', 'somebody writes into the store: stop every coordinator first');
}

/** Whether a store has nothing that a copy would replace. */
export async function isEmpty(store: Store): Promise<boolean> {
  // Numbers of events say nothing: a server that was restarted leaves some out.
  const events = await store.readEvents({ afterSequence: 0, limit: 1 });
  return events.length === 0 && (await store.list(everything)).length === 0;
}

/** What the head of the target becomes: neither revisions nor tokens go back, whatever it was before. */
export function headAfterLoad(dump: StoreHead, target: StoreHead): StoreHead {
  return {
    storeId: dump.storeId,
    revision: Math.max(dump.revision, target.revision) + jump,
    fencingToken: Math.max(dump.fencingToken, target.fencingToken),
  };
}

/** The number after which the target's next event comes, so that nobody who waits for one misses it. */
export function lastSequenceAfterLoad(dump: number, target: number): number {
  const last = Math.max(dump, target);
  return last === 0 ? 0 : last + jump;
}

/** The key of an entry, with no claim about its value. */
export function keyOf(text: string): Key<unknown> {
  return text as Key<unknown>;
}
