import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import type { Failure } from '../core/messages.ts';
import type { GroupPlan } from '../core/plan.ts';
import type { GroupStanding } from '../core/session.ts';
import { withDifferences } from '../core/shadow.ts';
import type { GroupTarget } from '../core/snapshot.ts';
import { buildStanding, failStanding, hasLostVote, hasMoved, hasTurned } from '../core/standing.ts';
import type { Entropy } from '../ports.ts';
import { type Groups, type HeldGroup, isProven } from './groups.ts';
import type { Keeper } from './keeper.ts';
import type { SideOutcome } from './module-proof.ts';

/** A proxy is not ready while its first readers warm up, but an unreachable replica must not keep it out for ever. */
const warmingPatienceMs = 20_000;
const lineDelayMs = 100;

export type StandingsDeps = {
  readonly keeper: Pick<Keeper, 'keep' | 'keepSoon'>;
  readonly entropy: Entropy;
  readonly clock: Clock;
  readonly log: Logger;
};

export type StandingsHooks = {
  readonly proxyBoot: () => string;
  /** A group's standing, told anew. `isMoved`: what drains, warms up, is gone, cordoned or unmanaged differs. */
  readonly stands: (standing: GroupStanding, isMoved: boolean) => void;
  /** An address came, went, or waits for something else. */
  readonly turned: () => void;
  /** A vote waits for a look. */
  readonly look: () => void;
};

/** Turns what looks find into what is proven, told and kept of each group. */
export class Standings {
  readonly #groups: Groups;
  readonly #deps: StandingsDeps;
  readonly #hooks: StandingsHooks;

  constructor(groups: Groups, deps: StandingsDeps, hooks: StandingsHooks) {
    this.#groups = groups;
    this.#deps = deps;
    this.#hooks = hooks;
  }

  /** Takes a look at one group. `side` is how its users and rules stand; `null`: not known yet. */
  take(plan: GroupPlan, side: SideOutcome | null): void {
    const held = this.#groups.get(plan.target.group);
    if (held?.target !== plan.target) return;
    const whole = joinSide(plan, side);
    held.lastPlan = whole;
    const isNews = whole.isSettled && this.#prove(held);
    const isRest = whole.isSettled || whole.hold !== null;
    if (isRest && !this.#isWarmingUp(whole)) held.restedBoot = this.#hooks.proxyBoot();
    this.#tell(held, whole, isRest);
    if (isNews) this.#logProven(plan.target);
    // Not because it is proven, but so that no restart brings back what was applied before.
    if (whole.isSettled || plan.target.isShadow === true) this.#save(held);
  }

  /** Well after the answer: the coordinator waits for that of every agent of a machine, and nobody for the line. */
  #logProven({ group, revision, body }: GroupTarget): void {
    const log = (): void => {
      this.#deps.log.info({ group, revision }, 'snapshot proven');
    };
    // Where something leaves, its vote waits for the disk anyway.
    if (body.leaving.length > 0) log();
    else this.#deps.clock.setTimer(lineDelayMs, log);
  }

  /** Notes that the target stands as wanted; whether that is news. */
  #prove(held: HeldGroup): boolean {
    const proxyBoot = this.#hooks.proxyBoot();
    const { target } = held;
    const isNews = !isProven(held, proxyBoot);
    held.proven = { target, proxyBoot };
    return isNews;
  }

  /** Takes a new target that demands what was proven already. */
  renew(held: HeldGroup, target: GroupTarget, standing: GroupStanding): void {
    held.target = target;
    held.proven = { target, proxyBoot: this.#hooks.proxyBoot() };
    this.#save(held);
    this.#emit(held, { ...standing, revision: target.revision });
  }

  /** Gives a target up for good. */
  refuse(target: GroupTarget, failure: Failure): void {
    const held = this.#groups.get(target.group);
    if (held?.target !== target) return;
    this.#deps.log.error({ group: target.group, revision: target.revision, failure }, 'snapshot refused');
    this.#emit(held, failStanding(target, held.standing, { ...failure, isPermanent: true }));
    this.#groups.revert(held);
  }

  /** Says of every group that is not proven why it is not. */
  failAll({ code, message }: Failure): void {
    const proxyBoot = this.#hooks.proxyBoot();
    for (const held of this.#groups.all()) {
      if (isProven(held, proxyBoot)) continue;
      if (code === 'FOREIGN_PENDING') held.restedBoot = proxyBoot;
      this.#emit(held, failStanding(held.target, held.standing, { code, message, isPermanent: false }));
    }
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
    this.#hooks.stands(standing, isMoved);
    // Connections come and go all the time where a foreign row holds the address too: that is no reason to look faster.
    if (!isTurned) return;
    this.#hooks.turned();
    const { group, revision, removing, absent, unmanaged, warming, cordoned, isWriterFallback } = standing;
    const fields = { group, revision, removing, absent, unmanaged, warming, cordoned, isWriterFallback };
    this.#deps.log.info(fields, 'servers that do not just serve changed');
  }

  /** Keeps a proven target on disk, then tells the votes that had to wait for it. */
  #save(held: HeldGroup): void {
    const { target, currentAt } = held;
    if (held.saving === target) return;
    if (held.savedRevision === target.revision && held.isSavedShadow === (target.isShadow === true)) return;
    held.saving = target;
    const proven = { target, proxyBoot: this.#hooks.proxyBoot(), confirmedAtMs: currentAt.wallMs };
    if (target.body.leaving.length === 0) {
      this.#deps.keeper.keepSoon(proven);
      return;
    }
    void this.#deps.keeper.keep(proven).then((isKept) => {
      if (held.target !== target) return;
      held.saving = null;
      if (!isKept) return;
      held.savedRevision = target.revision;
      held.isSavedShadow = target.isShadow === true;
      this.#tellVotes(held);
    });
  }

  /** Tells the votes that had to wait for the disk, from the look that found them. */
  #tellVotes(held: HeldGroup): void {
    const { target, lastPlan } = held;
    if (lastPlan?.target !== target) {
      if (target.body.leaving.length > 0) this.#hooks.look();
    } else if (lastPlan.absent.length > 0) {
      this.#emit(held, buildStanding(lastPlan, true, this.#deps.entropy.digest));
    }
  }
}

function joinSide(plan: GroupPlan, side: SideOutcome | null): GroupPlan {
  if (plan.target.isShadow === true) return withDifferences(plan, side?.differences ?? []);
  const isSettled = plan.isSettled && side?.isSettled === true;
  return { ...plan, isSettled, hold: plan.hold ?? side?.failure ?? null };
}
