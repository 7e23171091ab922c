import { type Clock, sleep } from '../../process/clock.ts';
import type { Component } from '../../process/lifecycle.ts';
import type { Logger } from '../../process/log.ts';
import { type DrainResult, type Gate, planClosing, planReopening } from '../core/client-gate.ts';
import type { Owner } from '../core/ownership.ts';
import { AgentError, type AgentErrorCode } from '../errors.ts';
import type { AgentMetrics, ProxyAdmin } from '../ports.ts';
import type { Applier } from './applier.ts';
import type { ProxyWatch } from './proxy-watch.ts';
import type { Subscriber } from './subscriber.ts';

const poll = { firstMs: 100, maxMs: 1000 };
/** A ProxySQL that refuses connections for this long has ended: nobody is left to wait for. */
const goneAfterMs = 5000;
const reopenIntervalMs = 1000;

export type ClientGateDeps = {
  readonly admin: Pick<ProxyAdmin, 'readGate' | 'markPause' | 'pause' | 'resume'>;
  readonly watch: Pick<ProxyWatch, 'proxy' | 'refusal' | 'pause' | 'notePause'>;
  readonly applier: Pick<Applier, 'isCaughtUp' | 'whenReached'>;
  readonly subscriber: Pick<Subscriber, 'hasSynced' | 'welcome' | 'sayGoodbye' | 'comeBack'>;
  readonly metrics: Pick<AgentMetrics, 'adminFailed'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly owner: Owner;
};

export type ClientGateOptions = {
  /** From "not ready" until nobody sends new clients here. */
  readonly endpointsMs: number;
  /** From then until clients that are still connected are left alone. */
  readonly deadlineMs: number;
  /** Whether stopping the agent drains the proxy, or leaves it to serve on. */
  readonly onStop: boolean;
};

/**
 * Opens and closes the proxy's door for clients. Draining: not ready → wait for the endpoints to learn it → mark the
 * sentinel → PROXYSQL PAUSE → wait until no client is connected → Goodbye. Each step is decided from what is read then,
 * so a lost or timed-out PAUSE is looked after, not assumed. What an earlier agent's drain closed is opened again. A drain
 * is over with the ProxySQL that it drained: kubelet runs the hook also before it restarts that container alone.
 */
export class ClientGate implements Component {
  readonly name = 'client-gate';
  readonly #deps: ClientGateDeps;
  readonly #options: ClientGateOptions;
  readonly #hurry = new AbortController();
  #draining: Promise<DrainResult> | null = null;
  /** The proxy's boot at the end of a drain; empty: none was met. `null`: no drain has ended. */
  #drainedBoot: string | null = null;
  #reopening: Promise<void> = Promise.resolve();
  #cancelTimer: (() => void) | null = null;
  #isStopped = false;
  #hasLeft = false;
  #failure: AgentErrorCode | null = null;
  /** A PAUSE of ours was lost or timed out: it may still have happened. */
  #isPauseUncertain = false;

  constructor(deps: ClientGateDeps, options: ClientGateOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  get isDraining(): boolean {
    return this.#draining !== null;
  }

  start(): void {
    if (this.#isStopped) return;
    this.#cancelTimer = this.#deps.clock.setTimer(reopenIntervalMs, () => {
      this.#reopening = this.#reopen().finally(() => {
        this.start();
      });
    });
  }

  /** Drains if stopping is to do that, else cuts a drain short; then says Goodbye. */
  async stop(): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#cancelTimer?.();
    await this.#reopening;
    if (!this.#options.onStop) this.#hurry.abort();
    else if (this.#deps.watch.proxy !== null) await this.drain();
    await this.#draining;
    if (this.#deps.watch.proxy === null || this.#hasLeft) return;
    const { gate } = await this.#read(() => this.#deps.admin.readGate());
    // Without a count no Goodbye: "no clients" would be a claim that nobody checked.
    if (gate !== null) await this.#sayGoodbye(gate);
  }

  /** Drains once: who asks again waits for the same. */
  drain(): Promise<DrainResult> {
    this.#draining ??= this.#drain();
    return this.#draining;
  }

  async #drain(): Promise<DrainResult> {
    const { clock, log, owner, watch } = this.#deps;
    const startedMs = clock.monotonicMs();
    await this.#reopening;
    await this.#meet();
    let gate: Gate | null = null;
    if (watch.proxy === null) {
      log.warn({}, 'asked to drain a proxy that this agent does not manage');
    } else {
      log.info({ endpointsMs: this.#options.endpointsMs }, 'draining: not ready any more');
      await sleep(clock, this.#options.endpointsMs, this.#hurry.signal);
      if (!this.#hurry.signal.aborted) gate = await this.#close();
    }
    const paused = this.#isClosed(gate);
    if (gate !== null && paused) await this.#sayGoodbye(gate);
    this.#noteDrained(gate);
    const result = { clients: gate?.clients ?? null, paused, tookMs: Math.round(clock.monotonicMs() - startedMs) };
    if (paused && result.clients === 0) log.info(result, 'drained');
    else log.warn({ ...result, door: planClosing(gate, owner) }, 'drain ended early: this agent stays on its rosters');
    return result;
  }

  /** An agent that has just begun may be asked before it has seen its proxy: then it is not yet another's, or gone. */
  async #meet(): Promise<void> {
    const { applier, clock, watch } = this.#deps;
    if (watch.proxy !== null || watch.refusal !== null) return;
    const patience = new AbortController();
    const cancel = clock.setTimer(goneAfterMs, () => {
      patience.abort();
    });
    await applier.whenReached(AbortSignal.any([patience.signal, this.#hurry.signal]));
    cancel();
  }

  /** Pauses and waits. Returns what was read last; `null` when that failed. */
  async #close(): Promise<Gate | null> {
    const { clock } = this.#deps;
    const deadlineMs = clock.monotonicMs() + this.#options.deadlineMs;
    let reachedMs = clock.monotonicMs();
    for (let delayMs = poll.firstMs; ; delayMs = Math.min(poll.maxMs, delayMs * 2)) {
      const { gate, failure } = await this.#read(() => this.#closeStep());
      const nowMs = clock.monotonicMs();
      if (failure !== 'ADMIN_UNREACHABLE') reachedMs = nowMs;
      const isEmpty = this.#isClosed(gate) && gate?.clients === 0;
      const isOver = nowMs >= deadlineMs || nowMs - reachedMs >= goneAfterMs || this.#hurry.signal.aborted;
      if (isEmpty || isOver) return gate;
      await sleep(clock, Math.min(delayMs, deadlineMs - nowMs), this.#hurry.signal);
    }
  }

  /** Does what is next, and reads what came of it. */
  async #closeStep(): Promise<Gate | null> {
    const { admin, owner } = this.#deps;
    let gate = await admin.readGate();
    for (let acts = 0; acts < 2; acts += 1) {
      const next = planClosing(gate, owner);
      if (next === 'mark') await admin.markPause(owner.bootId, 'paused');
      else if (next === 'pause') await this.#pause();
      else break;
      gate = await admin.readGate();
    }
    return gate;
  }

  async #pause(): Promise<void> {
    const { admin, owner } = this.#deps;
    try {
      await admin.pause();
      this.#isPauseUncertain = false;
    } catch (error) {
      if (error instanceof AgentError && error.code === 'ADMIN_ALREADY_PAUSED') {
        // Somebody was faster by a moment: that pause is not ours to undo later.
        if (!this.#isPauseUncertain) await admin.markPause(owner.bootId, 'none');
        return;
      }
      this.#isPauseUncertain = true;
      throw error;
    }
  }

  #isClosed(gate: Gate | null): boolean {
    return planClosing(gate, this.#deps.owner) === 'closed';
  }

  /** That it leaves is on the sentinel before it is said: a later agent must not open the door from old knowledge. */
  async #sayGoodbye(gate: Gate): Promise<void> {
    const { admin, log, owner, subscriber } = this.#deps;
    const paused = this.#isClosed(gate);
    const isLeaving = paused && gate.clients === 0;
    if (isLeaving) {
      const { failure } = await this.#read(() => admin.markPause(owner.bootId, 'left').then(() => gate));
      if (failure !== null) return;
    }
    const isSaid = await subscriber.sayGoodbye({ clients: gate.clients, paused });
    if (!isSaid) log.warn({ clients: gate.clients, paused }, 'no coordinator heard the Goodbye');
    this.#hasLeft = isLeaving && isSaid;
    if (isLeaving && !isSaid) await this.#read(() => admin.markPause(owner.bootId, 'paused').then(() => gate));
  }

  #noteDrained(gate: Gate | null): void {
    this.#drainedBoot = gate?.sentinel.proxyBoot ?? this.#deps.watch.proxy?.proxyBoot ?? '';
  }

  /** Takes a ProxySQL that came after a drain for what it is: open, and with another drain before it. */
  #beginAnew(): void {
    const { log, subscriber, watch } = this.#deps;
    if (this.#drainedBoot === null || watch.proxy === null || watch.proxy.proxyBoot === this.#drainedBoot) return;
    log.warn({ proxyBoot: watch.proxy.proxyBoot }, 'proxysql was restarted after its drain: serving again');
    this.#draining = this.#drainedBoot = null;
    this.#isPauseUncertain = false;
    if (this.#hasLeft) subscriber.comeBack();
    this.#hasLeft = false;
  }

  /** Opens what an earlier agent's drain closed, once the proxy's state is known. */
  async #reopen(): Promise<void> {
    const { admin, applier, log, owner, subscriber, watch } = this.#deps;
    this.#beginAnew();
    if (watch.proxy === null || watch.pause === 'none' || this.isDraining) return;
    const now = { isCaughtUp: applier.isCaughtUp(), hasSynced: subscriber.hasSynced };
    await this.#read(async () => {
      let gate = await admin.readGate();
      if (planReopening(gate, owner, now) === 'resume') {
        await admin.resume();
        log.warn({ mark: gate?.sentinel.pause }, 'resumed a proxy that an earlier drain had paused');
        gate = await admin.readGate();
      }
      const next = planReopening(gate, owner, now);
      if (next === 'forget') await admin.markPause(owner.bootId, 'none');
      if (next === 'forget' || next === 'done') watch.notePause('none');
      return gate;
    });
  }

  async #read(
    act: () => Promise<Gate | null>,
  ): Promise<{ readonly gate: Gate | null; readonly failure: AgentErrorCode | null }> {
    try {
      const gate = await act();
      this.#failure = null;
      return { gate, failure: null };
    } catch (error) {
      if (!(error instanceof AgentError)) throw error;
      const { code, message } = error;
      this.#deps.metrics.adminFailed(code);
      if (this.#failure !== code) this.#deps.log.warn({ code, reason: message }, 'opening or closing has to wait');
      this.#failure = code;
      return { gate: null, failure: code };
    }
  }
}
