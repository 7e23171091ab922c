import type { ServerDuplexStream, status as grpcStatus } from '@grpc/grpc-js';
import type { AgentMessage__Output } from '../../proto/gen/chester/v1/AgentMessage.ts';
import type { CoordinatorMessage } from '../../proto/gen/chester/v1/CoordinatorMessage.ts';
import type { Ack__Output } from '../../proto/gen/chester/v1/Ack.ts';
import type { Hello__Output } from '../../proto/gen/chester/v1/Hello.ts';
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
import { AgentVotes } from './agent-votes.ts';
import { encodeFrame } from './coordinator-bytes.ts';
import type { Rejection } from './rejections.ts';
import type { Recipient, Release } from './release.ts';
import type { ReportMessage } from './report-bytes.ts';
import { StreamOutlet } from './stream-outlet.ts';
import { readAnswer, readError, renderUnknown, renderUpdate } from './wire.ts';

/** A stream takes messages, and such as were encoded for many streams. */
export type AgentCall = ServerDuplexStream<AgentMessage__Output, CoordinatorMessage | Buffer>;

/** One agent's identity on its stream. */
export type AgentIdentity = Pick<
  Hello__Output,
  'agentId' | 'bootId' | 'cell' | 'fleet' | 'podUid' | 'proxysqlVersion' | 'proxyBoot'
>;

export type AgentStreamDeps = {
  readonly facts: AgentFacts;
  readonly clock: Clock;
  /** What goes to the agents of a group now. */
  readonly current: (group: string) => Release<AgentStream> | undefined;
  /** A nonce for an update that is for one stream only. */
  readonly nextNonce: () => string;
  /** Called when an update went out, which is to be answered. */
  readonly onSent: (stream: AgentStream) => void;
  /** Called after an answer changed what the agent runs or refuses. */
  readonly onAnswer: (group: string, stream: AgentStream) => void;
  /** Called when a fact could not be stored: the stream ends, and the agent comes again. */
  readonly onFailure: (stream: AgentStream, error: unknown) => void;
};

/** What is known of an agent when its stream begins. */
export type AgentStart = {
  readonly joinedAtRelease: number;
  readonly rejections: ReadonlyMap<string, Rejection>;
};

/**
 * One stream. At most one un-ACKed update per group; the newest snapshot replaces a waiting one, so that a slow agent
 * costs no memory. The agent is on a group's durable roster before its first update goes out. What its fleet has in
 * common is sent as groups are, but nobody votes on it. An agent that keeps its hands off its proxy gets nothing, joins no
 * roster, and what it once voted counts no more.
 */
export class AgentStream implements Recipient {
  readonly agentId: string;
  readonly fleet: string;
  readonly joinedAtRelease: number;
  readonly call: AgentCall;
  readonly #deps: AgentStreamDeps;
  readonly #outlet: StreamOutlet;
  #identity: AgentIdentity;
  readonly #subscriptions = new Map<string, Subscription>();
  /** What the agent says it was given by whomever, whether or not it ever ran. */
  readonly #received = new Map<string, number>();
  readonly #votes: AgentVotes;
  /** Groups whose unanswered update was sent a second time. */
  readonly #resent = new Set<string>();
  /** What the agent last reported. */
  readonly reports = new AgentReports();
  /** Why the agent keeps its hands off its proxy; null when it does not. */
  readonly refusal: { readonly code: string; readonly message: string } | null;
  #isRetired = false;
  #lastSeenMs: number;
  /** Since when there is something unanswered, on the clock that never goes back; null: there is nothing. */
  #unansweredSinceMs: number | null = null;
  /** When the first of what the agent has not read was sent. */
  #unreadSinceMs = 0;

  constructor(call: AgentCall, hello: Hello__Output, start: AgentStart, deps: AgentStreamDeps) {
    const { agentId, bootId, cell, fleet, podUid, proxysqlVersion, proxyBoot } = hello;
    this.call = call;
    this.#outlet = new StreamOutlet(call);
    this.agentId = agentId;
    this.fleet = fleet;
    this.joinedAtRelease = start.joinedAtRelease;
    this.#deps = deps;
    this.#identity = { agentId, bootId, cell, fleet, podUid, proxysqlVersion, proxyBoot };
    this.refusal = readError(hello.refusal);
    this.#votes = new AgentVotes({ agentId, fleet, cell, podUid, proxyBoot }, this.refusal !== null, {
      facts: deps.facts,
      isRetired: () => this.#isRetired,
      onFailure: this.#fail,
    });
    this.#lastSeenMs = deps.clock.nowMs();
    for (const { group, revision, hash } of hello.known)
      this.#subscriptions.set(group, newSubscription({ revision, hash }));
    for (const { group, revision } of hello.received) this.#received.set(group, revision);
    for (const [group, { hash, error }] of start.rejections) {
      this.#subscriptions.set(group, { ...this.subscription(group), state: 'REJECTED', rejectedHash: hash, error });
    }
  }

  get identity(): AgentIdentity {
    return this.#identity;
  }

  get lastSeenMs(): number {
    return this.#lastSeenMs;
  }

  /** What the agent answered for a group on this stream, or said in its Hello. */
  subscription(group: string): Subscription {
    return this.#subscriptions.get(group) ?? newSubscription(null);
  }

  lacks(group: string): boolean {
    return this.subscription(group).applied === null;
  }

  /** Whether the agent runs exactly this. */
  runs({ group, revision, hash }: Published): boolean {
    const applied = this.#subscriptions.get(group)?.applied;
    return applied?.revision === revision && applied.hash === hash;
  }

  /** Sends what differs from what the agent knows, then SyncDone. */
  async sync(releases: readonly Release<AgentStream>[]): Promise<void> {
    const known = [...this.#subscriptions].flatMap(([group, { applied }]) =>
      applied === null ? [] : [{ group, revision: applied.revision }],
    );
    const ahead = releases.filter(({ published }) => this.#seen(published.group) > published.revision);
    await Promise.all(ahead.map(({ published }) => this.#noteAhead(published.group)));
    if (this.refusal === null) {
      const groups = releases.filter(({ published }) => published.kind !== 'fleet');
      await Promise.all(groups.map(({ published }) => this.#enrol(published.group)));
    }
    for (const release of releases) this.offer(release);
    const served = new Set(releases.map(({ published }) => published.group));
    for (const { group, revision } of known) if (!served.has(group)) this.#answerUnserved(group, revision);
    syncDone ??= encodeFrame({ syncDone: {}, message: 'syncDone' });
    this.send(syncDone);
  }

  /** Takes the newest of a group; sends it now, or when the answer to the last one is there. */
  offer(release: Release<AgentStream>): void {
    if (this.#isRetired) return;
    const { group, kind, revision } = release.published;
    if (this.refusal !== null) {
      this.#votes.record(group, nothing);
      return;
    }
    if (this.#seen(group) > revision) {
      this.#noteAhead(group).catch(this.#fail);
      return;
    }
    if (kind === 'fleet' || this.#votes.isEnrolled(group)) {
      this.#flush(group);
      return;
    }
    this.#enrol(group).then(() => {
      this.#flush(group);
    }, this.#fail);
  }

  /** Tells the store again what the agent has seen of a group, and that it is a voter. */
  recompare(group: string): void {
    if (this.#isRetired || this.refusal !== null) return;
    this.#noteAhead(group)
      .then(() => this.#votes.enrolAgain(group))
      .catch(this.#fail);
  }

  receiveAck(ack: Ack__Output): void {
    this.#lastSeenMs = this.#deps.clock.nowMs();
    const answer = readAnswer(ack);
    const before = this.#subscriptions.get(ack.group);
    if (answer === null || before === undefined) return;
    const after = advanceAnswered(before, answer);
    if (after !== before) {
      this.#subscriptions.set(ack.group, after);
      this.#resent.delete(ack.group);
    }
    this.reports.takeAck(ack, this.#lastSeenMs);
    this.#votes.record(ack.group, ack);
    if (after !== before) this.#deps.onAnswer(ack.group, this);
    this.#flush(ack.group);
  }

  receiveReport(report: ReportMessage): void {
    this.#lastSeenMs = this.#deps.clock.nowMs();
    if (report.proxyBoot !== '' && report.proxyBoot !== this.#votes.proxyBoot) this.#restartProxy(report.proxyBoot);
    this.reports.take(report, this.#lastSeenMs);
    for (const group of report.groups) this.#votes.record(group.group, group);
  }

  /** Sends a group again, also what the agent has proven or refused. */
  resync(group: string): void {
    this.#subscriptions.set(group, { ...this.subscription(group), applied: null, rejectedHash: null });
    this.#flush(group, true);
  }

  /** The agent speaks no more for its proxy: a newer stream does, or it took its leave. What it still sends is void. */
  retire(): void {
    this.#isRetired = true;
  }

  /** Whether the stream was ended, and will be gone as soon as the agent hears of it. */
  get isOver(): boolean {
    return this.call.cancelled || this.call.writableEnded;
  }

  /**
   * Sends an unanswered update once more. `overdue`: that was done already, the stream has to end; `answered`: nothing
   * waits for an answer.
   */
  checkDeadlines(deadlineMs: number): 'answered' | 'waiting' | 'overdue' {
    const { clock } = this.#deps;
    const monotonicMs = clock.monotonicMs();
    this.#unansweredSinceMs ??= monotonicMs;
    if (monotonicMs - this.#unansweredSinceMs <= deadlineMs && this.#hasUnanswered()) return 'waiting';
    const nowMs = clock.nowMs();
    for (const [group, subscription] of this.#subscriptions) {
      if (!isOverdue(subscription, deadlineMs, nowMs)) continue;
      if (this.#resent.has(group)) return 'overdue';
      this.#resent.add(group);
      this.#subscriptions.set(group, { ...subscription, sent: null });
      this.#flush(group, true);
    }
    if (this.#hasUnanswered()) return 'waiting';
    this.#unansweredSinceMs = null;
    return 'answered';
  }

  /** Whether the agent has read nothing of what was sent for so long. */
  isStalled(maxMs: number): boolean {
    const nowMs = this.#deps.clock.monotonicMs();
    return this.hasUnread && nowMs - this.#unreadSinceMs >= maxMs;
  }

  /** Waits until nothing is being stored for this agent any more. */
  settle(): Promise<void> {
    return this.#votes.settle();
  }

  /** Whether the agent has something to read that was sent. */
  get hasUnread(): boolean {
    return this.#outlet.hasUnread;
  }

  /** Sends a message with its prefix. */
  send(frame: Buffer): void {
    if (!this.#outlet.hasUnread) this.#unreadSinceMs = this.#deps.clock.monotonicMs();
    this.#outlet.send(frame);
  }

  readonly #fail = (error: unknown): void => {
    this.#deps.onFailure(this, error);
  };

  /** The highest revision of a group that the agent was ever given, as far as it or this stream can tell. */
  #seen(group: string): number {
    const { applied, sent } = this.subscription(group);
    return Math.max(applied?.revision ?? 0, sent?.revision ?? 0, this.#received.get(group) ?? 0);
  }

  #enrol(group: string): Promise<void> {
    const { applied } = this.subscription(group);
    const had = new Set([applied?.revision ?? 0, this.#received.get(group) ?? 0]);
    had.delete(0);
    return this.#votes.enrol(group, [...had]);
  }

  async #noteAhead(group: string): Promise<void> {
    const seen = this.#seen(group);
    if (seen > 0) await this.#deps.facts.noteRevisionAhead(group, seen);
  }

  #hasUnanswered(): boolean {
    for (const { sent, state } of this.#subscriptions.values()) if (sent !== null && state === 'SENT') return true;
    return false;
  }

  /** Votes of the earlier boot are void for every group, also one that no report mentions; a refusal may be past. */
  #restartProxy(proxyBoot: string): void {
    this.#identity = { ...this.#identity, proxyBoot };
    this.#votes.restart(proxyBoot);
    this.reports.forgetGroups();
    for (const [group, subscription] of this.#subscriptions) {
      this.#subscriptions.set(group, { ...subscription, rejectedHash: null });
      this.#flush(group, true);
    }
  }

  /** A fleet without settings is nothing unknown. The store may have lost what the agent runs of either. */
  #answerUnserved(group: string, revision: number): void {
    const isGroup = fleetOfSettings(group) === null;
    if (isGroup) this.send(encodeFrame(renderUnknown(group, this.#deps.nextNonce())));
    if (isGroup || group === settingsName(this.fleet)) {
      this.#deps.facts.noteRevisionAhead(group, revision).catch(this.#fail);
    }
  }

  /** Sends the newest of a group if it is its turn; `again` where the bytes that all share were sent before. */
  #flush(group: string, again = false): void {
    const release = this.#deps.current(group);
    if (this.#isRetired || this.refusal !== null || release?.published.fleet !== this.fleet) return;
    const subscription = this.subscription(group);
    if (!needsUpdate(subscription, release.published) || !release.admits(this)) return;
    const nonce = again ? this.#deps.nextNonce() : release.nonce;
    const { revision, hash } = release.published;
    this.#subscriptions.set(group, advanceSent(subscription, { nonce, revision, hash }, this.#deps.clock.nowMs()));
    this.send(again ? encodeFrame(renderUpdate(release.published, nonce)) : release.frame);
    this.#deps.onSent(this);
  }
}

/** Ends a stream with a reason; what was written before goes out first. */
export function endCall(call: AgentCall, code: grpcStatus, details: string): void {
  if (!call.cancelled && !call.writableEnded) call.emit('error', { code, details });
}

/** What every stream gets at the end of its sync. */
let syncDone: Buffer | null = null;

const nothing = { removing: [], absent: [] };
