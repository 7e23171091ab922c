import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import { isSameAddress, recordVotes, type Voter, type VoteReport } from '../core/ballots.ts';
import { keys, type NewEvent, prefixes } from '../core/records.ts';
import type { PublishedSnapshot } from '../core/snapshot.ts';
import type { AgentFacts, Convergence, Metrics, Store, Write } from '../ports.ts';
import { commitFact } from './commits.ts';
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

  constructor(deps: RosterDeps) {
    this.#deps = deps;
  }

  async enrol(group: string, agent: Omit<Voter, 'absent' | 'joinedAtMs'>): Promise<void> {
    const { store, clock } = this.#deps;
    const key = keys.voter(group, agent.agentId);
    await commitFact(store, async () => {
      const stored = await store.get(key);
      const joinedAtMs = stored?.value.joinedAtMs ?? clock.nowMs();
      const isSameProxy = stored?.value.proxyBoot === agent.proxyBoot && stored.value.podUid === agent.podUid;
      if (isSameProxy && stored.value.fleet === agent.fleet && stored.value.cell === agent.cell) return null;
      const voter: Voter = { ...agent, joinedAtMs, absent: isSameProxy ? stored.value.absent : [] };
      const event = this.#event({
        group,
        kind: 'AGENT',
        subject: agent.agentId,
        reason: stored === null ? 'ENROLLED' : 'NEW_PROXY',
      });
      return { writes: [{ key, value: voter, ifRevision: stored?.revision ?? 0 }], events: [event] };
    });
  }

  async recordVotes(group: string, agentId: string, report: VoteReport): Promise<void> {
    const { store } = this.#deps;
    const key = keys.voter(group, agentId);
    await commitFact(store, async () => {
      const [stored, snapshot] = await Promise.all([store.get(key), store.get(keys.snapshot(group))]);
      if (stored === null || snapshot === null) return null;
      const voter = recordVotes(stored.value, report, snapshot.value);
      if (voter === stored.value) return null;
      const news = voter.absent.filter((vote) => !stored.value.absent.some((known) => isSameAddress(known, vote)));
      const message = news.map(({ hostname, port }) => `${hostname}:${port}`).join(', ');
      const event = this.#event({ group, kind: 'VOTE', subject: agentId, reason: 'ABSENT', message });
      const events = news.length > 0 ? [event] : [];
      return { writes: [{ key, value: voter, ifRevision: stored.revision }], events };
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

  noteConverged(snapshot: PublishedSnapshot, { agents, tookMs, eachMs }: Convergence): void {
    const { group, revision } = snapshot;
    this.#deps.metrics.observeConvergence(tookMs / 1000);
    const message = `${agents} of ${agents} agents, ${tookMs.toFixed(1)} ms after commit${renderEach(eachMs)}`;
    this.#note(
      this.#event({ group, kind: 'SNAPSHOT_CONVERGED', subject: String(revision), reason: 'APPLIED', message }),
    );
  }

  /** Events are for people: one that cannot be stored is logged, and holds nothing up. */
  #note(event: NewEvent): void {
    this.#deps.store.commit({ writes: [], events: [event] }).catch((error: unknown) => {
      this.#deps.log.error({ err: error, event }, 'event not stored');
    });
  }

  #event(event: Omit<NewEvent, 'atMs' | 'message'> & { readonly message?: string }): NewEvent {
    return { atMs: this.#deps.clock.nowMs(), message: '', ...event };
  }
}

/** An event names so many agents, the slowest first. */
const agentsNamedMax = 20;

function renderEach(eachMs: ReadonlyMap<string, number>): string {
  const slowestFirst = [...eachMs].sort(([, one], [, other]) => other - one);
  const named = slowestFirst.slice(0, agentsNamedMax).map(([agentId, ms]) => `${agentId} ${ms.toFixed(1)} ms`);
  return named.length === 0 ? '' : `; ${named.join(', ')}`;
}
