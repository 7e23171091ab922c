import type { Action } from '../core/action.ts';
import { planFrozen } from '../core/freeze.ts';
import type { GroupSpec } from '../core/group-spec.ts';
import type { LagNote } from '../core/lag.ts';
import { groupOfKey, keys, prefixes } from '../core/records.ts';
import type { Cells } from '../ports.ts';
import type { ActionRunner } from './action-runner.ts';
import type { CloudView } from './cloud-view.ts';
import { Decider, type DeciderDeps, type GroupFacts } from './decider.ts';
import { Freezer, type Frozen } from './freezer.ts';
import { GroupQueue } from './group-queue.ts';
import { countReplicas, type Plan, Planner } from './planner.ts';
import { PrimaryKeeper } from './primary-keeper.ts';
import { type Rest, RestBook, stillRests } from './rest-book.ts';

export type ScalerDeps = DeciderDeps & {
  readonly cloud: CloudView;
  readonly runner: ActionRunner;
  /** The cells that have to agree before anything is deleted. */
  readonly cells?: Pick<Cells, 'views'>;
  /** What is to be said of the lag of a group's replicas. */
  readonly lagNotes?: (group: string) => readonly LagNote[];
  /** Chooses the name of a group's next replica; random. */
  readonly nextName: (spec: GroupSpec) => string;
};

export type ScalerOptions = {
  /** The value of the label `chester-install`. */
  readonly install: string;
  /** How often a group is looked at while something is on its way. */
  readonly pollIntervalMs: number;
  /** How often a group at rest is compared with Cloud SQL. */
  readonly idleIntervalMs: number;
  /** Passed samples of a new or leaving replica are at least this far apart. */
  readonly sampleIntervalMs: number;
  /**
   * How long a group that was woken waits for what comes along: a change reaches the proxies first, and what follows from
   * it can wait for the votes that come with it.
   */
  readonly mergeMs: number;
};

/** A limit against a runaway, above what one coordinator is made for. */
const groupsAtOnceMax = 2000;

/** The loop of every group: decide the desired count, compare with what exists, take the next steps. */
export class Scaler {
  readonly name = 'scaler';
  readonly #deps: ScalerDeps;
  readonly #options: ScalerOptions;
  readonly #queue: GroupQueue;
  readonly #decider: Decider;
  readonly #planner: Planner;
  readonly #freezer: Freezer;
  /** Null while the store does not tell of its changes, or cannot say whether it told of all. */
  #rests: RestBook | null = null;
  /** Groups at rest whose project could not be listed; it is told when they are worked on, right after. */
  readonly #failed = new Map<string, { readonly spec: GroupSpec; readonly error: Error }>();
  readonly #unwatch: (() => void)[] = [];

  constructor(deps: ScalerDeps, options: ScalerOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#decider = new Decider(deps);
    this.#freezer = new Freezer(deps);
    this.#planner = new Planner({ ...deps, primaries: new PrimaryKeeper(deps) }, options);
    this.#queue = new GroupQueue({
      name: this.name,
      clock: deps.clock,
      log: deps.log,
      work: (group) => this.step(group),
      together: {
        shareOf: (group) => this.#rests?.of(group)?.unlisted.view.spec.project ?? null,
        look: (project, groups) => this.#stayAtRest(project, groups),
      },
      mergeMs: options.mergeMs,
      // Groups wait for the listing that their project shares; that of a slow one keeps no other group waiting.
      concurrencyMax: groupsAtOnceMax,
      backoff: { baseMs: options.pollIntervalMs, maxMs: 60_000 },
    });
  }

  async start(): Promise<void> {
    const { store, term } = this.#deps;
    this.#rests = store.tellsAtOnce === true || store.isTold !== undefined ? new RestBook() : null;
    this.#unwatch.push(
      term.whenBegun(() => this.#wakeAll()),
      store.watch('', (changed) => {
        for (const group of new Set(changed.map(groupOfKey))) {
          if (group !== null) this.wake(group);
        }
      }),
    );
    await this.#wakeAll();
  }

  async stop(): Promise<void> {
    this.#rests = null;
    for (const unwatch of this.#unwatch.splice(0)) unwatch();
    await this.#queue.stop();
  }

  async #wakeAll(): Promise<void> {
    for (const { value } of await this.#deps.store.list(prefixes.groups)) this.wake(value.name);
  }

  /** Asks for a look at a group soon: something that no commit tells has changed. */
  wake(group: string): void {
    this.#rests?.noteChange(group);
    this.#queue.wake(group);
  }

  /** Looks at one group and acts. Returns when to look again; null for a group that does not exist. */
  async step(group: string): Promise<number | null> {
    const failed = this.#failed.get(group);
    this.#failed.delete(group);
    if (!this.#deps.term.isHeld) return null;
    if (failed !== undefined) return this.#deps.runner.look(failed.spec, () => Promise.reject(failed.error));
    const rests = this.#rests;
    let rest: Rest | null = null;
    rests?.beginLook(group);
    try {
      return await this.#look(group, (found) => {
        rest = found;
      });
    } finally {
      rests?.endLook(group, rest);
    }
  }

  /**
   * Compares groups at rest with what Cloud SQL lists now of their project, and plans them anew where it lists something
   * else: all in one go, from what the store told, without asking it. Returns when to look again at those that
   * still rest, and leaves out whoever has to be looked at.
   */
  async #stayAtRest(project: string, groups: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const { cloud, term, clock, metrics, lagOf } = this.#deps;
    const rests = groups.map((group) => this.#rests?.of(group) ?? null);
    const answer = await outcomeOf(cloud.listing(project));
    const delays = new Map<string, number>();
    if (!(await this.#isTold())) return delays;
    // From here on nothing is waited for, so that all of this is of one moment.
    const { fencingToken, isHeld } = term;
    if (!isHeld) return delays;
    const [nowMs, restMs] = [clock.nowMs(), this.#restMs(project)];
    let steady = 0;
    for (const [index, group] of groups.entries()) {
      const before = rests[index] ?? null;
      if (before === null || !this.#isUntouched(group, before)) continue;
      const listing = 'error' in answer ? { instances: before.instances, isComplete: true, warnings: [] } : answer;
      if (!stillRests(before, { listing, fencingToken, lag: lagOf?.(group), nowMs })) continue;
      steady += 1;
      if ('error' in answer) this.#failRest(group, before, answer.error);
      else {
        this.#rests?.noteListing(group, before, listing.instances);
        delays.set(group, soonestOf(restMs, [before.untilMs], nowMs));
      }
    }
    metrics.countDecision('STEADY', steady);
    return delays;
  }

  /** Whether nothing was told of a group since, by the store or of its lag. */
  #isUntouched(group: string, rest: Rest): boolean {
    return this.#rests?.of(group) === rest && this.#lagNotes(group).length === 0;
  }

  /** Whether the book knows of all that the store has. */
  async #isTold(): Promise<boolean> {
    const { store } = this.#deps;
    if (store.tellsAtOnce === true) return true;
    return (await outcomeOf(store.isTold?.() ?? Promise.resolve(false))) === true;
  }

  /** What holds the group up is told from here on, and has to be taken back by a look. */
  #failRest(group: string, { unlisted }: Rest, error: Error): void {
    this.#rests?.noteChange(group);
    this.#failed.set(group, { spec: unlisted.view.spec, error });
  }

  async #look(group: string, onRest: (rest: Rest) => void): Promise<number | null> {
    const { fencingToken, isHeld } = this.#deps.term;
    if (!isHeld) return null;
    const spec = await this.#deps.store.get(keys.group(group));
    if (spec === null) return null;
    const facts = await this.#readFacts(spec.value, fencingToken);
    if (facts === null) return null;
    const frozen = await this.#freezer.look(group, facts);
    if (frozen === 'begun') return 0;
    const decision = await this.#decider.decide(facts);
    if (decision === null) return 0;
    this.#deps.metrics.setGroup(group, countReplicas(decision.scaling, facts.replicas));
    return this.#deps.runner.look(spec.value, async () => {
      const isLagTold = await this.#tellLag(group);
      const plan = await this.#planner.plan(facts, decision.scaling);
      this.#decider.notePicture(group, plan?.isWhole === true);
      if (plan === null) return this.#options.pollIntervalMs;
      await this.#deps.runner.run(facts, allowedActions(plan, frozen));
      if (plan.isCompared && frozen !== null) await this.#freezer.advance(frozen);
      if (frozen === null && !isLagTold && decision.rest !== null && plan.quiet !== null) {
        const { untilMs, rest } = decision;
        onRest({ ...rest, ...plan.quiet, fencingToken, untilMs });
      }
      return this.#nextLookMs(facts, plan, decision.untilMs);
    });
  }

  /** Returns whether there was anything to tell. */
  async #tellLag(group: string): Promise<boolean> {
    const notes = this.#lagNotes(group);
    for (const { replica, reason, message } of notes) await this.#deps.runner.noteWait(group, replica, reason, message);
    return notes.length > 0;
  }

  #lagNotes(group: string): readonly LagNote[] {
    return this.#deps.lagNotes?.(group) ?? [];
  }

  /** Null for a group that was deleted since: its scaling record goes with it, and must not come back. */
  async #readFacts(spec: GroupSpec, fencingToken: number): Promise<GroupFacts | null> {
    const { store } = this.#deps;
    const [scaling, replicas] = await Promise.all([
      store.get(keys.scaling(spec.name)),
      store.list(prefixes.replicas(spec.name)),
    ]);
    return scaling === null ? null : { spec, scaling, replicas, fencingToken };
  }

  #nextLookMs({ spec, replicas }: GroupFacts, plan: Plan, decidedUntilMs: number | null): number {
    const isBusy = plan.actions.length > 0 || replicas.some(({ value }) => value.state !== 'serving');
    const regularMs = isBusy ? this.#options.pollIntervalMs : this.#restMs(spec.project);
    return soonestOf(regularMs, [decidedUntilMs, plan.untilMs], this.#deps.clock.nowMs());
  }

  /** Groups at rest look again together with all that had the same listing: so that they share the next one too. */
  #restMs(project: string): number {
    const { idleIntervalMs, pollIntervalMs } = this.#options;
    return Math.max(pollIntervalMs, idleIntervalMs - (this.#deps.cloud.ageMs(project) ?? 0));
  }
}

function soonestOf(regularMs: number, moments: readonly (number | null)[], nowMs: number): number {
  const known = moments.filter((moment) => moment !== null);
  return Math.max(1, Math.min(regularMs, ...known.map((moment) => moment - nowMs)));
}

async function outcomeOf<T>(work: Promise<T>): Promise<T | { readonly error: Error }> {
  try {
    return await work;
  } catch (error) {
    return { error: error as Error };
  }
}

function allowedActions({ actions }: Plan, frozen: Frozen | null): readonly Action[] {
  return frozen === null ? actions : planFrozen(actions, frozen.stored.value, frozen.voters);
}
