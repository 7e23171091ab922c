import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import type { KnownGroup, ReceivedGroup } from '../core/messages.ts';
import { describeChange, type GroupPlan } from '../core/plan.ts';
import { keyOf } from '../core/rows.ts';
import type { GroupStanding } from '../core/session.ts';
import { agedTarget, type KeptGroup, type Moment, momentOf } from '../core/last-known-good.ts';
import type { GroupTarget } from '../core/snapshot.ts';
import type { AgentMetrics } from '../ports.ts';

/** One group that this agent answers for. */
export type HeldGroup = {
  target: GroupTarget;
  /** What was last proven and at which boot of the proxy; also what a refused target falls back to. */
  proven: { readonly target: GroupTarget; readonly proxyBoot: string } | null;
  /** Revision of the last known good on disk. */
  savedRevision: number | null;
  /** What is on disk was looked at in shadow, not proven. */
  isSavedShadow: boolean;
  /** What is being written there now. */
  saving: GroupTarget | null;
  /** What the last look found, and what was told of it. */
  lastPlan: GroupPlan | null;
  standing: GroupStanding | null;
  /** The proxy's boot at which the group was looked at to an end: settled, or held for a reason. */
  restedBoot: string | null;
  /** The boot at which the last known good was proven, while no coordinator has called it current; `null` after that. */
  unconfirmedBoot: string | null;
  /** When a coordinator last gave the target, or called it current. */
  currentAt: Moment;
};

/** The groups of one proxy, in the order in which they came. */
export class Groups {
  readonly #held = new Map<string, HeldGroup>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get(group: string): HeldGroup | null {
    return this.#held.get(group) ?? null;
  }

  all(): readonly HeldGroup[] {
    return [...this.#held.values()];
  }

  targets(): readonly GroupTarget[] {
    return this.all().map((held) => held.target);
  }

  /** Groups that were proven on this proxy once, or stand in its last known good. */
  met(): ReadonlySet<string> {
    // What was only looked at was never proven, wherever it is kept.
    const met = this.all().filter(({ proven, savedRevision, isSavedShadow }) => {
      return proven !== null || (savedRevision !== null && !isSavedShadow);
    });
    return new Set(met.map(({ target }) => target.group));
  }

  hostgroups(): ReadonlySet<number> {
    return new Set(this.targets().flatMap(({ body }) => [body.writerHostgroup, body.readerHostgroup]));
  }

  /** Groups whose target is a last known good of this boot: what somebody newer has done since is not in it. */
  unconfirmed(proxyBoot: string): ReadonlySet<string> {
    const held = this.all().filter(({ unconfirmedBoot }) => unconfirmedBoot === proxyBoot);
    return new Set(held.map(({ target }) => target.group));
  }

  /** Drops what was found on a proxy that is not the same any more, its votes first of all. */
  forgetLooks(): void {
    for (const held of this.#held.values()) held.standing = held.lastPlan = null;
  }

  /** Takes a new target; what was proven before stays known until the new one is. */
  put(target: GroupTarget): HeldGroup {
    const currentAt = momentNow(this.#clock);
    const held = this.#held.get(target.group);
    if (held !== undefined) {
      held.target = target;
      held.unconfirmedBoot = null;
      held.currentAt = currentAt;
      return held;
    }
    const nothing = {
      savedRevision: null,
      isSavedShadow: false,
      saving: null,
      lastPlan: null,
      standing: null,
      restedBoot: null,
      unconfirmedBoot: null,
    };
    const fresh: HeldGroup = { target, proven: null, ...nothing, currentAt };
    this.#held.set(target.group, fresh);
    return fresh;
  }

  /** Takes what the last known good holds. */
  adopt(kept: readonly KeptGroup[]): void {
    for (const { target, proxyBoot, confirmedAtMs } of kept) {
      const held = this.put(target);
      held.currentAt = momentOf(confirmedAtMs, held.currentAt);
      held.savedRevision = target.revision;
      held.isSavedShadow = target.isShadow === true;
      held.unconfirmedBoot = proxyBoot ?? null;
    }
  }

  /** A coordinator calls these groups current. Whether one of them waited for that. */
  confirm(groups: readonly string[]): boolean {
    const held = groups.flatMap((group) => this.#held.get(group) ?? []);
    for (const one of held) one.currentAt = momentNow(this.#clock);
    const waited = held.filter(({ unconfirmedBoot }) => unconfirmedBoot !== null);
    for (const one of waited) one.unconfirmedBoot = null;
    return waited.length > 0;
  }

  /** Leaves out the owned servers of groups that are too old, until a coordinator sends them anew. Returns those groups. */
  leaveAgedOut(isTooOld: (held: HeldGroup) => boolean): readonly HeldGroup[] {
    const aged = this.all().filter((held) => hasOwned(held.target) && isTooOld(held));
    for (const held of aged) {
      const { target, proven } = held;
      held.target = agedTarget(target);
      // A refused target falls back to this. And what is on disk stays whole: it bears its own age.
      held.proven = proven === null ? null : { ...proven, target: agedTarget(proven.target) };
      held.saving = held.target;
    }
    return aged;
  }

  /** Tells what proven groups need again: somebody else changed it. */
  tellRepairs(deps: RepairTellers, plans: readonly GroupPlan[], proxyBoot: string): void {
    for (const plan of plans) {
      const held = this.get(plan.target.group);
      if (held !== null) tellRepairs(deps, held, plan, proxyBoot);
    }
  }

  /** Gives up a refused target: back to what was proven before, or to not knowing the group. */
  revert(held: HeldGroup): void {
    if (held.proven === null) this.#held.delete(held.target.group);
    else held.target = held.proven.target;
  }

  /** Groups whose present target was proven at this boot of the proxy. */
  known(proxyBoot: string): readonly KnownGroup[] {
    return this.all()
      .filter((held) => isProven(held, proxyBoot))
      .map(({ target }) => ({ group: target.group, revision: target.revision, hash: target.hash }));
  }
}

/** What both clocks show. */
export function momentNow(clock: Clock): Moment {
  return { wallMs: clock.nowMs(), monotonicMs: clock.monotonicMs() };
}

function hasOwned({ body }: GroupTarget): boolean {
  return body.kind === 'snapshot' && body.servers.some(({ owned }) => owned);
}

/** Whether the group's present target was proven at this boot of the proxy. */
export function isProven(held: HeldGroup, proxyBoot: string): boolean {
  return held.proven !== null && held.proven.target === held.target && held.proven.proxyBoot === proxyBoot;
}

type RepairTellers = { readonly log: Logger; readonly metrics: Pick<AgentMetrics, 'driftRepaired'> };

function tellRepairs(deps: RepairTellers, held: HeldGroup, plan: GroupPlan, proxyBoot: string): void {
  if (held.target !== plan.target || !isProven(held, proxyBoot)) return;
  const { group } = plan.target;
  for (const change of plan.changes.filter(({ cause }) => cause === 'desired')) {
    deps.metrics.driftRepaired(group);
    deps.log.warn({ group, row: keyOf(change.key), found: describeChange(change) }, 'repairing a row that drifted');
  }
}

/** The newest revision that was given of each group, proven or not. */
export function receivedOf(targets: readonly (ReceivedGroup | null)[]): readonly ReceivedGroup[] {
  return targets.flatMap((target) => (target === null ? [] : [{ group: target.group, revision: target.revision }]));
}
