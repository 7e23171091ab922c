import { type handleBidiStreamingCall, status as grpcStatus } from '@grpc/grpc-js';
import type { AgentMessage__Output } from '../../proto/gen/chester/v1/AgentMessage.ts';
import type { CoordinatorMessage } from '../../proto/gen/chester/v1/CoordinatorMessage.ts';
import type { Hello__Output } from '../../proto/gen/chester/v1/Hello.ts';
import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import { isPlausibleEpoch } from '../core/lease.ts';
import { labelName } from '../core/names.ts';
import type { Published } from '../core/fleet-settings.ts';
import type { AgentFacts, CurrentTerm, Metrics, SnapshotFanout } from '../ports.ts';
import { type AgentCall, AgentStream } from './agent-stream.ts';

export type AgentStreamsDeps = {
  readonly facts: AgentFacts;
  readonly term: CurrentTerm;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
};

export type AgentStreamsOptions = {
  readonly coordinatorId: string;
  readonly reportIntervalMs: number;
  readonly applyDeadlineMs: number;
  /** How often an idle agent is told that the coordinator lives, and deadlines are checked. */
  readonly bookmarkIntervalMs: number;
};

/** A stream that has not said Hello by then is ended. */
const helloDeadlineMs = 10_000;
const idCharactersMax = 253;
/** Far above any revision, and far below the numbers that JavaScript counts no more. */
const revisionMax = 2 ** 48;

/** Holds all agents' streams and hands them what was committed. */
export class AgentStreams implements SnapshotFanout {
  readonly name = 'agent-streams';
  readonly #deps: AgentStreamsDeps;
  readonly #options: AgentStreamsOptions;
  readonly #streams = new Map<string, { readonly stream: AgentStream; readonly call: AgentCall }>();
  readonly #latest = new Map<string, Published>();
  /** When each group's newest snapshot was offered, on the clock that never goes back. */
  readonly #offeredAtMs = new Map<string, number>();
  readonly #converged = new Map<string, number>();
  /** How long each agent took for its group's newest snapshot. */
  readonly #appliedMs = new Map<string, Map<string, number>>();
  /** Agents that are being taken off the rosters. */
  readonly #leaving = new Map<string, Promise<void>>();
  #cancelTick: (() => void) | null = null;

  constructor(deps: AgentStreamsDeps, options: AgentStreamsOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  start(): void {
    this.#cancelTick = this.#deps.clock.setTimer(this.#options.bookmarkIntervalMs, () => {
      this.#tick();
      this.start();
    });
  }

  /** Waits for the agents that take their leave: only they end with OK. */
  async stop(): Promise<void> {
    this.#cancelTick?.();
    await Promise.all(this.#leaving.values());
    for (const { call } of this.#streams.values()) end(call, grpcStatus.UNAVAILABLE, 'the coordinator stops');
    this.#streams.clear();
  }

  /** The connected agents. */
  get connected(): readonly AgentStream[] {
    return [...this.#streams.values()].map(({ stream }) => stream);
  }

  offer(published: Published): void {
    const held = this.#latest.get(published.group);
    if (held !== undefined && held.revision >= published.revision) return;
    this.#latest.set(published.group, published);
    this.#offeredAtMs.set(published.group, this.#deps.clock.monotonicMs());
    this.#appliedMs.set(published.group, new Map());
    for (const { stream } of this.#streams.values()) {
      if (stream.identity.fleet === published.fleet) stream.offer(published);
    }
  }

  /** Sends a group to all its agents again. */
  resync(group: string): void {
    const fleet = this.#latest.get(group)?.fleet;
    for (const { stream } of this.#streams.values()) if (stream.identity.fleet === fleet) stream.resync(group);
  }

  /** The handler of AgentService.Connect. */
  readonly connect: handleBidiStreamingCall<AgentMessage__Output, CoordinatorMessage> = (call) => {
    const cancelDeadline = this.#deps.clock.setTimer(helloDeadlineMs, () => {
      end(call, grpcStatus.DEADLINE_EXCEEDED, `no Hello within ${helloDeadlineMs} ms`);
    });
    call.once('data', (first: AgentMessage__Output) => {
      cancelDeadline();
      this.#welcome(call, first).catch((error: unknown) => {
        this.#deps.log.error({ err: error }, 'agent stream failed');
        end(call, grpcStatus.UNAVAILABLE, 'the coordinator could not take the agent in; try again');
      });
    });
    call.on('error', () => {
      cancelDeadline(); // The stream is gone; 'close' follows and takes the agent off.
    });
    call.on('end', () => {
      cancelDeadline();
      if (!this.#isLeaving(call)) end(call, grpcStatus.CANCELLED, 'the agent ended its stream');
    });
  };

  async #welcome(call: AgentCall, first: AgentMessage__Output): Promise<void> {
    const hello = first.hello;
    const fault = checkHello(hello, this.#deps.term.fencingToken, this.#deps.clock.nowMs());
    if (hello === null || hello === undefined || fault !== null) {
      this.#deps.log.warn({ agentId: hello?.agentId, reason: fault }, 'agent refused');
      end(call, grpcStatus.INVALID_ARGUMENT, fault ?? 'the first message must be a Hello');
      return;
    }
    if (this.#isTaken(hello)) {
      const message = `another process with agent id ${hello.agentId} is connected; each proxy's agent needs its own AGENT_ID`;
      this.#deps.facts.noteAgent(hello.agentId, 'DUPLICATE', message);
      end(call, grpcStatus.ALREADY_EXISTS, message);
      return;
    }
    const early: AgentMessage__Output[] = [];
    const keep = (message: AgentMessage__Output) => early.push(message);
    call.on('data', keep);
    if (hello.maxEpoch > this.#deps.term.fencingToken) await this.#deps.facts.noteEpochAhead(hello.maxEpoch);
    // What an earlier stream of the same agent left must not take this one off its rosters.
    await this.#leaving.get(hello.agentId);
    if (call.cancelled) return;
    const stream = this.#admit(call, hello);
    call.write({ welcome: this.#welcomeMessage(), message: 'welcome' });
    const isSettings = ({ kind }: Published) => Number(kind === 'fleet');
    const published = [...this.#latest.values()]
      .filter(({ fleet }) => fleet === hello.fleet)
      .sort((one, other) => isSettings(other) - isSettings(one));
    if (stream.refusal === null && published.every(({ kind }) => kind === 'fleet')) {
      const message = `no group of fleet ${hello.fleet} is published: this agent gets nothing`;
      this.#deps.log.warn({ agentId: hello.agentId, fleet: hello.fleet }, 'agent of a fleet without groups');
      this.#deps.facts.noteAgent(hello.agentId, 'NO_GROUPS', message);
    }
    await stream.sync(published);
    call.off('data', keep);
    for (const message of early) this.#receive(call, stream, message);
    call.on('data', (message: AgentMessage__Output) => {
      this.#receive(call, stream, message);
    });
  }

  /**
   * One proxy must not vote for another. A restarted agent has to wait until its predecessor's stream is seen to be
   * gone: at once when the process ended, by keepalive when its machine did.
   */
  #isTaken({ agentId, bootId }: Hello__Output): boolean {
    const open = this.#streams.get(agentId);
    return open !== undefined && open.stream.identity.bootId !== bootId;
  }

  #admit(call: AgentCall, hello: Hello__Output): AgentStream {
    const { agentId, fleet } = hello;
    const stream = new AgentStream(call, hello, {
      facts: this.#deps.facts,
      clock: this.#deps.clock,
      onAnswer: (group) => {
        this.#noteApplied(group, stream);
        this.#noteProgress(group);
      },
      onFailure: (error) => {
        this.#deps.log.error({ agentId, err: error }, 'a fact of this agent was not stored, its stream ends');
        end(call, grpcStatus.UNAVAILABLE, 'the coordinator could not store what the agent said; try again');
      },
    });
    const older = this.#streams.get(agentId);
    this.#streams.set(agentId, { stream, call });
    if (older !== undefined) {
      older.stream.retire();
      end(older.call, grpcStatus.ABORTED, `a newer stream of agent ${agentId} replaced this one`);
      this.#deps.facts.noteAgent(agentId, 'REPLACED', 'a newer stream of the same agent id replaced an open one');
    }
    call.on('close', () => {
      this.#forget(agentId, stream);
    });
    call.on('cancelled', () => {
      this.#forget(agentId, stream);
    });
    this.#deps.metrics.setAgents(this.#streams.size);
    this.#deps.log.info({ agentId, fleet, proxysqlVersion: hello.proxysqlVersion }, 'agent connected');
    const { refusal } = stream;
    if (refusal === null)
      this.#deps.facts.noteAgent(agentId, 'CONNECTED', `fleet ${fleet}, ProxySQL ${hello.proxysqlVersion}`);
    else this.#deps.facts.noteAgent(agentId, 'REFUSED', `${refusal.code}: ${refusal.message}`);
    return stream;
  }

  #forget(agentId: string, stream: AgentStream): void {
    if (this.#streams.get(agentId)?.stream !== stream) return;
    this.#streams.delete(agentId);
    this.#deps.metrics.setAgents(this.#streams.size);
    this.#deps.log.warn({ agentId }, 'agent disconnected');
    this.#deps.facts.noteAgent(agentId, 'DISCONNECTED', 'it stays on its rosters');
  }

  #receive(call: AgentCall, stream: AgentStream, message: AgentMessage__Output): void {
    if (this.#streams.get(stream.identity.agentId)?.stream !== stream) return;
    if (message.ack) stream.receiveAck(message.ack);
    else if (message.report) stream.receiveReport(message.report);
    else if (message.goodbye?.clients === 0 && message.goodbye.paused) this.#release(call, stream);
  }

  /**
   * Takes an agent off the rosters, and only then ends its stream, with OK: no other stream ends so. Whoever gets updates
   * is on the roster, hence the agent gets none from here on, and an enrolment that is under way comes first.
   */
  #release(call: AgentCall, stream: AgentStream): void {
    const { agentId } = stream.identity;
    stream.retire();
    const leaving = stream
      .settle()
      .then(() => this.#deps.facts.leave(agentId, 'Goodbye: paused and without clients'))
      .then(
        () => {
          call.end();
        },
        (error: unknown) => {
          this.#deps.log.error({ agentId, err: error }, 'agent could not leave its rosters');
          end(call, grpcStatus.UNAVAILABLE, 'the coordinator could not take the agent off its rosters; try again');
        },
      )
      .finally(() => this.#leaving.delete(agentId));
    this.#leaving.set(agentId, leaving);
  }

  #isLeaving(call: AgentCall): boolean {
    const open = [...this.#streams].find(([, one]) => one.call === call);
    return open !== undefined && this.#leaving.has(open[0]);
  }

  #noteApplied(group: string, stream: AgentStream): void {
    const latest = this.#latest.get(group);
    const took = this.#appliedMs.get(group);
    const { agentId } = stream.identity;
    if (latest === undefined || took === undefined || took.has(agentId) || !stream.runs(latest)) return;
    took.set(agentId, this.#deps.clock.monotonicMs() - (this.#offeredAtMs.get(group) ?? 0));
  }

  /** Says once per snapshot that every connected agent of the fleet runs it. */
  #noteProgress(group: string): void {
    const snapshot = this.#latest.get(group);
    if (snapshot === undefined || snapshot.kind === 'fleet' || this.#converged.get(group) === snapshot.revision) return;
    const agents = this.connected.filter(
      ({ identity, refusal }) => identity.fleet === snapshot.fleet && refusal === null,
    );
    if (agents.length === 0 || !agents.every((agent) => agent.runs(snapshot))) return;
    this.#converged.set(group, snapshot.revision);
    const tookMs = this.#deps.clock.monotonicMs() - (this.#offeredAtMs.get(group) ?? 0);
    const eachMs = this.#appliedMs.get(group) ?? new Map<string, number>();
    this.#deps.facts.noteConverged(snapshot, { agents: agents.length, tookMs, eachMs });
  }

  #tick(): void {
    const bookmark = { epoch: this.#deps.term.fencingToken, revision: 0 };
    for (const [agentId, { stream, call }] of this.#streams) {
      if (stream.checkDeadlines(this.#options.applyDeadlineMs)) {
        call.write({ bookmark, message: 'bookmark' });
      } else {
        this.#deps.log.warn({ agentId }, 'an update stayed unanswered twice, the stream ends');
        end(call, grpcStatus.DEADLINE_EXCEEDED, 'an update stayed unanswered twice');
      }
    }
  }

  #welcomeMessage() {
    const { coordinatorId, reportIntervalMs, applyDeadlineMs } = this.#options;
    return { coordinatorId, epoch: this.#deps.term.fencingToken, reportIntervalMs, applyDeadlineMs };
  }
}

function checkHello(hello: Hello__Output | null | undefined, fencingToken: number, nowMs: number): string | null {
  if (hello === null || hello === undefined) return 'the first message must be a Hello';
  if (hello.agentId === '' || hello.agentId.length > idCharactersMax || hello.agentId.includes('/')) {
    return `agent_id is ${JSON.stringify(hello.agentId.slice(0, 80))}; allowed: 1 to ${idCharactersMax} characters without "/"`;
  }
  for (const field of ['fleet', 'cell'] as const) {
    if (!labelName.pattern.test(hello[field])) {
      return `${field} is ${JSON.stringify(hello[field].slice(0, 80))}; allowed: ${labelName.allowed}`;
    }
  }
  const ahead = hello.known.find(({ revision }) => revision > revisionMax);
  if (ahead !== undefined) return `known revision is ${ahead.revision}; allowed: at most ${revisionMax}`;
  if (hello.proxyBoot === '' && hello.refusal === null)
    return 'proxy_boot is empty; it is needed to tell votes of an earlier boot';
  if (!isPlausibleEpoch(hello.maxEpoch, fencingToken, nowMs)) {
    return `max_epoch is ${hello.maxEpoch}; allowed: at most 24 hours ahead of the coordinator's clock`;
  }
  return null;
}

function end(call: AgentCall, code: grpcStatus, details: string): void {
  if (!call.cancelled && !call.writableEnded) call.emit('error', { code, details });
}
