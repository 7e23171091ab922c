import { type Clock, sleep } from '../../process/clock.ts';
import type { Component } from '../../process/lifecycle.ts';
import type { Logger } from '../../process/log.ts';
import type { AgentMessage, CoordinatorMessage, GroupReport, Report, Welcome } from '../core/messages.ts';
import type { Refusal } from '../core/ownership.ts';
import { noteWindow, notReconnecting, planReconnect, type StreamEnd } from '../core/reconnect.ts';
import { answerUpdate, type GroupStanding, judgeEpoch, openSession, type Session } from '../core/session.ts';
import type { AgentMetrics, CoordinatorLink } from '../ports.ts';
import type { Applier } from './applier.ts';
import type { Conversation } from './conversation.ts';
import type { Keeper } from './keeper.ts';
import type { Proxy, ProxyWatch } from './proxy-watch.ts';
import { Updates } from './updates.ts';

const welcomeDeadlineMs = 10_000;
/** Who was told when to come again comes a little later than that, not all at the same moment. */
const retrySpread = 1.1;
/** How long a leaving agent waits for the coordinator's answer; its pod is about to end. */
const goodbyePatienceMs = 5000;
const replacedDelayMs = 10_000;

export type SubscriberDeps = {
  readonly link: CoordinatorLink;
  readonly applier: Applier;
  readonly watch: ProxyWatch;
  readonly keeper: Keeper;
  readonly metrics: AgentMetrics;
  readonly clock: Clock;
  readonly log: Logger;
  readonly random: () => number;
};

/** Who this agent says it is. */
export type Identity = {
  readonly agentId: string;
  readonly bootId: string;
  readonly cell: string;
  readonly fleet: string;
  readonly podUid: string;
};

/**
 * Talks with the coordinator: Hello once the proxy was reached, updates to the applier, its standings back as answers
 * and reports. Streams come and go; the applier never waits for one.
 */
export class Subscriber implements Component {
  readonly name = 'subscriber';
  readonly #deps: SubscriberDeps;
  readonly #identity: Identity;
  readonly #updates: Updates;
  readonly #stopping = new AbortController();
  #conversation: Conversation | null = null;
  #reconnecting = notReconnecting;
  #hasSynced = false;
  /** This agent waits for the coordinator to take it off the rosters. */
  #isLeaving = false;
  #left = new AbortController();
  #isBack = false;
  #running: Promise<void> = Promise.resolve();

  constructor(deps: SubscriberDeps, identity: Identity) {
    this.#deps = deps;
    this.#identity = identity;
    this.#updates = new Updates(deps);
  }

  start(): void {
    this.#deps.applier.listen({
      stands: (standing, isMoved) => {
        this.#tellStanding(standing, isMoved);
      },
      rebuilt: () => {
        this.report([], []);
      },
      handedOver: (reason) => {
        this.#conversation?.finish(reason);
      },
      isFollowed: (group) => {
        const conversation = this.#conversation;
        return conversation?.syncedAtMs != null && !conversation.unknown.has(group);
      },
      leftOut: () => {
        // Hello says what is known: a coordinator would think that all of it is still served.
        this.#conversation?.finish('owned servers were left out');
      },
    });
    this.#running = this.#run();
  }

  /** Ends the stream. */
  async stop(): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    this.#stopping.abort();
    this.#conversation?.finish('stopping');
    await this.#running;
  }

  /**
   * Says Goodbye; false when no coordinator heard it. Paused and without clients it takes this agent off its rosters:
   * it is said again on every new stream until the coordinator has done that, and no other stream begins.
   */
  async sayGoodbye(goodbye: { readonly clients: number; readonly paused: boolean }): Promise<boolean> {
    const conversation = this.#conversation?.session == null ? null : this.#conversation;
    conversation?.stream.send({ kind: 'goodbye', ...goodbye });
    if (!goodbye.paused || goodbye.clients > 0) return conversation !== null;
    this.#isLeaving = true;
    await sleep(this.#deps.clock, goodbyePatienceMs, this.#left.signal);
    this.#isLeaving = false;
    if (this.#hasLeft()) await this.#running;
    return this.#hasLeft();
  }

  #hasLeft(): boolean {
    return this.#left.signal.aborted;
  }

  /** Dials again after a Goodbye that was heard. */
  comeBack(): void {
    if (!this.#hasLeft() || this.#stopping.signal.aborted) return;
    this.#left = new AbortController();
    this.#isBack = true;
    this.#hasSynced = false;
    this.#running = this.#run();
  }

  /** Whether it left the rosters before: nobody waited for it, so that only a coordinator knows what to serve. */
  get isBack(): boolean {
    return this.#isBack;
  }

  /** Whether a coordinator ever sent all it had for this agent, since it came back. */
  get hasSynced(): boolean {
    return this.#hasSynced;
  }

  /** The present stream's report interval; `null` without a stream. The object changes with every stream. */
  get welcome(): Welcome | null {
    return this.#conversation?.welcome ?? null;
  }

  /** Sends a report on the present stream, if there is one. */
  report(servers: Report['servers'], groups: readonly GroupReport[], clientsConnected: number | null = null): void {
    const proxyBoot = this.#deps.watch.proxy?.proxyBoot ?? '';
    if (this.#conversation?.session == null) return;
    this.#conversation.stream.send({ kind: 'report', servers, groups, proxyBoot, clientsConnected });
  }

  async #run(): Promise<void> {
    const { applier, clock, log, random } = this.#deps;
    const { signal } = this.#stopping;
    const isStopping = (): boolean => signal.aborted;
    while (!isStopping()) {
      const met = await applier.whenReached(signal);
      if (met === null || isStopping()) continue;
      if ('code' in met && met.code === 'REPLACED') {
        // The newer process speaks under this agent's name.
        await sleep(clock, replacedDelayMs, signal);
        continue;
      }
      const { reason, end } = await this.#converse(met);
      if (isStopping() || this.#hasLeft()) return;
      const { reconnecting, waitMs } = planReconnect(this.#reconnecting, end, random);
      this.#reconnecting = reconnecting;
      log.warn({ reason, waitMs }, 'stream to the coordinator ended');
      await sleep(clock, waitMs, signal);
    }
  }

  /** Holds one conversation. Resolves when it is over. */
  async #converse(met: Proxy | Refusal): Promise<{ readonly reason: string; readonly end: StreamEnd }> {
    const { link, clock, metrics } = this.#deps;
    let finish: (reason: string) => void = () => undefined;
    const over = new Promise<string>((resolve) => {
      finish = resolve;
    });
    const stream = link.open({
      received: (message) => {
        conversation.receiving = conversation.receiving.then(() => this.#receive(conversation, message));
      },
      ended: (reason, isOk, retryAfterMs) => {
        if (isOk && this.#isLeaving) this.#left.abort();
        if (retryAfterMs !== undefined) {
          conversation.asked = { minMs: retryAfterMs, maxMs: retryAfterMs * retrySpread };
        }
        finish(reason);
      },
    });
    const conversation: Conversation = {
      stream,
      finish,
      session: null,
      welcome: null,
      syncedAtMs: null,
      unknown: new Set(),
      cancelSlow: new Map(),
      asked: null,
      receiving: Promise.resolve(),
    };
    this.#conversation = conversation;
    stream.send(this.#hello(met));
    const cancelDeadline = clock.setTimer(welcomeDeadlineMs, () => {
      if (conversation.welcome === null) finish('no Welcome came');
    });
    const reason = await over;
    cancelDeadline();
    for (const cancel of conversation.cancelSlow.values()) cancel();
    this.#conversation = null;
    metrics.streamConnected(false);
    await stream.end();
    const { syncedAtMs, asked } = conversation;
    return { reason, end: { syncedForMs: syncedAtMs === null ? null : clock.monotonicMs() - syncedAtMs, asked } };
  }

  /** A proxy that is not ours has nothing to tell of. */
  #hello(met: Proxy | Refusal): AgentMessage {
    const { keeper, applier } = this.#deps;
    const common = { kind: 'hello', ...this.#identity, maxEpoch: keeper.maxEpoch } as const;
    if ('code' in met) return { ...common, proxysqlVersion: '', proxyBoot: '', known: [], received: [], refusal: met };
    const { version, proxyBoot } = met;
    return {
      ...common,
      proxysqlVersion: version,
      proxyBoot,
      known: applier.known(),
      received: applier.received(),
      refusal: null,
    };
  }

  async #receive(conversation: Conversation, message: CoordinatorMessage): Promise<void> {
    if (this.#conversation !== conversation) return;
    if (message.kind === 'welcome') {
      await this.#welcome(conversation, message);
    } else if (conversation.session === null) {
      conversation.finish(`${message.kind} came before a Welcome`);
    } else {
      this.#take(conversation, conversation.session, message);
    }
  }

  /** An epoch is on disk before anything under it is obeyed, however often it is shown. */
  async #welcome(conversation: Conversation, welcome: Welcome): Promise<void> {
    const { keeper, log, metrics } = this.#deps;
    const { epoch, coordinatorId } = welcome;
    const verdict = judgeEpoch(epoch, keeper);
    if (verdict === 'refuse') {
      conversation.finish(`coordinator ${coordinatorId} shows epoch ${epoch}, seen was ${keeper.maxEpoch}`);
      return;
    }
    try {
      if (verdict === 'raise') await keeper.raiseEpoch(epoch);
    } catch (error) {
      log.error({ err: error }, 'epoch could not be saved');
      conversation.finish('epoch could not be saved');
      return;
    }
    this.#reconnecting = noteWindow(this.#reconnecting, welcome.reconnectWindowMs ?? 0);
    conversation.welcome = welcome;
    conversation.session = openSession(epoch);
    metrics.streamConnected(true);
    log.info({ coordinatorId, epoch }, 'welcomed by the coordinator');
    if (this.#isLeaving) conversation.stream.send({ kind: 'goodbye', clients: 0, paused: true });
  }

  #take(conversation: Conversation, session: Session, message: Exclude<CoordinatorMessage, { kind: 'welcome' }>): void {
    const { applier, clock, log } = this.#deps;
    switch (message.kind) {
      case 'update':
        this.#updates.take(conversation, session, message);
        return;
      case 'syncDone':
        conversation.syncedAtMs ??= clock.monotonicMs();
        this.#hasSynced = true;
        log.info({ groups: applier.known().length }, 'in sync with the coordinator');
        this.#confirm(conversation, session);
        // The coordinator may be a new one: it gets every vote again, and the proxy is looked at.
        this.report([], applier.standings());
        applier.check();
        return;
      case 'bookmark':
        this.#confirm(conversation, session);
        return;
      case 'reconnect':
        conversation.asked = { minMs: message.minMs, maxMs: message.maxMs };
        conversation.finish(`asked to reconnect: ${message.reason}`);
        return;
    }
  }

  /** Current is only what the coordinator knows, and has nothing newer for, and what is served whole. */
  #confirm(conversation: Conversation, session: Session): void {
    const { applier, keeper } = this.#deps;
    const current = applier
      .known()
      .filter(({ group, hash }) => hash !== '' && !session.unanswered.has(group) && !conversation.unknown.has(group));
    const groups = current.map(({ group }) => group);
    keeper.confirm(groups);
    applier.confirm(groups);
  }

  #tellStanding(standing: GroupStanding, isMoved: boolean): void {
    const conversation = this.#conversation;
    if (conversation?.session == null) return;
    const { session, ack } = answerUpdate(conversation.session, standing, this.#deps.clock.monotonicMs());
    conversation.session = session;
    if (ack !== null) {
      conversation.stream.send({ kind: 'ack', ...ack });
      this.#deps.metrics.answered(ack.status);
      if (ack.status === 'APPLIED') this.#deps.metrics.applied(ack.applyMicros / 1e6);
    }
    // An answer says nothing of what waits, was set offline, stands in or is not managed.
    if (isMoved) this.report([], [standing]);
  }
}
