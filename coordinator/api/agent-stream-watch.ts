import { status as grpcStatus } from '@grpc/grpc-js';
import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import type { CurrentTerm } from '../ports.ts';
import { type AgentStream, endCall } from './agent-stream.ts';
import { encodeFrame } from './coordinator-bytes.ts';
import type { Pump } from './pump.ts';

export type AgentStreamWatchDeps = {
  readonly term: CurrentTerm;
  readonly clock: Clock;
  readonly log: Logger;
  readonly pump: Pump<AgentStream>;
  /** Breaks the connection of a peer that does not even take the end of its stream. */
  readonly disconnect: (peer: string) => void;
};

export type AgentStreamWatchOptions = {
  readonly applyDeadlineMs: number;
  /** How often an idle agent is told that the coordinator lives. */
  readonly bookmarkIntervalMs: number;
  /** An agent that leaves unread for so long what was sent is cut off, and resyncs. */
  readonly stalledMaxMs: number;
};

/** A stream that was ended and still stands after this time loses its connection. */
const endDeadlineMs = 5000;
/** Streams are gone through in so many parts, one after the other. */
const slotCount = 10;
/** All are looked at within this time at least, whether or not they are due to hear something. */
const roundMaxMs = 10_000;

/** Sees to it that agents answer and read what they are sent, and hear that the coordinator lives. */
export class AgentStreamWatch {
  readonly #deps: AgentStreamWatchDeps;
  readonly #options: AgentStreamWatchOptions;
  readonly #slots = Array.from({ length: slotCount }, () => new Set<AgentStream>());
  readonly #unanswered = new Set<AgentStream>();
  /** What is being gone through: it is not begun again before its end is reached. */
  readonly #under = new Set<Set<AgentStream>>();
  /** Every so many rounds an idle agent is told that the coordinator lives. */
  readonly #roundsPerBookmark: number;
  #added = 0;
  #ticks = 0;
  #cancelTick: (() => void) | null = null;

  constructor(deps: AgentStreamWatchDeps, options: AgentStreamWatchOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#roundsPerBookmark = Math.max(1, Math.ceil(options.bookmarkIntervalMs / roundMaxMs));
  }

  start(): void {
    const tickMs = this.#options.bookmarkIntervalMs / this.#roundsPerBookmark / slotCount;
    this.#cancelTick = this.#deps.clock.setTimer(tickMs, () => {
      this.#tick();
      this.start();
    });
  }

  stop(): void {
    this.#cancelTick?.();
  }

  add(stream: AgentStream): void {
    this.#slots[this.#added % slotCount]?.add(stream);
    this.#added += 1;
  }

  remove(stream: AgentStream): void {
    this.#unanswered.delete(stream);
    for (const slot of this.#slots) slot.delete(stream);
  }

  /** Notes that an agent owes an answer. */
  expectAnswer(stream: AgentStream): void {
    this.#unanswered.add(stream);
  }

  #tick(): void {
    const { term } = this.#deps;
    const { applyDeadlineMs, stalledMaxMs } = this.#options;
    this.#visit(this.#unanswered, (stream) => {
      const found = stream.checkDeadlines(applyDeadlineMs);
      if (found !== 'waiting') this.#unanswered.delete(stream);
      if (found === 'overdue') this.#cut(stream, 'an update stayed unanswered twice');
    });
    const slotNumber = this.#ticks % slotCount;
    const slot = this.#slots[slotNumber];
    // A part of them each round: what goes out is spread over the whole interval.
    const round = Math.floor(this.#ticks / slotCount) + slotNumber;
    const isTold = round % this.#roundsPerBookmark === 0;
    this.#ticks += 1;
    if (slot === undefined || slot.size === 0) return;
    const bookmark = encodeFrame({ bookmark: { epoch: term.fencingToken, revision: 0 }, message: 'bookmark' });
    this.#visit(slot, (stream) => {
      if (stream.isStalled(stalledMaxMs)) this.#cut(stream, 'the agent does not read what is sent');
      else if (isTold && !stream.hasUnread) stream.send(bookmark);
    });
  }

  #visit(streams: Set<AgentStream>, look: (stream: AgentStream) => void): void {
    if (this.#under.has(streams)) return;
    this.#under.add(streams);
    this.#deps.pump.run(streams, look, { onDone: () => this.#under.delete(streams) });
  }

  #cut(stream: AgentStream, reason: string): void {
    const { log, clock, disconnect } = this.#deps;
    const { agentId, call } = stream;
    log.warn({ agentId, reason }, 'the stream of an agent ends');
    endCall(call, grpcStatus.DEADLINE_EXCEEDED, reason);
    clock.setTimer(endDeadlineMs, () => {
      if (this.#slots.some((slot) => slot.has(stream))) disconnect(call.getPeer());
    });
  }
}
