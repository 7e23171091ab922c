import type { Published } from '../core/fleet-settings.ts';
import {
  advanceRollout,
  beginRollout,
  canaryCount,
  endCanary,
  type Rollout,
  type RolloutAnswer,
} from '../core/rollout.ts';
import { encodeFrame } from './coordinator-bytes.ts';
import { renderUpdate } from './wire.ts';

/** An agent's stream, as a release sees it. */
export interface Recipient {
  readonly agentId: string;
  /** The number of the last release when the stream began. */
  readonly joinedAtRelease: number;
  /** Whether the agent has nothing of the group yet. */
  lacks(group: string): boolean;
}

/** What a release is made of. */
export type ReleaseParts = {
  readonly published: Published;
  /** Counts the releases of this process. It is the nonce of the bytes that all streams share. */
  readonly number: number;
  /** When it was committed and when it begins to go out, on the clock that never goes back. */
  readonly offeredAtMs: number;
  readonly nowMs: number;
  readonly isUrgent: boolean;
};

/** How fast an agent was. */
export type Took = { readonly agentId: string; readonly ms: number };

/** The slowest agents are named, the others only counted. */
const slowestMax = 20;

/** One snapshot on its way to the agents of its fleet: its bytes, made once, and how far it has come. */
export class Release<To extends Recipient> {
  readonly published: Published;
  readonly number: number;
  readonly nonce: string;
  readonly offeredAtMs: number;
  /** How long it waited for others to go with. */
  readonly mergedMs: number;
  /** When the first wave had taken it; null while it has not. */
  openedAtMs: number | null = null;
  isConverged = false;
  applied = 0;
  #rollout: Rollout;
  #frame: Buffer | null = null;
  readonly #canaries = new Set<To>();
  readonly #pending: Set<To>;
  readonly #slowest: Took[] = [];

  constructor({ published, number, offeredAtMs, nowMs, isUrgent }: ReleaseParts, pending: readonly To[]) {
    this.published = published;
    this.number = number;
    this.nonce = String(number);
    this.offeredAtMs = offeredAtMs;
    this.mergedMs = nowMs - offeredAtMs;
    this.#pending = new Set(pending);
    this.#rollout = beginRollout(pending.length, isUrgent);
    if (this.#rollout.state === 'open') this.openedAtMs = nowMs;
    // Other agents go first with every release.
    const count = this.#rollout.state === 'canary' ? canaryCount(pending.length) : 0;
    for (let index = 0; index < count; index += 1) {
      const canary = pending[(number * count + index) % pending.length];
      if (canary !== undefined) this.#canaries.add(canary);
    }
  }

  /** The update as every stream gets it. */
  get frame(): Buffer {
    this.#frame ??= encodeFrame(renderUpdate(this.published, this.nonce));
    return this.#frame;
  }

  get state(): Rollout['state'] {
    return this.#rollout.state;
  }

  get rejected(): number {
    return this.#rollout.rejected;
  }

  /** The agents that do not run it yet. */
  get pending(): ReadonlySet<To> {
    return this.#pending;
  }

  get canaries(): ReadonlySet<To> {
    return this.#canaries;
  }

  /** The slowest first. */
  get slowest(): readonly Took[] {
    return [...this.#slowest].reverse();
  }

  /** Whether it may go to this agent now. One that came later and has nothing of the group waits for nobody. */
  admits(stream: To): boolean {
    if (this.#rollout.state === 'open' || this.#canaries.has(stream)) return true;
    return stream.joinedAtRelease >= this.number && stream.lacks(this.published.group);
  }

  join(stream: To): void {
    this.#pending.add(stream);
  }

  /** Takes an answer. Returns whether that changed who may get it. */
  take(stream: To, answer: RolloutAnswer, nowMs: number): boolean {
    const before = this.#rollout.state;
    if (answer === 'applied' && this.#pending.delete(stream))
      this.#noteApplied(stream.agentId, nowMs - this.offeredAtMs);
    if (answer === 'gone') this.#pending.delete(stream);
    const isCanary = before === 'canary' && this.#canaries.delete(stream);
    if (isCanary || answer === 'rejected') this.#rollout = advanceRollout(this.#rollout, answer, isCanary);
    return this.#noteState(before, nowMs);
  }

  /** The first wave took long enough. Returns whether that changed who may get it. */
  endCanary(nowMs: number): boolean {
    const before = this.#rollout.state;
    this.#rollout = endCanary(this.#rollout);
    return this.#noteState(before, nowMs);
  }

  #noteState(before: Rollout['state'], nowMs: number): boolean {
    const { state } = this.#rollout;
    if (state === 'open') this.openedAtMs ??= nowMs;
    return state !== before;
  }

  #noteApplied(agentId: string, ms: number): void {
    this.applied += 1;
    // Who answers later is slower.
    if (this.#slowest.push({ agentId, ms }) > slowestMax) this.#slowest.shift();
  }
}
