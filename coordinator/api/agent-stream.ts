import { randomUUID } from 'node:crypto';
import type { ServerDuplexStream } from '@grpc/grpc-js';
import type { AgentMessage__Output } from '../../proto/gen/chester/v1/AgentMessage.ts';
import type { CoordinatorMessage } from '../../proto/gen/chester/v1/CoordinatorMessage.ts';
import type { Ack__Output } from '../../proto/gen/chester/v1/Ack.ts';
import type { Hello__Output } from '../../proto/gen/chester/v1/Hello.ts';
import type { Report__Output } from '../../proto/gen/chester/v1/Report.ts';
import { fleetOfSettings, type Published, settingsName } from '../core/fleet-settings.ts';
import {
  advanceAnswered,
  advanceSent,
  isOverdue,
  needsUpdate,
  newSubscription,
  type Subscription,
} from '../core/subscription.ts';
import type { AgentFacts } from '../ports.ts';
import type { Clock } from '../../process/clock.ts';
import { AgentReports } from './agent-reports.ts';
import { readAnswer, readError, readVotes, renderUnknown, renderUpdate } from './wire.ts';

export type AgentCall = ServerDuplexStream<AgentMessage__Output, CoordinatorMessage>;

/** One agent's identity on its stream. */
export type AgentIdentity = Pick<
  Hello__Output,
  'agentId' | 'bootId' | 'cell' | 'fleet' | 'podUid' | 'proxysqlVersion' | 'proxyBoot'
>;

export type AgentStreamDeps = {
  readonly facts: AgentFacts;
  readonly clock: Clock;
  /** Called after an answer changed what the agent runs. */
  readonly onAnswer: (group: string) => void;
  /** Called when a fact could not be stored: the stream ends, and the agent comes again. */
  readonly onFailure: (error: unknown) => void;
};

/**
 * One stream. At most one un-ACKed update per group; the newest snapshot replaces a waiting one, so that a slow agent
 * costs no memory. The agent is on a group's durable roster before its first update goes out. What its fleet has in
 * common is sent as groups are, but nobody votes on it. An agent that keeps its hands off its proxy gets nothing, joins no
 * roster, and what it once voted counts no more.
 */
export class AgentStream {
  readonly #call: AgentCall;
  readonly #deps: AgentStreamDeps;
  readonly #identity: AgentIdentity;
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #latest = new Map<string, Published>();
  readonly #enrolled = new Map<string, Promise<void>>();
  readonly #resent = new Set<string>();
  /** What the agent last reported. */
  readonly reports = new AgentReports();
  /** Why the agent keeps its hands off its proxy; null when it does not. */
  readonly refusal: { readonly code: string; readonly message: string } | null;
  readonly #known: ReadonlyMap<string, { readonly revision: number; readonly hash: string }>;
  #proxyBoot: string;
  #isRetired = false;
  #lastSeenMs: number;
  /** Facts of one agent are stored in the order in which it told them. */
  #facts: Promise<void> = Promise.resolve();

  constructor(call: AgentCall, hello: Hello__Output, deps: AgentStreamDeps) {
    this.#call = call;
    this.#deps = deps;
    this.#identity = hello;
    this.refusal = readError(hello.refusal);
    this.#proxyBoot = hello.proxyBoot;
    this.#lastSeenMs = deps.clock.nowMs();
    this.#known = new Map(hello.known.map(({ group, revision, hash }) => [group, { revision, hash }]));
  }

  get identity(): AgentIdentity {
    return { ...this.#identity, proxyBoot: this.#proxyBoot };
  }

  get lastSeenMs(): number {
    return this.#lastSeenMs;
  }

  /** What the agent answered for a group on this stream. */
  subscription(group: string): Subscription {
    return this.#subscriptions.get(group) ?? newSubscription(this.#known.get(group) ?? null);
  }

  /** Whether the agent runs exactly this. */
  runs({ group, revision, hash }: Published): boolean {
    const { applied } = this.subscription(group);
    return applied?.revision === revision && applied.hash === hash;
  }

  /** Sends what differs from what the agent knows, then SyncDone. */
  async sync(published: readonly Published[]): Promise<void> {
    if (this.refusal === null) {
      const groups = published.filter(({ kind }) => kind !== 'fleet');
      await Promise.all(groups.map(({ group }) => this.#enrol(group)));
    }
    for (const one of published) this.offer(one);
    const served = new Set(published.map(({ group }) => group));
    for (const [group, { revision }] of this.#known) if (!served.has(group)) this.#answerUnserved(group, revision);
    this.#write({ syncDone: {}, message: 'syncDone' });
  }

  /** Takes the newest of a group; sends it now, or when the answer to the last one is there. */
  offer(published: Published): void {
    if (this.#isRetired) return;
    const { group, kind } = published;
    const held = this.#latest.get(group);
    if (held !== undefined && held.revision >= published.revision) return;
    this.#latest.set(group, published);
    if (this.refusal !== null) {
      this.#recordVotes(group, noVotes);
      return;
    }
    const { revision } = this.subscription(group).applied ?? { revision: 0 };
    if (revision > published.revision) {
      this.#deps.facts.noteRevisionAhead(group, revision);
      return;
    }
    if (kind === 'fleet' || this.#enrolled.get(group) === settled) {
      this.#flush(group);
      return;
    }
    this.#enrol(group).then(() => {
      this.#flush(group);
    }, this.#deps.onFailure);
  }

  receiveAck(ack: Ack__Output): void {
    this.#lastSeenMs = this.#deps.clock.nowMs();
    const answer = readAnswer(ack);
    const before = this.#subscriptions.get(ack.group);
    if (answer === null || before === undefined) return;
    const after = advanceAnswered(before, answer);
    this.#subscriptions.set(ack.group, after);
    if (after !== before) this.#resent.delete(ack.group);
    this.reports.takeAck(ack);
    this.#recordVotes(ack.group, ack);
    if (after !== before) this.#deps.onAnswer(ack.group);
    this.#flush(ack.group);
  }

  receiveReport(report: Report__Output): void {
    this.#lastSeenMs = this.#deps.clock.nowMs();
    if (report.proxyBoot !== '' && report.proxyBoot !== this.#proxyBoot) this.#restartProxy(report.proxyBoot);
    this.reports.take(report);
    for (const group of report.groups) this.#recordVotes(group.group, group);
  }

  /** Sends a group again, also what the agent has proven or refused. */
  resync(group: string): void {
    this.#subscriptions.set(group, { ...this.subscription(group), applied: null, rejectedHash: null });
    this.#flush(group);
  }

  /** The agent speaks no more for its proxy: a newer stream does, or it took its leave. What it still sends is void. */
  retire(): void {
    this.#isRetired = true;
  }

  /** Sends an unanswered update once more. Returns false when that was done already: the stream has to end. */
  checkDeadlines(deadlineMs: number): boolean {
    const nowMs = this.#deps.clock.nowMs();
    for (const [group, subscription] of this.#subscriptions) {
      if (!isOverdue(subscription, deadlineMs, nowMs)) continue;
      if (this.#resent.has(group)) return false;
      this.#resent.add(group);
      this.#subscriptions.set(group, { ...subscription, sent: null });
      this.#flush(group);
    }
    return true;
  }

  /** Waits until nothing is being stored for this agent any more. */
  async settle(): Promise<void> {
    await Promise.allSettled([this.#facts, ...this.#enrolled.values()]);
  }

  /** Votes of the earlier boot are void for every group, also one that no report mentions; a refusal may be past. */
  #restartProxy(proxyBoot: string): void {
    this.#proxyBoot = proxyBoot;
    this.reports.forgetGroups();
    for (const group of this.#latest.keys()) this.#recordVotes(group, noVotes);
    for (const [group, subscription] of this.#subscriptions) {
      this.#subscriptions.set(group, { ...subscription, rejectedHash: null });
      this.#flush(group);
    }
  }

  /** A fleet without settings is nothing unknown; only the store may have lost them. */
  #answerUnserved(group: string, revision: number): void {
    if (fleetOfSettings(group) === null) this.#write(renderUnknown(group, randomUUID()));
    else if (group === settingsName(this.#identity.fleet)) this.#deps.facts.noteRevisionAhead(group, revision);
  }

  #enrol(group: string): Promise<void> {
    const known = this.#enrolled.get(group);
    if (known !== undefined) return known;
    const { agentId, fleet, cell, podUid } = this.#identity;
    const voter = { agentId, fleet, cell, podUid, proxyBoot: this.#proxyBoot };
    const enrolling = this.#deps.facts.enrol(group, voter).then(() => {
      this.#enrolled.set(group, settled);
    });
    this.#enrolled.set(group, enrolling);
    return enrolling;
  }

  #flush(group: string): void {
    const latest = this.#latest.get(group);
    const subscription = this.subscription(group);
    if (this.#isRetired || this.refusal !== null || latest === undefined) return;
    if (!needsUpdate(subscription, latest)) return;
    const nonce = randomUUID();
    const { revision, hash } = latest;
    this.#subscriptions.set(group, advanceSent(subscription, { nonce, revision, hash }, this.#deps.clock.nowMs()));
    this.#write(renderUpdate(latest, nonce));
  }

  #recordVotes(group: string, report: Pick<Ack__Output, 'removing' | 'absent'>): void {
    const { removing } = report;
    const votes = readVotes(this.refusal === null ? report : { removing, absent: [] }, this.#proxyBoot);
    this.#facts = this.#facts
      .then(() => (this.#isRetired ? undefined : this.#deps.facts.recordVotes(group, this.#identity.agentId, votes)))
      .catch(this.#deps.onFailure);
  }

  #write(message: CoordinatorMessage): void {
    if (!this.#call.writableEnded && !this.#call.cancelled) this.#call.write(message);
  }
}

/** Marks a group whose enrolment is durable, so that an update goes out in the same tick. */
const settled: Promise<void> = Promise.resolve();

/** What says nothing, but at another boot than the earlier votes makes them void. */
const noVotes = { removing: [], absent: [] };
