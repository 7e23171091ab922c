import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import type { Published } from '../core/fleet-settings.ts';
import { endMerging, mergeChange, type MergePolicy, type Merging, notMerging } from '../core/merging.ts';
import { isWriterChange, type RolloutAnswer } from '../core/rollout.ts';
import type { AgentFacts, Metrics } from '../ports.ts';
import type { AgentStream } from './agent-stream.ts';
import { Pump } from './pump.ts';
import { Release } from './release.ts';

export type AgentFanoutDeps = {
  readonly facts: AgentFacts;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Pick<Metrics, 'setRollout'>;
  /** Runs a turn of a long work after what the event loop has waiting. */
  readonly soon: (turn: () => void) => void;
};

export type AgentFanoutOptions = {
  readonly merge: MergePolicy;
  /** How long the first wave may stay silent before the others get the snapshot all the same. */
  readonly canaryMaxMs: number;
};

/** The newest of a group that was committed, and what becomes of it when changes follow closely. */
type Offer = { published: Published; offeredAtMs: number; merging: Merging; cancelTimer: (() => void) | null };

/** Agents of one fleet share their groups; other fleets' changes cost them nothing. */
export class AgentFanout {
  readonly pump: Pump<AgentStream>;
  readonly #deps: AgentFanoutDeps;
  readonly #options: AgentFanoutOptions;
  readonly #offers = new Map<string, Offer>();
  readonly #releases = new Map<string, Release<AgentStream>>();
  readonly #fleets = new Map<string, Set<AgentStream>>();
  readonly #cancelCanary = new Map<string, () => void>();
  #number = 0;

  constructor(deps: AgentFanoutDeps, options: AgentFanoutOptions) {
    this.#deps = deps;
    this.#options = options;
    this.pump = new Pump(deps.soon);
  }

  /** The number of the newest release. */
  get number(): number {
    return this.#number;
  }

  stop(): void {
    for (const { cancelTimer } of this.#offers.values()) cancelTimer?.();
    for (const cancel of this.#cancelCanary.values()) cancel();
  }

  /** A number that no update has had as its nonce. */
  nextNonce(): string {
    this.#number += 1;
    return String(this.#number);
  }

  /** What goes to the agents of a group now; a newer one may wait to be merged. */
  current(group: string): Release<AgentStream> | undefined {
    return this.#releases.get(group);
  }

  /** The newest revision that was offered. */
  revisionOf(group: string): number {
    return this.#offers.get(group)?.published.revision ?? 0;
  }

  /** All of a fleet, its settings first. */
  currentOf(fleet: string): Release<AgentStream>[] {
    const isSettings = ({ published }: Release<AgentStream>) => Number(published.kind === 'fleet');
    return [...this.#releases.values()]
      .filter(({ published }) => published.fleet === fleet)
      .sort((one, other) => isSettings(other) - isSettings(one));
  }

  agentsOf(fleet: string): ReadonlySet<AgentStream> {
    return this.#fleets.get(fleet) ?? nobody;
  }

  /** Takes the newest of a group. The first change goes at once, those that follow closely go together. */
  offer(published: Published): void {
    const { clock } = this.#deps;
    const { group } = published;
    const held = this.#offers.get(group);
    if (held !== undefined && held.published.revision >= published.revision) return;
    const nowMs = clock.monotonicMs();
    const { merging, delayMs } = mergeChange(held?.merging ?? notMerging, this.#options.merge, nowMs);
    held?.cancelTimer?.();
    const offer: Offer = { published, offeredAtMs: nowMs, merging, cancelTimer: null };
    this.#offers.set(group, offer);
    const isUrgent = isWriterChange(this.#releases.get(group)?.published ?? null, published);
    if (delayMs === 0 || isUrgent) {
      this.#release(offer, isUrgent);
      return;
    }
    offer.cancelTimer = clock.setTimer(delayMs, () => {
      offer.cancelTimer = null;
      this.#release(offer, false);
    });
  }

  /** Takes in an agent whose stream began. */
  join(stream: AgentStream): void {
    const { fleet } = stream;
    const streams = this.#fleets.get(fleet) ?? new Set();
    this.#fleets.set(fleet, streams.add(stream));
    if (stream.refusal !== null) return;
    for (const release of this.currentOf(fleet)) if (!stream.runs(release.published)) release.join(stream);
  }

  /** Forgets an agent whose stream ended. */
  leave(stream: AgentStream): void {
    const streams = this.#fleets.get(stream.fleet);
    if (streams?.delete(stream) === true && streams.size === 0) this.#fleets.delete(stream.fleet);
    for (const release of this.currentOf(stream.fleet)) this.#take(release, stream, 'gone');
  }

  /** Takes an agent's last word on a group: what it runs, or that it refused what was sent. */
  answered(group: string, stream: AgentStream): void {
    const release = this.#releases.get(group);
    if (release === undefined) return;
    const { rejectedHash } = stream.subscription(group);
    if (stream.runs(release.published)) this.#take(release, stream, 'applied');
    else if (rejectedHash === release.published.hash) this.#take(release, stream, 'rejected');
  }

  #release({ published, offeredAtMs }: Offer, isUrgent: boolean): void {
    const { clock } = this.#deps;
    const { group, fleet } = published;
    const offer = this.#offers.get(group);
    if (offer !== undefined) offer.merging = endMerging(offer.merging);
    this.#number += 1;
    const nowMs = clock.monotonicMs();
    const pending: AgentStream[] = [];
    const refusing: AgentStream[] = [];
    for (const stream of this.agentsOf(fleet)) {
      if (stream.refusal !== null) refusing.push(stream);
      else if (!stream.isOver && !stream.runs(published)) pending.push(stream);
    }
    const release = new Release({ published, number: this.#number, offeredAtMs, nowMs, isUrgent }, pending);
    this.#releases.set(group, release);
    this.#cancelCanary.get(group)?.();
    this.#cancelCanary.delete(group);
    this.#send(release, refusing);
    this.#send(release, release.state === 'canary' ? release.canaries : release.pending);
    this.#deps.metrics.setRollout(group, release.state);
    if (release.state !== 'canary') return;
    const cancel = clock.setTimer(this.#options.canaryMaxMs, () => {
      if (release.endCanary(clock.monotonicMs())) this.#turn(release);
    });
    this.#cancelCanary.set(group, cancel);
  }

  #send(release: Release<AgentStream>, streams: Iterable<AgentStream>): void {
    const { group } = release.published;
    this.pump.run(
      streams,
      (stream) => {
        stream.offer(release);
      },
      {
        isVoid: () => this.#releases.get(group) !== release || release.state === 'stopped',
        bytes: release.frame.length,
      },
    );
  }

  #take(release: Release<AgentStream>, stream: AgentStream, answer: RolloutAnswer): void {
    if (release.take(stream, answer, this.#deps.clock.monotonicMs())) this.#turn(release);
    this.#noteProgress(release);
  }

  /** The first wave is over. */
  #turn(release: Release<AgentStream>): void {
    const { facts, log, metrics } = this.#deps;
    const { group, revision, hash } = release.published;
    this.#cancelCanary.get(group)?.();
    this.#cancelCanary.delete(group);
    if (this.#releases.get(group) !== release) return;
    metrics.setRollout(group, release.state);
    if (release.state === 'open') {
      this.#send(release, release.pending);
      return;
    }
    const { rejected, pending } = release;
    const message = `${rejected} agents refused revision ${revision}, ${pending.size} have not got it or refused it; the next revision goes out again`;
    log.error({ group, revision, hash, rejected, pending: pending.size }, 'roll-out stopped');
    facts.noteRolloutStopped(release.published, message);
  }

  /** Says once per snapshot that every connected agent of the fleet runs it. */
  #noteProgress(release: Release<AgentStream>): void {
    const { published, pending, applied, isConverged } = release;
    if (isConverged || applied === 0 || pending.size > 0 || published.kind === 'fleet') return;
    if (this.#releases.get(published.group) !== release) return;
    release.isConverged = true;
    const nowMs = this.#deps.clock.monotonicMs();
    const agents = [...this.agentsOf(published.fleet)].filter(({ refusal }) => refusal === null).length;
    this.#deps.facts.noteConverged(published, {
      agents,
      tookMs: nowMs - release.offeredAtMs,
      mergedMs: release.mergedMs,
      canaryMs: (release.openedAtMs ?? nowMs) - release.offeredAtMs - release.mergedMs,
      slowest: release.slowest,
    });
  }
}

const nobody: ReadonlySet<AgentStream> = new Set();
