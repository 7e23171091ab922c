import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import { isSameAddress, recordVotes, type Voter, type VoteReport } from '../core/ballots.ts';
import type { Published } from '../core/fleet-settings.ts';
import { keys, type NewEvent, prefixes } from '../core/records.ts';
import type { PublishedSnapshot } from '../core/snapshot.ts';
import type { AgentFacts, Convergence, Metrics, Store, VoterStanding, Write } from '../ports.ts';
import { commitFact } from './commits.ts';
import { FactWriter } from './fact-writer.ts';
import type { TermKeeper } from './term-keeper.ts';

export type RosterDeps = {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly term: TermKeeper;
  readonly metrics: Metrics;
  /** Asks for a new revision of a group, above the given one. */
  readonly raiseRevision: (group: string, above: number) => void;
};

/** Keeps who votes and what they voted: durable facts, written before they are needed. */
export class Roster implements AgentFacts {
  readonly #deps: RosterDeps;
  readonly #facts: FactWriter;

  /** @param intervalMs How long facts may wait to be stored together. */
  constructor(deps: RosterDeps, intervalMs = 0) {
    this.#deps = deps;
    this.#facts = new FactWriter(deps, { intervalMs, batchMax });
  }

  enrol(group: string, agent: Omit<Voter, 'absent' | 'joinedAtMs'>): Promise<VoterStanding> {
    const { clock } = this.#deps;
    const key = keys.voter(group, agent.agentId);
    return this.#facts.write({
      reads: [key],
      decide: (read) => {
        const stored = read(key);
        const joinedAtMs = stored?.joinedAtMs ?? clock.nowMs();
        const isSameProxy = stored?.proxyBoot === agent.proxyBoot && stored.podUid === agent.podUid;
        const result = { hasVotes: isSameProxy && stored.absent.length > 0 };
        if (isSameProxy && stored.fleet === agent.fleet && stored.cell === agent.cell) return { result };
        const voter: Voter = { ...agent, joinedAtMs, absent: isSameProxy ? stored.absent : [] };
        const reason = stored === null ? 'ENROLLED' : 'NEW_PROXY';
        const event = this.#event({ group, kind: 'AGENT', subject: agent.agentId, reason });
        return { result, puts: [{ key, value: voter }], events: [event] };
      },
    });
  }

  recordVotes(group: string, agentId: string, report: VoteReport): Promise<VoterStanding> {
    const key = keys.voter(group, agentId);
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

  async leave(agentId: string, reason: string, keepFleet?: string): Promise<readonly string[]> {
    const { store } = this.#deps;
    let groups: string[] = [];
    await commitFact(store, async () => {
      const voters = await store.list(prefixes.allVoters);
      const own = voters.filter(({ value }) => value.agentId === agentId && value.fleet !== keepFleet);
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

  noteRevisionAhead(group: string, revision: number): void {
    this.#deps.log.error({ group, revision }, 'an agent runs a newer revision than the store holds');
    this.#deps.raiseRevision(group, revision);
  }

  async noteEpochAhead(epoch: number): Promise<void> {
    this.#deps.log.error({ epoch }, 'an agent has seen a newer epoch than the store holds');
    await this.#deps.term.raiseAbove(epoch);
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
    this.#facts.write({ reads: [], decide: () => ({ result: null, events: [event] }) }).catch((error: unknown) => {
      this.#deps.log.error({ err: error, event }, 'event not stored');
    });
  }

  #event(event: Omit<NewEvent, 'atMs' | 'message'> & { readonly message?: string }): NewEvent {
    return { atMs: this.#deps.clock.nowMs(), message: '', ...event };
  }
}

/** Facts of so many agents go into one commit. */
const batchMax = 500;
