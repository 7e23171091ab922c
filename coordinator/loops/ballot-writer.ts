import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import { type Ballot, buildEntry, dropEntry, putEntry } from '../core/cells.ts';
import { groupOfKey, keys, prefixes } from '../core/records.ts';
import type { Store } from '../ports.ts';
import { commitFact } from './commits.ts';
import { GroupQueue } from './group-queue.ts';

export type BallotWriterDeps = { readonly store: Store; readonly clock: Clock; readonly log: Logger };

/** Votes of many agents that come within this time are counted together. */
const mergeMs = 100;

/**
 * Writes what this cell's voters still have in use into the ballot of each group's change. It says what the store says,
 * so every coordinator of the cell writes the same; the other cells' entries are left as they are.
 */
export class BallotWriter {
  readonly name = 'ballot-writer';
  readonly #deps: BallotWriterDeps;
  readonly #cell: string;
  readonly #queue: GroupQueue;
  #unwatch: (() => void) | null = null;

  constructor(deps: BallotWriterDeps, cell: string) {
    this.#deps = deps;
    this.#cell = cell;
    this.#queue = new GroupQueue({
      name: this.name,
      clock: deps.clock,
      log: deps.log,
      work: (group) => this.write(group),
      mergeMs,
      concurrencyMax: 16,
      backoff: { baseMs: 200, maxMs: 10_000 },
    });
  }

  async start(): Promise<void> {
    const { store } = this.#deps;
    this.#unwatch = store.watch('', (changed) => {
      const groups = changed.filter((key) => key.startsWith('snapshot/') || this.#isOfVoter(key)).map(groupOfKey);
      for (const group of new Set(groups)) if (group !== null) this.#queue.wake(group);
    });
    for (const { value } of await store.list(prefixes.snapshots)) this.#queue.wake(value.group);
  }

  async stop(): Promise<void> {
    this.#unwatch?.();
    await this.#queue.stop();
  }

  /** Brings the cell's entry of one group up to date. */
  async write(group: string): Promise<null> {
    const { store, clock } = this.#deps;
    const key = keys.ballot(group);
    await commitFact(store, async () => {
      const [snapshot, stored] = await Promise.all([store.get(keys.snapshot(group)), store.get(key)]);
      const ballot: Ballot = stored?.value ?? { group, cells: {} };
      const ifRevision = stored?.revision ?? 0;
      if (snapshot === null || snapshot.value.leaving.length === 0) {
        if (ballot.cells[this.#cell] === undefined) return null;
        return { writes: [{ key, value: dropEntry(ballot, this.#cell), ifRevision }] };
      }
      const voters = await store.list(prefixes.votersOfCell(group, this.#cell));
      const next = putEntry(ballot, this.#cell, buildEntry(voters, snapshot.value, clock.nowMs()));
      return next === ballot ? null : { writes: [{ key, value: next, ifRevision }] };
    });
    return null;
  }

  #isOfVoter(key: string): boolean {
    const [kind, , cell] = key.split('/');
    return kind === 'roster' && cell === this.#cell;
  }
}
