import { type handleBidiStreamingCall, status as grpcStatus } from '@grpc/grpc-js';
import type { AgentMessage__Output } from '../../proto/gen/chester/v1/AgentMessage.ts';
import type { CoordinatorMessage } from '../../proto/gen/chester/v1/CoordinatorMessage.ts';
import type { Hello__Output } from '../../proto/gen/chester/v1/Hello.ts';
import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import type { Published } from '../core/fleet-settings.ts';
import type { AdmissionPolicy } from '../core/token-bucket.ts';
import type { AgentFacts, CurrentTerm, Metrics, SnapshotFanout } from '../ports.ts';
import { AgentAdmission } from './agent-admission.ts';
import { AgentFanout, type AgentFanoutOptions } from './agent-fanout.ts';
import { checkHello } from './agent-hello.ts';
import { type AgentCall, AgentStream, type AgentStreamDeps, endCall } from './agent-stream.ts';
import { AgentStreamWatch, type AgentStreamWatchOptions } from './agent-stream-watch.ts';
import { encodeFrame } from './coordinator-bytes.ts';
import { Rejections } from './rejections.ts';
import { StreamIntake } from './stream-intake.ts';

export type AgentStreamsDeps = {
  readonly facts: AgentFacts;
  readonly term: CurrentTerm;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Runs a turn of a long work after what the event loop has waiting. */
  readonly soon: (turn: () => void) => void;
  /** Breaks the connection of a peer that does not even take the end of its stream. */
  readonly disconnect: (peer: string) => void;
};

export type AgentStreamsOptions = AgentFanoutOptions &
  AgentStreamWatchOptions & {
    readonly coordinatorId: string;
    readonly reportIntervalMs: number;
    readonly admission: AdmissionPolicy;
  };

/** A stream that has not said Hello by then is ended. */
const helloDeadlineMs = 10_000;
/** Holds all agents' streams and hands them what was committed. */
export class AgentStreams implements SnapshotFanout {
  readonly name = 'agent-streams';
  readonly #deps: AgentStreamsDeps;
  readonly #options: AgentStreamsOptions;
  readonly #fanout: AgentFanout;
  readonly #admission: AgentAdmission;
  readonly #watch: AgentStreamWatch;
  readonly #rejections = new Rejections();
  readonly #streams = new Map<string, AgentStream>();
  /** Agents that are being taken off the rosters, and their calls. */
  readonly #leaving = new Map<string, Promise<void>>();
  readonly #leavingCalls = new WeakSet<AgentCall>();
  readonly #streamDeps: AgentStreamDeps;
  #isStopping = false;

  constructor(deps: AgentStreamsDeps, options: AgentStreamsOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#fanout = new AgentFanout(deps, options);
    this.#admission = new AgentAdmission(deps, options.admission);
    this.#watch = new AgentStreamWatch({ ...deps, pump: this.#fanout.pump }, options);
    this.#streamDeps = {
      facts: deps.facts,
      clock: deps.clock,
      current: (group) => this.#fanout.current(group),
      nextNonce: () => this.#fanout.nextNonce(),
      onSent: (stream) => {
        this.#watch.expectAnswer(stream);
      },
      onAnswer: (group, stream) => {
        this.#noteAnswer(group, stream);
      },
      onFailure: ({ agentId, call }, error) => {
        this.#deps.log.error({ agentId, err: error }, 'a fact of this agent was not stored, its stream ends');
        endCall(call, grpcStatus.UNAVAILABLE, 'the coordinator could not store what the agent said; try again');
      },
    };
  }

  start(): void {
    this.#watch.start();
  }

  /** Sends the agents elsewhere, each at a moment of its own. Waits for those that take their leave: only they end with OK. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#watch.stop();
    this.#fanout.stop();
    await Promise.all(this.#leaving.values());
    const reconnect = this.#reconnectMessage('the coordinator stops');
    const open = [...this.#streams.values()];
    await new Promise<void>((onDone) => {
      const sendAway = (stream: AgentStream): void => {
        stream.send(reconnect);
        endCall(stream.call, grpcStatus.UNAVAILABLE, 'the coordinator stops');
      };
      this.#fanout.pump.run(open, sendAway, { onDone });
    });
    this.#streams.clear();
  }

  /** The connected agents. */
  get connected(): readonly AgentStream[] {
    return [...this.#streams.values()];
  }

  offer(published: Published): void {
    this.#fanout.offer(published);
  }

  revisionOf(group: string): number {
    return this.#fanout.revisionOf(group);
  }

  /** How many connected agents do not run the group's newest snapshot yet. */
  pendingOf(group: string): number {
    return this.#fanout.current(group)?.pending.size ?? 0;
  }

  recompare(group: string): void {
    const fleet = this.#fanout.current(group)?.published.fleet;
    if (fleet === undefined) return;
    this.#fanout.pump.run(this.#fanout.agentsOf(fleet), (stream) => {
      stream.recompare(group);
    });
  }

  /** Sends a group to all its agents again, or to the one that is named. */
  resync(group: string, agentId?: string): void {
    if (agentId === undefined) this.#rejections.forgetGroup(group);
    else this.#rejections.forget(agentId, group);
    const fleet = this.#fanout.current(group)?.published.fleet;
    if (fleet === undefined) return;
    const agents = [...this.#fanout.agentsOf(fleet)];
    const chosen = agents.filter(({ identity }) => agentId === undefined || identity.agentId === agentId);
    this.#fanout.pump.run(chosen, (stream) => {
      stream.resync(group);
    });
  }

  /** Asks the agents that came last to connect anew, each at a moment of its own. Returns how many. */
  rebalance(count: number, reason: string): number {
    const chosen = [...this.#streams.values()].reverse().slice(0, Math.max(0, count));
    const reconnect = this.#reconnectMessage(reason);
    this.#deps.log.info({ agents: chosen.length, reason }, 'agents asked to connect anew');
    this.#fanout.pump.run(chosen, (stream) => {
      stream.send(reconnect);
    });
    return chosen.length;
  }

  /** The handler of AgentService.Connect. */
  readonly connect: handleBidiStreamingCall<AgentMessage__Output, CoordinatorMessage | Buffer> = (call) => {
    call.on('error', () => undefined); // The stream is gone; 'close' follows and takes the agent off.
    if (this.#isStopping) {
      endCall(call, grpcStatus.UNAVAILABLE, 'the coordinator stops');
      return;
    }
    if (!this.#admission.admit(call)) return;
    const cancelDeadline = this.#deps.clock.setTimer(helloDeadlineMs, () => {
      endCall(call, grpcStatus.DEADLINE_EXCEEDED, `no Hello within ${helloDeadlineMs} ms`);
    });
    call.once('data', (first: AgentMessage__Output) => {
      cancelDeadline();
      this.#welcome(call, first).catch((error: unknown) => {
        this.#deps.log.error({ err: error }, 'agent stream failed');
        endCall(call, grpcStatus.UNAVAILABLE, 'the coordinator could not take the agent in; try again');
      });
    });
    call.on('error', cancelDeadline);
    call.on('end', () => {
      cancelDeadline();
      if (!this.#leavingCalls.has(call)) endCall(call, grpcStatus.CANCELLED, 'the agent ended its stream');
    });
  };

  async #welcome(call: AgentCall, first: AgentMessage__Output): Promise<void> {
    const { term, clock, log, facts } = this.#deps;
    const hello = first.hello;
    const fault = checkHello(hello, term.fencingToken, clock.nowMs());
    if (hello === null || hello === undefined || fault !== null) {
      log.warn({ agentId: hello?.agentId, reason: fault }, 'agent refused');
      endCall(call, grpcStatus.INVALID_ARGUMENT, fault ?? 'the first message must be a Hello');
      return;
    }
    // What it says before it is taken in waits with it: nothing here could hold as much as it may send.
    call.pause();
    if (hello.maxEpoch > term.fencingToken) await facts.noteEpochAhead(hello.maxEpoch);
    // What an earlier stream of the same agent left must not take this one off its rosters.
    await this.#leaving.get(hello.agentId);
    if (call.cancelled || call.writableEnded) return;
    if (this.#isTaken(hello)) {
      const message = `another process with agent id ${hello.agentId} is connected; each proxy's agent needs its own AGENT_ID`;
      facts.noteAgent(hello.agentId, 'DUPLICATE', message);
      endCall(call, grpcStatus.ALREADY_EXISTS, message);
      return;
    }
    const stream = this.#admit(call, hello);
    stream.send(encodeFrame({ welcome: this.#welcomeMessage(), message: 'welcome' }));
    const releases = this.#fanout.currentOf(hello.fleet);
    if (stream.refusal === null && releases.every(({ published }) => published.kind === 'fleet')) {
      const message = `no group of fleet ${hello.fleet} is published: this agent gets nothing`;
      log.warn({ agentId: hello.agentId, fleet: hello.fleet }, 'agent of a fleet without groups');
      facts.noteAgent(hello.agentId, 'NO_GROUPS', message);
    }
    await stream.sync(releases);
    new StreamIntake(call, (message) => {
      this.#receive(stream, message);
    });
  }

  /**
   * One proxy must not vote for another. A restarted agent has to wait until its predecessor's stream is seen to be
   * gone: at once when the process ended, by keepalive when its machine did.
   */
  #isTaken({ agentId, bootId }: Hello__Output): boolean {
    const open = this.#streams.get(agentId);
    return open !== undefined && open.identity.bootId !== bootId;
  }

  #admit(call: AgentCall, hello: Hello__Output): AgentStream {
    const { facts, metrics, log } = this.#deps;
    const { agentId, fleet } = hello;
    const rejections = this.#rejections.of(hello);
    const stream = new AgentStream(call, hello, { joinedAtRelease: this.#fanout.number, rejections }, this.#streamDeps);
    const older = this.#streams.get(agentId);
    if (older !== undefined) {
      this.#drop(older);
      older.retire();
      endCall(older.call, grpcStatus.ABORTED, `a newer stream of agent ${agentId} replaced this one`);
      facts.noteAgent(agentId, 'REPLACED', 'a newer stream of the same agent id replaced an open one');
    }
    this.#streams.set(agentId, stream);
    this.#watch.add(stream);
    this.#fanout.join(stream);
    const forget = (): void => {
      this.#forget(stream);
    };
    call.on('close', forget);
    call.on('cancelled', forget);
    metrics.setAgents(this.#streams.size);
    // Events tell people, many at once in one; a line for each of ten thousand would cost a tenth of their return.
    log.debug({ agentId, fleet, proxysqlVersion: hello.proxysqlVersion }, 'agent connected');
    const { refusal } = stream;
    if (refusal === null) facts.noteAgent(agentId, 'CONNECTED', `fleet ${fleet}, ProxySQL ${hello.proxysqlVersion}`);
    else facts.noteAgent(agentId, 'REFUSED', `${refusal.code}: ${refusal.message}`);
    return stream;
  }

  /** Takes a stream out of everything but the list of agents. */
  #drop(stream: AgentStream): void {
    this.#fanout.leave(stream);
    this.#watch.remove(stream);
  }

  #forget(stream: AgentStream): void {
    const { agentId } = stream;
    if (this.#streams.get(agentId) !== stream) return;
    this.#streams.delete(agentId);
    this.#drop(stream);
    this.#deps.metrics.setAgents(this.#streams.size);
    this.#deps.log.debug({ agentId }, 'agent disconnected');
    this.#deps.facts.noteAgent(agentId, 'DISCONNECTED', 'it stays on its rosters');
  }

  #receive(stream: AgentStream, message: AgentMessage__Output): void {
    if (this.#streams.get(stream.agentId) !== stream || stream.isOver) return;
    if (message.ack) stream.receiveAck(message.ack);
    else if (message.report) stream.receiveReport(message.report);
    else if (message.goodbye?.clients === 0 && message.goodbye.paused) this.#release(stream);
  }

  /**
   * Takes an agent off the rosters, and only then ends its stream, with OK: no other stream ends so. Whoever gets updates
   * is on the roster, hence the agent gets none from here on, and an enrolment that is under way comes first.
   */
  #release(stream: AgentStream): void {
    const { agentId, call } = stream;
    stream.retire();
    this.#leavingCalls.add(call);
    const leaving = stream
      .settle()
      .then(() => this.#deps.facts.leave(stream.identity, 'Goodbye: paused and without clients'))
      .then(
        () => {
          call.end();
        },
        (error: unknown) => {
          this.#deps.log.error({ agentId, err: error }, 'agent could not leave its rosters');
          endCall(call, grpcStatus.UNAVAILABLE, 'the coordinator could not take the agent off its rosters; try again');
        },
      )
      .finally(() => this.#leaving.delete(agentId));
    this.#leaving.set(agentId, leaving);
  }

  #noteAnswer(group: string, stream: AgentStream): void {
    const { state, rejectedHash, error } = stream.subscription(group);
    if (state === 'REJECTED' && rejectedHash !== null) {
      this.#rejections.note(stream.identity, group, { hash: rejectedHash, error });
    } else if (state === 'APPLIED') this.#rejections.forget(stream.agentId, group);
    this.#fanout.answered(group, stream);
  }

  #welcomeMessage() {
    const { coordinatorId, reportIntervalMs, applyDeadlineMs } = this.#options;
    const epoch = this.#deps.term.fencingToken;
    return { coordinatorId, epoch, reportIntervalMs, applyDeadlineMs, reconnectWindowMs: this.#windowMs() };
  }

  #reconnectMessage(reason: string): Buffer {
    return encodeFrame({ reconnect: { minMs: 0, maxMs: this.#windowMs(), reason }, message: 'reconnect' });
  }

  #windowMs(): number {
    return this.#admission.windowMs(this.#streams.size);
  }
}
