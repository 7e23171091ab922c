import type { Ack__Output } from '../../proto/gen/chester/v1/Ack.ts';
import type { NewVoter } from '../core/ballots.ts';
import { fleetOfSettings } from '../core/fleet-settings.ts';
import type { AgentFacts } from '../ports.ts';
import { readVotes } from './wire.ts';

export type AgentVotesDeps = {
  readonly facts: Pick<AgentFacts, 'enrol' | 'recordVotes'>;
  /** Whether the agent speaks no more for its proxy: what is not stored yet is void. */
  readonly isRetired: () => boolean;
  /** Called when a fact could not be stored. */
  readonly onFailure: (error: unknown) => void;
};

type Told = Pick<Ack__Output, 'removing' | 'absent'>;

/** Votes of one agent that wait to be stored: a slow store must not fill the memory with what one agent says. */
const waitingMax = 5000;

/** What one agent's stream brings into the rosters: that it is a voter, and what it proves. */
export class AgentVotes {
  readonly #voter: Omit<NewVoter, 'proxyBoot'>;
  readonly #isRefusing: boolean;
  readonly #deps: AgentVotesDeps;
  /** Groups that have the agent on their roster, and whether it may have votes there. */
  readonly #enrolled = new Map<string, { hasVotes: boolean }>();
  readonly #enrolling = new Map<string, Promise<void>>();
  #proxyBoot: string;
  /** Facts of one agent are stored in the order in which it told them. */
  #stored: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** @param isRefusing The agent keeps its hands off its proxy: it proves nothing. */
  constructor({ proxyBoot, ...voter }: NewVoter, isRefusing: boolean, deps: AgentVotesDeps) {
    this.#voter = voter;
    this.#proxyBoot = proxyBoot;
    this.#isRefusing = isRefusing;
    this.#deps = deps;
  }

  get proxyBoot(): string {
    return this.#proxyBoot;
  }

  isEnrolled(group: string): boolean {
    return this.#enrolled.has(group);
  }

  /** Resolves once the agent is durably on the group's roster. @param had Revisions that it was given. */
  enrol(group: string, had: readonly number[] = []): Promise<void> {
    if (this.#enrolled.has(group)) return Promise.resolve();
    const known = this.#enrolling.get(group);
    if (known !== undefined) return known;
    const voter = { ...this.#voter, proxyBoot: this.#proxyBoot };
    const enrolling = this.#deps.facts.enrol(group, voter, had).then(({ hasVotes }) => {
      this.#enrolled.set(group, { hasVotes });
      this.#enrolling.delete(group);
      if (voter.proxyBoot !== this.#proxyBoot) this.#void(group);
    });
    this.#enrolling.set(group, enrolling);
    return enrolling;
  }

  /** Enrols the agent once more: the store may have lost that it is on the roster. */
  async enrolAgain(group: string): Promise<void> {
    await this.#enrolling.get(group);
    this.#enrolled.delete(group);
    await this.enrol(group);
  }

  /** Stores what an agent says of addresses on their way out. A word without news costs nothing. */
  record(group: string, told: Told): void {
    const enrolment = this.#enrolled.get(group);
    const isEmpty = told.removing.length === 0 && told.absent.length === 0;
    if (fleetOfSettings(group) !== null || (isEmpty && enrolment?.hasVotes === false)) return;
    if (enrolment !== undefined) enrolment.hasVotes = true;
    const votes = readVotes(this.#isRefusing ? { ...told, absent: [] } : told, this.#proxyBoot);
    const { facts, isRetired, onFailure } = this.#deps;
    if (this.#waiting >= waitingMax) {
      onFailure(new Error(`${waitingMax} votes of one agent wait to be stored`));
      return;
    }
    this.#waiting += 1;
    const stored = this.#stored
      .then(() => (isRetired() ? null : facts.recordVotes(group, this.#voter, votes)))
      .then((standing) => {
        // A later word may have brought votes again.
        const isLast = this.#stored === stored;
        if (enrolment !== undefined && standing !== null && isLast) enrolment.hasVotes = standing.hasVotes;
      })
      .catch(onFailure)
      .finally(() => {
        this.#waiting -= 1;
      });
    this.#stored = stored;
  }

  /** ProxySQL's memory was rebuilt: votes of the earlier boot are void for every group, also one that nobody mentions. */
  restart(proxyBoot: string): void {
    this.#proxyBoot = proxyBoot;
    for (const group of this.#enrolled.keys()) this.#void(group);
  }

  /** Waits until nothing is being stored any more. */
  async settle(): Promise<void> {
    await Promise.allSettled([this.#stored, ...this.#enrolling.values()]);
  }

  /** What says nothing, but at another boot than the earlier votes, makes them void. */
  #void(group: string): void {
    const enrolment = this.#enrolled.get(group);
    if (enrolment !== undefined) enrolment.hasVotes = true;
    this.record(group, { removing: [], absent: [] });
  }
}
