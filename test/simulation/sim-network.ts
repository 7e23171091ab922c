import { EventEmitter } from 'node:events';
import type { status as grpcStatus } from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';
import { parseCoordinatorMessage, renderAgentMessage } from '../../agent/adapters/wire.ts';
import type {
  AgentMessage as CoreAgentMessage,
  CoordinatorMessage as CoreCoordinatorMessage,
} from '../../agent/core/messages.ts';
import type { CoordinatorLink, CoordinatorStream, StreamHandlers } from '../../agent/ports.ts';
import type { AgentCall } from '../../coordinator/api/agent-stream.ts';
import { decodeAgentMessage } from '../../coordinator/api/coordinator-bytes.ts';
import { AgentMessage, CoordinatorMessage } from '../../proto/codec/chester/v1/agent.ts';
import type { CoordinatorMessage as WireCoordinatorMessage } from '../../proto/gen/chester/v1/CoordinatorMessage.ts';
import { loadChesterV1 } from '../../proto/load.ts';
import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';
import type { SimProcess } from './sim-process.ts';

type Loader<Input extends object, Output extends object> = MessageTypeDefinition<Input, Output>;

const loaded = loadChesterV1() as unknown as {
  readonly CoordinatorMessage: Loader<WireCoordinatorMessage, WireCoordinatorMessage>;
};

/** Whoever takes streams. */
export type Server = { readonly process: SimProcess; readonly connect: (call: AgentCall) => void };

export type NetworkDeps = {
  readonly scheduler: Scheduler;
  readonly random: Random;
  /** Where a new stream of this agent goes; `null`: nobody answers. */
  readonly route: (agent: string) => Server | null;
  /** Each update that a coordinator hands out, and to which agent. */
  readonly sent: (agent: SimProcess, message: WireCoordinatorMessage) => void;
  /** What an agent says. */
  readonly said: (agent: SimProcess, message: CoreAgentMessage) => void;
  /** What reaches an agent. */
  readonly heard: (agent: SimProcess, message: CoreCoordinatorMessage) => void;
  readonly log: (text: string) => void;
};

/** After this time without a sign the other end counts as gone: grpc's keepalive. */
const keepaliveMs = 25_000;

/** The streams of all agents: in order, with delays, until they break. */
export class SimNetwork {
  readonly deps: NetworkDeps;
  readonly #open = new Set<SimStream>();
  /** Agents that reach nobody. */
  readonly #cutOff = new Set<string>();

  constructor(deps: NetworkDeps) {
    this.deps = deps;
  }

  link(agent: SimProcess): CoordinatorLink {
    return { open: (handlers) => this.#connect(agent, handlers) };
  }

  /** Breaks an agent's streams; both ends hear of it sooner or later. */
  cut(agent: string): void {
    for (const stream of this.#open) if (stream.agent.name === agent) stream.lose();
  }

  /** Cuts an agent off: what is on its way is lost, and no stream begins. */
  partition(agent: string, forMs: number): void {
    this.#cutOff.add(agent);
    this.cut(agent);
    this.deps.scheduler.after(forMs, () => {
      this.#cutOff.delete(agent);
    });
  }

  isCutOff(agent: string): boolean {
    return this.#cutOff.has(agent);
  }

  /** A process ended: the other ends of its streams hear of it. */
  lost(process: SimProcess): void {
    for (const stream of this.#open) if (stream.agent === process || stream.server === process) stream.die(process);
  }

  /** Ends what belongs to a frozen process, as keepalive does. */
  expire(): void {
    const { nowMs } = this.deps.scheduler;
    for (const stream of this.#open) {
      const isStuck = stream.agent.isFrozen || stream.server?.isFrozen === true;
      if (!isStuck) stream.stuckSinceMs = null;
      else stream.stuckSinceMs ??= nowMs;
      if (stream.stuckSinceMs !== null && nowMs - stream.stuckSinceMs >= keepaliveMs) stream.lose();
    }
  }

  forget(stream: SimStream): void {
    this.#open.delete(stream);
  }

  #connect(agent: SimProcess, handlers: StreamHandlers): CoordinatorStream {
    const server = this.isCutOff(agent.name) ? null : this.deps.route(agent.name);
    const stream = new SimStream(this, agent, server, handlers);
    this.#open.add(stream);
    return stream;
  }
}

/** The coordinator's end of a stream, as grpc-js shows it. */
class SimCall extends EventEmitter {
  cancelled = false;
  writableEnded = false;
  readonly #stream: SimStream;

  constructor(stream: SimStream) {
    super();
    this.#stream = stream;
  }

  /** Everything is read at once. */
  readonly writableLength = 0;
  #isPaused = false;
  /** What came while nobody read. */
  #held: (readonly [event: string, ...args: unknown[]])[] = [];

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    for (const [event, ...args] of this.#held.splice(0)) this.emit(event, ...args);
  }

  getPeer(): string {
    return 'simulated';
  }

  write(message: WireCoordinatorMessage | Buffer): boolean {
    this.#stream.toAgent(message);
    return true;
  }

  end(): void {
    this.writableEnded = true;
    this.#stream.finish('ended by the coordinator', true);
  }

  override emit(event: string, ...args: unknown[]): boolean {
    if (event === 'close') this.#held = [];
    if (this.#isPaused && (event === 'data' || event === 'end')) {
      this.#held.push([event, ...args]);
      return true;
    }
    const isKnown = super.emit(event, ...args);
    if (event === 'error' && !this.writableEnded) {
      this.writableEnded = true;
      const { code, details } = args[0] as { readonly code: grpcStatus; readonly details: string };
      this.#stream.finish(`${code}: ${details}`, false);
    }
    return isKnown;
  }
}

class SimStream implements CoordinatorStream {
  readonly agent: SimProcess;
  readonly server: SimProcess | null;
  stuckSinceMs: number | null = null;
  readonly #network: SimNetwork;
  readonly #handlers: StreamHandlers;
  readonly #call: SimCall;
  #isLost = false;
  #agentHeardEnd = false;
  #serverHeardEnd = false;
  #toAgentMs = 0;
  #toServerMs = 0;
  #closed: () => void = () => undefined;
  readonly #whenClosed: Promise<void>;

  constructor(network: SimNetwork, agent: SimProcess, server: Server | null, handlers: StreamHandlers) {
    this.#network = network;
    this.agent = agent;
    this.server = server?.process ?? null;
    this.#handlers = handlers;
    this.#call = new SimCall(this);
    this.#whenClosed = new Promise((resolve) => {
      this.#closed = resolve;
    });
    if (server === null) {
      this.#tellAgent('14: nobody answers', false, 20);
      return;
    }
    this.#toServer(() => {
      server.connect(this.#call as unknown as AgentCall);
    });
  }

  send(message: CoreAgentMessage): void {
    if (this.#agentHeardEnd) return;
    this.#network.deps.said(this.agent, message);
    const bytes = Buffer.from(AgentMessage.encode(renderAgentMessage(message)).finish());
    this.#toServer(() => {
      this.#call.emit('data', decodeAgentMessage(bytes));
    });
  }

  async end(): Promise<void> {
    if (this.#agentHeardEnd) return;
    this.#toServer(() => {
      this.#call.emit('end');
    });
    // The other side may never close.
    this.#tellAgent('cancelled', false, 1000);
    await this.#whenClosed;
    this.lose();
  }

  toAgent(message: WireCoordinatorMessage | Buffer): void {
    const bytes = Buffer.isBuffer(message) ? message : loaded.CoordinatorMessage.serialize(message);
    const decoded = CoordinatorMessage.decode(bytes);
    if (this.server !== null && decoded.update !== undefined) {
      this.#network.deps.sent(this.agent, loaded.CoordinatorMessage.deserialize(bytes));
    }
    const parsed = parseCoordinatorMessage(decoded);
    if (parsed === null) return;
    this.#deliver('agent', () => {
      if (this.#agentHeardEnd) return;
      this.#network.deps.heard(this.agent, parsed);
      this.#handlers.received(parsed);
    });
  }

  /** The coordinator ends it, after what it sent. */
  finish(reason: string, isOk: boolean): void {
    this.#deliver('agent', () => {
      this.#tellAgent(reason, isOk, 0);
    });
    this.#tellServer(5, false);
  }

  /** The connection breaks; what is on its way is lost. */
  lose(): void {
    if (this.#isLost) return;
    this.#isLost = true;
    const { random } = this.#network.deps;
    this.#tellAgent('14: connection lost', false, random.int(1, keepaliveMs));
    this.#tellServer(random.int(1, keepaliveMs), true);
  }

  /** One end's process ended; the machine tells the other end at once. */
  die(process: SimProcess): void {
    this.#isLost = true;
    if (process === this.server) this.#tellAgent('14: connection reset', false, 5);
    else this.#tellServer(5, true);
    if (process === this.server) this.#serverHeardEnd = true;
    else this.#agentHeardEnd = true;
    this.#forgetWhenOver();
  }

  #tellAgent(reason: string, isOk: boolean, delayMs: number): void {
    const tell = (): void => {
      if (this.#agentHeardEnd) return;
      this.#agentHeardEnd = true;
      this.#handlers.ended(reason, isOk);
      this.#closed();
      this.#forgetWhenOver();
    };
    this.#network.deps.scheduler.after(delayMs, () => {
      this.agent.run(tell);
    });
  }

  #tellServer(delayMs: number, isCancelled: boolean): void {
    const tell = (): void => {
      if (this.#serverHeardEnd) return;
      this.#serverHeardEnd = true;
      this.#call.cancelled = isCancelled;
      if (isCancelled) this.#call.emit('cancelled');
      this.#call.emit('close');
      this.#forgetWhenOver();
    };
    this.#network.deps.scheduler.after(delayMs, () => {
      this.server?.run(tell);
    });
  }

  #toServer(work: () => void): void {
    this.#deliver('server', () => {
      if (!this.#serverHeardEnd) work();
    });
  }

  /** In order, each a moment later. */
  #deliver(to: 'agent' | 'server', work: () => void): void {
    const { scheduler, random } = this.#network.deps;
    const before = to === 'agent' ? this.#toAgentMs : this.#toServerMs;
    const atMs = Math.max(before, scheduler.nowMs + random.int(0, random.chance(0.05) ? 2000 : 10));
    if (to === 'agent') this.#toAgentMs = atMs;
    else this.#toServerMs = atMs;
    scheduler.after(atMs - scheduler.nowMs, () => {
      if (this.#isLost) return;
      (to === 'agent' ? this.agent : this.server)?.run(work);
    });
  }

  #forgetWhenOver(): void {
    if (this.#agentHeardEnd && (this.#serverHeardEnd || this.server === null)) this.#network.forget(this);
  }
}
