import { backoffDelayMs } from '../../process/backoff.ts';
import type { Clock } from '../../process/clock.ts';
import type { Component } from '../../process/lifecycle.ts';
import type { Logger } from '../../process/log.ts';
import type { Failure, KnownGroup } from '../core/messages.ts';
import type { Refusal } from '../core/ownership.ts';
import { type GroupPlan, hasWork, type ServersPlan } from '../core/plan.ts';
import type { GroupStanding } from '../core/session.ts';
import { type GroupTarget, isSameDemand } from '../core/snapshot.ts';
import { buildStanding, failStanding, hasLostVote, hasMoved, hasTurned } from '../core/standing.ts';
import { AgentError } from '../errors.ts';
import type { AgentMetrics, Entropy, ProxyAdmin } from '../ports.ts';
import { Executor } from './executor.ts';
import { Groups, type HeldGroup, isProven, tellRepairs } from './groups.ts';
import type { Keeper } from './keeper.ts';
import { LoadTurn, type LoadTurnOptions } from './load-turn.ts';
import { Looker } from './looker.ts';
import { PinnedSessions } from './pinned-sessions.ts';
import type { Proxy, ProxyWatch } from './proxy-watch.ts';
import { Waiters } from './waiters.ts';

/** A change needs three steps at most (write, drain, delete); more means that something works against us. */
const stepsMax = 8;
/** Reading connections has side effects in ProxySQL, so a drain is asked after quickly only at first. */
const drainPoll = { firstMs: 50, maxMs: 1000 };
const holdDelayMs = 1000;
/** A proxy is not ready while its first readers warm up, but an unreachable replica must not keep it out for ever. */
const warmingPatienceMs = 20_000;
const retry = { baseMs: 200, maxMs: 10_000 };

export type ApplierDeps = {
  readonly admin: ProxyAdmin;
  readonly watch: ProxyWatch;
  readonly keeper: Pick<Keeper, 'keep' | 'keepSoon'>;
  readonly entropy: Entropy;
  readonly metrics: AgentMetrics;
  readonly clock: Clock;
  readonly log: Logger;
  readonly random: () => number;
};

export type ApplierListener = {
  /** A group was looked at. `isMoved`: what drains, is gone or unmanaged differs from the time before. */
  readonly stands: (standing: GroupStanding, isMoved: boolean) => void;
  /** ProxySQL's memory was rebuilt: what was reported before is void. */
  readonly rebuilt: () => void;
  /** The proxy is not this agent's to manage, or is again: nothing that was said about it holds any more. */
  readonly handedOver: (reason: string) => void;
};

const nothing = (): void => undefined;
const noListener: ApplierListener = { stands: nothing, rebuilt: nothing, handedOver: nothing };

/**
 * Makes the proxy be as the groups' targets say, and proves it: look (memory, runtime, and connections or disk where
 * they decide something), plan one step for all groups, do it, look again. The look after a step is the proof of that
 * step and the ground of the next. One run at a time; what arrives meanwhile is part of the next step.
 */
export class Applier implements Component {
  readonly name = 'applier';
  readonly #deps: ApplierDeps;
  readonly #groups = new Groups();
  readonly #reached = new Waiters();
  #listener: ApplierListener = noListener;
  #running: Promise<void> | null = null;
  #isDirty = false;
  #isStopped = false;
  #cancelTimer: (() => void) | null = null;
  #drainDelayMs = drainPoll.firstMs;
  #attempt = 0;
  #failure: Failure | null = null;
  readonly #looker: Looker;
  readonly #pinned: PinnedSessions;
  readonly #turn: LoadTurn;
  readonly #executor: Executor;

  constructor(deps: ApplierDeps, options: LoadTurnOptions) {
    this.#deps = deps;
    this.#looker = new Looker(deps);
    this.#pinned = new PinnedSessions(deps);
    this.#turn = new LoadTurn(deps, options);
    this.#executor = new Executor({
      admin: deps.admin,
      metrics: deps.metrics,
      refuse: (target, failure) => {
        this.#refuse(target, failure);
      },
      noteLoad: (outcome) => {
        this.#turn.noteLoad();
        this.#looker.noteLoad(outcome);
      },
    });
  }

  start(): void {
    this.#deps.admin.onConnectionLost(() => {
      // A run notices by itself, and waits before it tries again.
      if (this.#running === null) this.check();
    });
    this.check();
  }

  /** Ends the present step; no further one begins. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelTimer?.();
    await this.#running;
  }

  listen(listener: ApplierListener): void {
    this.#listener = listener;
  }

  /** Takes what the last known good holds; it is on disk already. */
  adopt(targets: readonly GroupTarget[]): void {
    for (const target of targets) this.#groups.put(target).savedRevision = target.revision;
  }

  /** Takes a group's new target. One whose equal was proven at this boot of the proxy is answered without a statement. */
  submit(target: GroupTarget): void {
    const before = this.#groups.get(target.group);
    if (before?.standing != null && isProven(before, this.#proxyBoot()) && isSameDemand(before.target, target)) {
      before.target = target;
      before.proven = { target, proxyBoot: this.#proxyBoot() };
      this.#save(before);
      this.#emit(before, { ...before.standing, revision: target.revision });
      return;
    }
    this.#groups.put(target);
    this.#drainDelayMs = drainPoll.firstMs;
    this.check();
  }

  /** Runs soon: looks at everything, repairs what drifted, goes on with what drains. */
  check(): void {
    if (this.#isStopped) return;
    this.#isDirty = true;
    this.#cancelTimer?.();
    this.#running ??= this.#run();
  }

  /** The proxy once a first run reached its end, or why it is not ours; `null` when aborted. */
  async whenReached(signal: AbortSignal): Promise<Proxy | Refusal | null> {
    const { watch } = this.#deps;
    const isUnknown = watch.proxy === null && watch.refusal === null;
    if (!signal.aborted && (isUnknown || this.#running !== null)) await this.#reached.wait(signal);
    return watch.proxy ?? watch.refusal;
  }

  /** What this agent has of a group. */
  target(group: string): GroupTarget | null {
    return this.#groups.get(group)?.target ?? null;
  }

  known(): readonly KnownGroup[] {
    return this.#groups.known(this.#proxyBoot());
  }

  standings(): readonly GroupStanding[] {
    return this.#groups.all().flatMap((held) => (held.standing === null ? [] : [held.standing]));
  }

  /** The hostgroups of all groups. */
  hostgroups(): ReadonlySet<number> {
    return this.#groups.hostgroups();
  }

  /** Whether every group was brought to an end at the proxy's present boot: applied, or held for a reason. */
  isCaughtUp(): boolean {
    const proxy = this.#deps.watch.proxy;
    return proxy !== null && this.#groups.all().every((held) => held.restedBoot === proxy.proxyBoot);
  }

  /** Why applying does not go on, in words. */
  get waitingFor(): string | null {
    return this.#failure?.message ?? null;
  }

  #proxyBoot(): string {
    return this.#deps.watch.proxy?.proxyBoot ?? '';
  }

  async #run(): Promise<void> {
    let delayMs: number | null = null;
    // What is submitted in the same turn becomes one step.
    await Promise.resolve();
    while (this.#isDirty && !this.#isStopped) {
      delayMs = await this.#converge();
    }
    this.#running = null;
    if (this.#deps.watch.proxy !== null || this.#deps.watch.refusal !== null) this.#reached.release();
    if (delayMs === null || this.#isStopped) return;
    this.#cancelTimer = this.#deps.clock.setTimer(delayMs, () => {
      this.check();
    });
  }

  /** Steps until nothing is left to do now. Returns when to look again: soon, or `null` for at the next check. */
  async #converge(): Promise<number | null> {
    let doneBefore = '';
    for (let step = 0; step < stepsMax; step += 1) {
      try {
        const plan = await this.#look();
        if (plan === null) return retry.maxMs;
        this.#publish(plan);
        if (!hasWork(plan)) return this.#rest(plan);
        const wait = this.#turn.findWait(plan);
        if (wait?.failure != null) this.#fail(wait.failure);
        if (wait !== null) return wait.delayMs;
        const doing = JSON.stringify(plan.groups.map((group) => [group.changes, group.diskDeletes]));
        if (doing === doneBefore) break;
        doneBefore = doing;
        this.#tellRepairs(plan);
        await this.#executor.execute(plan.groups);
      } catch (error) {
        if (!(error instanceof AgentError)) throw error;
        this.#deps.metrics.adminFailed(error.code);
        this.#fail(error);
        return backoffDelayMs(retry, this.#attempt++, this.#deps.random);
      }
    }
    this.#fail({
      code: 'NOT_PROVEN',
      message: 'runtime does not show what was loaded: something else writes these rows',
    });
    return retry.maxMs;
  }

  /** Looks, and plans the next step; `null` when the proxy is not ours. */
  async #look(): Promise<ServersPlan | null> {
    const { watch } = this.#deps;
    this.#isDirty = false;
    const { refusal } = watch;
    const look = await watch.look();
    if ('refusal' in look) {
      this.#fail(look.refusal, 'error');
      if (refusal?.code !== look.refusal.code) this.#listener.handedOver(look.refusal.message);
      return null;
    }
    if (refusal !== null) this.#listener.handedOver("the proxy is this agent's again");
    const { state, isRebuilt } = look;
    if (isRebuilt) {
      this.#groups.forgetLooks();
      this.#looker.forget();
      this.#listener.rebuilt();
    }
    return this.#pinned.attend(await this.#looker.plan(this.#groups.targets(), state, this.#groups.met()));
  }

  /** Notes and tells how each group stands. */
  #publish(plan: ServersPlan): void {
    for (const group of plan.groups) {
      const held = this.#groups.get(group.target.group);
      if (held?.target === group.target) this.#publishGroup(held, group);
    }
    const removing = plan.groups.flatMap((group) => group.removing).length;
    const settled = plan.groups.filter((group) => group.isSettled).length;
    this.#deps.metrics.groupsHeld({ groups: plan.groups.length, settled, removing });
  }

  #publishGroup(held: HeldGroup, plan: GroupPlan): void {
    const proxyBoot = this.#proxyBoot();
    const isNews = plan.isSettled && !isProven(held, proxyBoot);
    held.lastPlan = plan;
    if (plan.isSettled) held.proven = { target: plan.target, proxyBoot };
    const isRest = plan.isSettled || plan.hold !== null;
    if (plan.isSettled || (plan.hold !== null && !this.#isWarmingUp(plan))) held.restedBoot = proxyBoot;
    this.#tell(held, plan, isRest);
    if (isNews) this.#deps.log.info({ group: plan.target.group, revision: plan.target.revision }, 'snapshot proven');
    if (plan.isSettled) this.#save(held);
  }

  #isWarmingUp({ warming }: GroupPlan): boolean {
    const nowMs = this.#deps.clock.nowMs();
    return warming.some(({ sinceMs }) => nowMs - sinceMs < warmingPatienceMs);
  }

  /** What the next step is about to change is told when it is done; only a vote must not outlive its truth. */
  #tell(held: HeldGroup, plan: GroupPlan, isRest: boolean): void {
    const hasVotes = held.standing !== null && held.standing.absent.length > 0;
    if (!isRest && !hasVotes) return;
    const isSaved = held.savedRevision === plan.target.revision;
    const standing = buildStanding(plan, isSaved, this.#deps.entropy.digest);
    if (isRest || hasLostVote(held.standing, standing)) this.#emit(held, standing);
  }

  #emit(held: HeldGroup, standing: GroupStanding): void {
    const isMoved = hasMoved(held.standing, standing);
    const isTurned = hasTurned(held.standing, standing);
    held.standing = standing;
    this.#listener.stands(standing, isMoved);
    // Connections come and go all the time where a foreign row holds the address too: that is no reason to look faster.
    if (!isTurned) return;
    this.#drainDelayMs = drainPoll.firstMs;
    const { group, revision, removing, absent, unmanaged, warming, cordoned, isWriterFallback } = standing;
    const fields = { group, revision, removing, absent, unmanaged, warming, cordoned, isWriterFallback };
    this.#deps.log.info(fields, 'servers that do not just serve changed');
  }

  /** Keeps a proven target on disk, then tells the votes that had to wait for it. */
  #save(held: HeldGroup): void {
    const { target } = held;
    if (held.savedRevision === target.revision || held.saving === target) return;
    held.saving = target;
    if (target.body.leaving.length === 0) {
      this.#deps.keeper.keepSoon(target);
      return;
    }
    void this.#deps.keeper.keep(target).then((isKept) => {
      if (held.target !== target) return;
      held.saving = null;
      if (!isKept) return;
      held.savedRevision = target.revision;
      this.#tellVotes(held);
    });
  }

  /** Tells the votes that had to wait for the disk, from the look that found them. */
  #tellVotes(held: HeldGroup): void {
    const { target, lastPlan } = held;
    if (lastPlan?.target !== target) {
      if (target.body.leaving.length > 0) this.check();
    } else if (lastPlan.absent.length > 0) {
      this.#emit(held, buildStanding(lastPlan, true, this.#deps.entropy.digest));
    }
  }

  #rest(plan: ServersPlan): number | null {
    this.#attempt = 0;
    this.#failure = null;
    const delays: number[] = [];
    if (plan.groups.some((group) => group.isDraining)) {
      delays.push(this.#drainDelayMs);
      this.#drainDelayMs = Math.min(drainPoll.maxMs, this.#drainDelayMs * 2);
    }
    if (plan.groups.some((group) => group.hold !== null)) delays.push(holdDelayMs);
    const nowMs = this.#deps.clock.nowMs();
    for (const { wakeAtMs } of plan.groups) if (wakeAtMs !== null) delays.push(Math.max(1, wakeAtMs - nowMs));
    return delays.length === 0 ? null : Math.min(...delays);
  }

  #tellRepairs(plan: ServersPlan): void {
    for (const group of plan.groups) {
      const held = this.#groups.get(group.target.group);
      if (held !== null) tellRepairs(this.#deps, held, group, this.#proxyBoot());
    }
  }

  #refuse(target: GroupTarget, failure: Failure): void {
    const held = this.#groups.get(target.group);
    if (held?.target !== target) return;
    this.#deps.log.error({ group: target.group, revision: target.revision, failure }, 'snapshot refused');
    this.#emit(held, failStanding(target, held.standing, { ...failure, isPermanent: true }));
    this.#groups.revert(held);
  }

  #fail({ code, message }: Failure, level: 'warn' | 'error' = 'warn'): void {
    if (this.#failure?.code !== code) this.#deps.log[level]({ code, reason: message }, 'applying has to wait');
    this.#failure = { code, message };
    for (const held of this.#groups.all()) {
      if (isProven(held, this.#proxyBoot())) continue;
      if (code === 'FOREIGN_PENDING') held.restedBoot = this.#proxyBoot();
      this.#emit(held, failStanding(held.target, held.standing, { code, message, isPermanent: false }));
    }
  }
}
