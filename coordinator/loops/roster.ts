import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import {
  isSameAddress,
  isSameProxy,
  joinRoster,
  type NewVoter,
  recordVotes,
  type VoteReport,
} from '../core/ballots.ts';
import { fleetOfSettings, type Published } from '../core/fleet-settings.ts';
import { raiseFreeze } from '../core/freeze.ts';
import { keys, type NewEvent, prefixes } from '../core/records.ts';
import { addReturned } from '../core/returned.ts';
import type { PublishedSnapshot } from '../core/snapshot.ts';
import type {
  AgentFacts,
  AgentName,
  Convergence,
  LeavingAgent,
  Metrics,
  Store,
  VoterStanding,
  Write,
} from '../ports.ts';
import { commitFact } from './commits.ts';
import { FactWriter } from './fact-writer.ts';
import type { TermKeeper } from './term-keeper.ts';

export type RosterDeps = {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly term: TermKeeper;
  readonly metrics: Metrics;
};

/** What somebody has seen of a group that the store may lack. */
export type SeenAhead = { readonly group: string; readonly aboveRevision: number; readonly reason: string };

/** Keeps who votes and what they voted: durable facts, written before they are needed. */
export class Roster implements AgentFacts {
  readonly #deps: RosterDeps;
  readonly #facts: FactWriter;
  /** Nobody waits for what people are told: it goes to the store more rarely. */
  readonly #notes: FactWriter;

  /** @param intervalMs How long facts may wait to be stored together. */
  constructor(deps: RosterDeps, intervalMs = 0) {
    this.#deps = deps;
    this.#facts = new FactWriter(deps, { intervalMs, batchMax });
    this.#notes = new FactWriter(deps, { intervalMs: noteFactor * intervalMs, batchMax: notesMax });
  }

  async enrol(group: string, agent: NewVoter, had: readonly number[] = []): Promise<VoterStanding> {
    // Hardly anybody who was there before is on no roster, and only for those the history is read.
    const standing = await this.#enrol(group, agent, had.length === 0 ? [] : null);
    return standing ?? (await this.#enrol(group, agent, had)) ?? { hasVotes: false };
  }

  /** @param had Null: an agent that is on no roster yet is left off, and so is the answer. */
  #enrol(group: string, agent: NewVoter, had: readonly number[] | null): Promise<VoterStanding | null> {
    const { clock } = this.#deps;
    const key = keys.voter(group, agent.agentId, agent.cell);
    const freezeKey = keys.freeze(group);
    const past = (had ?? []).map((revision) => keys.pastSnapshot(group, revision));
    const returnedKey = keys.returned(group);
    return this.#facts.write({
      reads: [key, freezeKey, ...(past.length === 0 ? [] : [keys.snapshot(group), returnedKey, ...past])],
      decide: (read) => {
        const stored = read(key);
        if (stored === null && had === null) return { result: null };
        // What the agent knows is in the freeze already: it is compared herewith.
        const comparedForMs = read(freezeKey)?.sinceMs;
        const voter = joinRoster(stored, agent, { comparedForMs, nowMs: clock.nowMs() });
        const result = { hasVotes: voter.absent.length > 0 };
        if (voter === stored) return { result };
        const reason = stored === null ? 'ENROLLED' : 'NEW_PROXY';
        const event = this.#event({ group, kind: 'AGENT', subject: agent.agentId, reason });
        const events = isSameProxy(stored, agent) ? [] : [event];
        const snapshot = past.length === 0 ? null : read(keys.snapshot(group));
        if (snapshot?.kind !== 'snapshot') return { result, puts: [{ key, value: voter }], events };
        const known = read(returnedKey);
        const kept = past.flatMap((one) => read(one) ?? []);
        const returned = addReturned(known, kept, snapshot);
        const more = returned === known ? [] : [{ key: returnedKey, value: returned }];
        return { result, puts: [{ key, value: voter }, ...more], events };
      },
    });
  }

  recordVotes(group: string, { agentId, cell }: AgentName, report: VoteReport): Promise<VoterStanding> {
    const key = keys.voter(group, agentId, cell);
    const snapshotKey = keys.snapshot(group);
    return this.#facts.write({
      reads: [key, snapshotKey],
      decide: (read) => {
        const [stored, snapshot] = [read(key), read(snapshotKey)];
        if (stored === null || snapshot === null) return { result: { hasVotes: false } };
        const voter = recordVotes(stored, report, snapshot);
        const result = { hasVotes: voter.absent.length > 0 };
        if (voter === stored) return { result };
        const news = voter.absent.filter((vote) => !stored.absent.some((known) => isSameAddress(known, vote)));
        const message = news.map(({ hostname, port }) => `${hostname}:${port}`).join(', ');
        const event = this.#event({ group, kind: 'VOTE', subject: agentId, reason: 'ABSENT', message });
        return { result, puts: [{ key, value: voter }], events: news.length > 0 ? [event] : [] };
      },
    });
  }

  async leave(agent: LeavingAgent, reason: string, keepFleet?: string): Promise<readonly string[]> {
    const { store } = this.#deps;
    const { agentId, cell, podUid } = agent;
    let groups: string[] = [];
    await commitFact(store, async () => {
      const voters = await store.list(prefixes.allVoters);
      const own = voters.filter(
        ({ value }) =>
          value.agentId === agentId &&
          value.fleet !== keepFleet &&
          (cell === undefined || value.cell === cell) &&
          (podUid === undefined || value.podUid === podUid),
      );
      groups = own.map(({ key }) => key.split('/')[1] ?? '');
      if (own.length === 0) return null;
      const writes: Write[] = own.map(({ key, revision }) => ({ key, value: null, ifRevision: revision }));
      const events = groups.map((group) =>
        this.#event({ group, kind: 'AGENT', subject: agentId, reason: 'LEFT_ROSTER', message: reason }),
      );
      return { writes, events };
    });
    return groups;
  }

  noteRevisionAhead(group: string, revision: number): Promise<void> {
    return this.freeze({
      group,
      aboveRevision: revision,
      reason: 'an agent runs a newer revision than the store holds',
    });
  }

  /** Freezes a group that the store holds at an older revision than somebody has seen, or at `isLost` in any case. */
  async freeze(seen: SeenAhead, isLost = false): Promise<void> {
    const { group, aboveRevision } = seen;
    const { clock, log } = this.#deps;
    const key = keys.freeze(group);
    const fleet = fleetOfSettings(group);
    const publishedKey = fleet === null ? keys.snapshot(group) : keys.settings(fleet);
    const hasBegun = await this.#facts.write({
      // Read afresh: a coordinator may be behind a store that is not.
      reads: [key, publishedKey, keys.group(group)],
      decide: (read) => {
        const published = read<{ revision: number }>(publishedKey);
        // What an agent has of a group that nobody declared here is none of ours.
        if (published === null && fleet === null && read(keys.group(group)) === null) return { result: false };
        if (!isLost && (published?.revision ?? 0) >= aboveRevision) return { result: false };
        const known = read(key);
        const value = raiseFreeze(known, { ...seen, isLost }, clock.nowMs());
        if (value === null) return { result: false };
        const message = `${seen.reason}: ${aboveRevision}; it is published above that, and nothing is deleted meanwhile`;
        const event = this.#event({ group, kind: 'ALARM', subject: group, reason: 'STORE_WENT_BACK', message });
        return { result: true, puts: [{ key, value }], events: known === null ? [event] : [] };
      },
    });
    if (hasBegun) log.error({ ...seen }, 'the store went back: the group is frozen');
  }

  async noteEpochAhead(epoch: number): Promise<void> {
    const { log, store, term } = this.#deps;
    await term.refresh();
    if (epoch <= term.fencingToken) return;
    log.error({ epoch }, 'an agent has seen a newer epoch than the store holds');
    await term.raiseAbove(epoch);
    if (epoch <= term.fencingToken) return;
    // Only the holder begins a term above it.
    const key = keys.epochSeen;
    await commitFact(store, async () => {
      const known = await store.get(key);
      if (known !== null && known.value.epoch >= epoch) return null;
      return { writes: [{ key, value: { epoch }, ifRevision: known?.revision ?? 0 }] };
    });
  }

  noteAgent(agentId: string, reason: string, message: string): void {
    this.#note(this.#event({ group: '', kind: 'AGENT', subject: agentId, reason, message }));
  }

  noteConverged(snapshot: PublishedSnapshot, { agents, tookMs, mergedMs, canaryMs, slowest }: Convergence): void {
    const { group, revision } = snapshot;
    this.#deps.metrics.observeConvergence(tookMs / 1000);
    const waits = [
      ...(mergedMs > 0 ? [`merged ${mergedMs.toFixed(1)} ms`] : []),
      ...(canaryMs > 0 ? [`first wave ${canaryMs.toFixed(1)} ms`] : []),
      ...slowest.map(({ agentId, ms }) => `${agentId} ${ms.toFixed(1)} ms`),
    ];
    const each = waits.length === 0 ? '' : `; ${waits.join(', ')}`;
    const message = `${agents} of ${agents} agents, ${tookMs.toFixed(1)} ms after commit${each}`;
    this.#note(
      this.#event({ group, kind: 'SNAPSHOT_CONVERGED', subject: String(revision), reason: 'APPLIED', message }),
    );
  }

  noteRolloutStopped({ group, revision }: Published, message: string): void {
    this.#note(this.#event({ group, kind: 'ALARM', subject: String(revision), reason: 'ROLLOUT_STOPPED', message }));
  }

  /** Events are for people: one that cannot be stored is logged, and holds nothing up. */
  #note(event: NewEvent): void {
    this.#notes.write({ reads: [], decide: () => ({ result: null, events: [event] }) }).catch((error: unknown) => {
      this.#deps.log.error({ err: error, event }, 'event not stored');
    });
  }

  #event(event: Omit<NewEvent, 'atMs' | 'message'> & { readonly message?: string }): NewEvent {
    return { atMs: this.#deps.clock.nowMs(), message: '', ...event };
  }
}

/** Facts of so many agents go into one commit. */
const batchMax = 500;
const noteFactor = 25;
const notesMax = 5000;
