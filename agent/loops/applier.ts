import { backoffDelayMs } from '../../process/backoff.ts';
import type { Component } from '../../process/lifecycle.ts';
import type { Failure, KnownGroup, ReceivedGroup } from '../core/messages.ts';
import type { Refusal } from '../core/ownership.ts';
import { isUntouchable } from '../core/plan.ts';
import type { GroupStanding } from '../core/session.ts';
import { withShadow } from '../core/shadow.ts';
import { type GroupTarget, isSameDemand } from '../core/snapshot.ts';
import { hasStepWork, renderStep, type Step } from '../core/step.ts';
import type { FleetTarget } from '../core/variables.ts';
import { AgentError } from '../errors.ts';
import { type ApplierDeps, type ApplierListener, type ApplierOptions, noListener } from './applier-deps.ts';
import { AgeLimit } from './age-limit.ts';
import { CertificateSweeper } from './certificate-sweeper.ts';
import { DiskSaver } from './disk-saver.ts';
import { Executor } from './executor.ts';
import { FleetHolder } from './fleet-holder.ts';
import { Groups, isProven, receivedOf } from './groups.ts';
import type { KeptGroup } from '../core/last-known-good.ts';
import { LoadTurn, type Wait } from './load-turn.ts';
import { Looker } from './looker.ts';
import { PinnedSessions } from './pinned-sessions.ts';
import type { Proxy } from './proxy-watch.ts';
import { Side } from './side.ts';
import { Standings } from './standings.ts';
import { Waiters } from './waiters.ts';

/** A change needs three steps at most (write, drain, delete); more means that something works against us. */
const stepsMax = 8;
/** A drain or the proxy's monitor is asked after quickly only at first: reading connections has side effects in ProxySQL. */
const poll = { firstMs: 50, maxMs: 1000 };
const holdDelayMs = 1000;
const sideModules = ['MYSQL USERS', 'MYSQL QUERY RULES', 'MYSQL VARIABLES'] as const;
const retry = { baseMs: 200, maxMs: 10_000 };

/**
 * Makes the proxy be as the groups' targets say, and proves it: look (memory, runtime, and connections or disk where
 * they decide something), plan one step for all groups, do it, look again. The look after a step is the proof of that
 * step and the ground of the next. One run at a time; what arrives meanwhile is part of the next step.
 */
export class Applier implements Component {
  readonly name = 'applier';
  readonly #deps: ApplierDeps;
  readonly #groups: Groups;
  readonly #fleet: FleetHolder;
  readonly #standings: Standings;
  readonly #side: Side;
  readonly #reached = new Waiters();
  #listener: ApplierListener = noListener;
  #running: Promise<void> | null = null;
  #isDirty = false;
  #isStopped = false;
  #cancelTimer: (() => void) | null = null;
  #pollDelayMs = poll.firstMs;
  #attempt = 0;
  #failure: Failure | null = null;
  readonly #looker: Looker;
  readonly #pinned: PinnedSessions;
  readonly #turn: LoadTurn;
  readonly #executor: Executor;
  readonly #sweeper: CertificateSweeper;
  readonly #saver: DiskSaver;

  readonly #isShadow: boolean;
  readonly #ageLimit: AgeLimit;

  constructor(deps: ApplierDeps, options: ApplierOptions) {
    this.#deps = deps;
    this.#groups = new Groups(deps.clock);
    this.#ageLimit = new AgeLimit(this.#groups, deps, options.lastKnownGoodMaxAgeMs);
    this.#isShadow = options.isShadow === true;
    this.#fleet = new FleetHolder(deps);
    this.#side = new Side(deps);
    this.#standings = new Standings(this.#groups, deps, {
      proxyBoot: () => this.#proxyBoot(),
      stands: (standing, isMoved) => {
        this.#listener.stands(standing, isMoved);
      },
      turned: () => {
        this.#pollDelayMs = poll.firstMs;
      },
      look: () => {
        this.check();
      },
    });
    const { digest } = deps.entropy;
    this.#looker = new Looker({ ...deps, tls: { folder: deps.files.folder ?? '', digest } });
    this.#pinned = new PinnedSessions(deps);
    this.#turn = new LoadTurn(deps, options);
    this.#sweeper = new CertificateSweeper(deps);
    this.#saver = new DiskSaver(deps, options.saveToDisk);
    this.#executor = new Executor({
      ...deps,
      refuse: (target, failure) => {
        this.#standings.refuse(target, failure);
      },
      noteLoad: (outcome) => {
        this.#turn.noteLoad();
        this.#saver.noteChange('MYSQL SERVERS');
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
  adopt(kept: readonly KeptGroup[], fleet: FleetTarget | null): void {
    this.#groups.adopt(kept.map((one) => ({ ...one, target: withShadow(one.target, one.target, this.#isShadow) })));
    if (fleet !== null) this.#fleet.put(fleet);
  }

  /** Takes a group's new target. One whose equal was proven at this boot of the proxy is answered without a statement. */
  submit(submitted: GroupTarget): void {
    const before = this.#groups.get(submitted.group);
    const target = withShadow(submitted, before?.target ?? null, this.#isShadow);
    if (before?.standing != null && isProven(before, this.#proxyBoot()) && isSameDemand(before.target, target)) {
      this.#groups.confirm([target.group]);
      this.#standings.renew(before, target, before.standing);
      return;
    }
    this.#groups.put(target);
    this.#pollDelayMs = poll.firstMs;
    this.check();
  }

  /** A coordinator calls these groups current. What of a last known good waited for that goes on. */
  confirm(groups: readonly string[]): void {
    if (this.#groups.confirm(groups)) this.check();
  }

  /** Takes new fleet settings. */
  submitFleet(target: FleetTarget): void {
    this.#fleet.put(target);
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

  /** What this agent has of a group, or of `fleet:NAME`. */
  target(group: string): GroupTarget | FleetTarget | null {
    const fleet = this.#fleet.target;
    return fleet?.group === group ? fleet : (this.#groups.get(group)?.target ?? null);
  }

  received(): readonly ReceivedGroup[] {
    return receivedOf([this.#fleet.target, ...this.#groups.targets()]);
  }

  known(): readonly KnownGroup[] {
    const proxyBoot = this.#proxyBoot();
    return [...this.#fleet.known(proxyBoot), ...this.#groups.known(proxyBoot)];
  }

  /** How each group stands. */
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
    if (proxy === null || !this.#fleet.isCaughtUp(proxy.proxyBoot)) return false;
    return this.#groups.all().every((held) => held.restedBoot === proxy.proxyBoot);
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
    for (let count = 0; count < stepsMax; count += 1) {
      try {
        const step = await this.#look();
        if (step === null) return retry.maxMs;
        const wait = this.#turn.findWait(step);
        if (wait !== null || !hasStepWork(step)) return await this.#pause(step, wait);
        this.#publish(step);
        const doing = renderStep(step);
        if (doing === doneBefore) break;
        doneBefore = doing;
        this.#groups.tellRepairs(this.#deps, step.groups, this.#proxyBoot());
        await this.#executor.execute(step);
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

  /** The servers stand, or have to wait: users, rules and variables follow. Returns when to look again. */
  async #pause(step: Step, wait: Wait | null): Promise<number | null> {
    await this.#convergeSide(step);
    this.#publish(step);
    // No group's answer waits for what the fleet's proxies have in common.
    await this.#convergeFleet();
    if (wait === null) {
      if (!this.#isShadow) await this.#sweeper.sweep(step.tlsRows, step.files);
      if (step.foreignPending.length === 0) await this.#saver.saveDue();
      return this.#rest(step);
    }
    if (wait.failure !== null) this.#fail(wait.failure);
    return wait.delayMs;
  }

  /** Looks, and plans the next step; `null` when the proxy is not ours. */
  async #look(): Promise<Step | null> {
    const { watch } = this.#deps;
    this.#isDirty = false;
    const { refusal } = watch;
    const look = await watch.look(() => {
      this.#forgetLooks();
      this.#listener.rebuilt();
    });
    if ('refusal' in look) {
      // By the time that it is ours again it may be another one, or have what somebody else gave it.
      this.#forgetLooks();
      this.#fail(look.refusal, 'error');
      if (refusal?.code !== look.refusal.code) this.#listener.handedOver(look.refusal.message);
      return null;
    }
    if (refusal !== null) this.#listener.handedOver("the proxy is this agent's again");
    if (this.#ageLimit.meet(this.#proxyBoot(), this.#listener.isFollowed)) this.#listener.leftOut();
    for (const { target, failure } of await this.#side.vet(this.#proxyBoot(), this.#groups.targets())) {
      this.#standings.refuse(target, failure);
    }
    const targets = this.#groups.targets();
    const applied = targets.filter(({ isShadow }) => isShadow !== true);
    await this.#side.withdraw(this.#proxyBoot(), applied);
    const seen = { known: this.#groups.met(), unconfirmed: this.#groups.unconfirmed(this.#proxyBoot()) };
    return this.#pinned.attend(await this.#looker.plan(targets, look.state, seen));
  }

  #forgetLooks(): void {
    this.#groups.forgetLooks();
    this.#fleet.forgetLooks();
    this.#looker.forget();
  }

  async #convergeSide({ groups }: Step): Promise<void> {
    const targets = groups.filter(({ hold }) => !isUntouchable(hold)).map(({ target }) => target);
    const shadows = groups.filter(({ target }) => target.isShadow === true).map(({ target }) => target);
    if (await this.#side.converge(this.#proxyBoot(), targets)) this.#noteSideChange();
    await this.#side.preview(this.#proxyBoot(), shadows, null);
  }

  async #convergeFleet(): Promise<void> {
    const { standing, hasChanged } = await this.#fleet.converge(this.#side, this.#proxyBoot(), this.#isShadow);
    if (hasChanged) this.#noteSideChange();
    if (standing !== null) this.#listener.stands(standing, false);
  }

  #noteSideChange(): void {
    for (const module of sideModules) this.#saver.noteChange(module);
  }

  /** Notes and tells how each group stands; what was refused for good in users or rules gives its snapshot up. */
  #publish({ groups }: Step): void {
    for (const group of groups) {
      const side = this.#side.outcome(group.target);
      if (side?.failure?.isPermanent === true) this.#standings.refuse(group.target, side.failure);
      else this.#standings.take(group, side);
    }
    const removing = groups.flatMap((group) => group.removing).length;
    const settled = groups.filter(({ target, isSettled }) => isSettled && this.#side.outcome(target)?.isSettled).length;
    this.#deps.metrics.groupsHeld({ groups: groups.length, settled, removing });
  }

  #rest(plan: Step): number | null {
    this.#attempt = 0;
    this.#failure = null;
    const delays: number[] = [];
    if (plan.groups.some(({ isDraining, warming }) => isDraining || warming.length > 0)) {
      delays.push(this.#pollDelayMs);
      this.#pollDelayMs = Math.min(poll.maxMs, this.#pollDelayMs * 2);
    }
    const isHeld = plan.groups.some(({ hold, target }) => hold !== null && target.isShadow !== true);
    if (isHeld || this.#side.isWaiting) delays.push(holdDelayMs);
    const nowMs = this.#deps.clock.nowMs();
    for (const { wakeAtMs } of plan.groups) if (wakeAtMs !== null) delays.push(Math.max(1, wakeAtMs - nowMs));
    // Somebody's pending edit may stay for long: the next check looks again.
    const saveMs = plan.foreignPending.length === 0 ? this.#saver.delayMs : null;
    if (saveMs !== null) delays.push(saveMs);
    return delays.length === 0 ? null : Math.min(...delays);
  }

  #fail({ code, message }: Failure, level: 'warn' | 'error' = 'warn'): void {
    if (this.#failure?.code !== code) this.#deps.log[level]({ code, reason: message }, 'applying has to wait');
    this.#failure = { code, message };
    this.#standings.failAll({ code, message });
    const fleet = this.#fleet.fail({ code, message }, this.#proxyBoot());
    if (fleet !== null) this.#listener.stands(fleet, false);
  }
}
