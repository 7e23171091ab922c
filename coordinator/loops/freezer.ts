import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import type { Voter } from '../core/ballots.ts';
import { type Freeze, isThawed } from '../core/freeze.ts';
import { keys, type NewEvent, prefixes } from '../core/records.ts';
import type { Replica } from '../core/replica.ts';
import type { Store, Stored } from '../ports.ts';
import { commitDecision } from './commits.ts';
import type { TermKeeper } from './term-keeper.ts';

export type FreezerDeps = {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly term: TermKeeper;
};

/** A group's freeze as a look at the group found it at its beginning. */
export type Frozen = {
  readonly stored: Stored<Freeze>;
  readonly voters: readonly Voter[];
  /** The term in which the look began. */
  readonly fencingToken: number;
};

type Facts = { readonly replicas: readonly Stored<Replica>[]; readonly fencingToken: number };

/** Asks the voters of every group again that a new term finds in the middle of a removal, and ends freezes. */
export class Freezer {
  readonly #deps: FreezerDeps;
  /** The term in which the voters of a group were last asked. */
  readonly #askedIn = new Map<string, number>();

  constructor(deps: FreezerDeps) {
    this.#deps = deps;
  }

  /** The group's freeze; null: there is none. `begun`: one begins with this, look again. */
  async look(group: string, { replicas, fencingToken }: Facts): Promise<Frozen | null | 'begun'> {
    const { store, clock } = this.#deps;
    const stored = await store.get(keys.freeze(group));
    if (this.#askedIn.get(group) !== fencingToken) {
      const isLeaving = replicas.some(({ value: { state } }) => state === 'draining' || state === 'deleting');
      if (stored !== null || isLeaving) {
        // The store may be older than what proxies know, and only they can tell: nothing goes before all were heard.
        const fresh = { group, aboveRevision: 0, reason: 'a new term began in the middle of a removal' };
        const value: Freeze = { ...(stored?.value ?? fresh), sinceMs: clock.nowMs(), isListed: false };
        const writes = [{ key: keys.freeze(group), value, ifRevision: stored?.revision ?? 0 }];
        if (await commitDecision(this.#deps, { writes }, fencingToken)) this.#askedIn.set(group, fencingToken);
        return 'begun';
      }
      this.#askedIn.set(group, fencingToken);
    }
    if (stored === null) return null;
    const voters = (await store.list(prefixes.voters(group))).map(({ value }) => value);
    return { stored, voters, fencingToken };
  }

  /** Notes that a look that saw the freeze was a whole one, then ends it when nothing is missing. */
  async advance({ stored, voters, fencingToken }: Frozen): Promise<void> {
    const { store, clock, log } = this.#deps;
    const { key, value: freeze, revision } = stored;
    const { group, isListed, reason } = freeze;
    if (!isListed) {
      const writes = [{ key, value: { ...freeze, isListed: true }, ifRevision: revision }];
      await commitDecision(this.#deps, { writes }, fencingToken);
      return;
    }
    const published = (await store.get(keys.snapshot(group)))?.value.revision ?? 0;
    if (!isThawed(freeze, { revision: published, voters }, clock.nowMs())) return;
    const atMs = clock.nowMs();
    const message = `${reason}; Cloud SQL was listed, and ${voters.length} agents were compared`;
    const event: NewEvent = { atMs, group, kind: 'GROUP', subject: group, reason: 'THAWED', message };
    const writes = [{ key, value: null, ifRevision: revision }];
    const isOver = await commitDecision(this.#deps, { writes, events: [event] }, fencingToken);
    if (isOver) log.info({ group, reason }, 'group goes on');
  }
}
