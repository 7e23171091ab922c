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
      // A change reaches the proxies first; what follows from it can wait for the votes that come with it.
      mergeMs: 10,
      // Groups wait for the listing that their project shares; that of a slow one keeps no other group waiting.
      concurrencyMax: groupsAtOnceMax,
      backoff: { baseMs: options.pollIntervalMs, maxMs: 60_000 },
    });
  }

  async start(): Promise<void> {
    const { store, term } = this.#deps;
    this.#unwatch.push(
      term.whenBegun(() => this.#wakeAll()),
      store.watch('', (changed) => {
        for (const group of new Set(changed.map(groupOfKey))) if (group !== null) this.#queue.wake(group);
      }),
    );
    await this.#wakeAll();
  }

  async stop(): Promise<void> {
    for (const unwatch of this.#unwatch.splice(0)) unwatch();
    await this.#queue.stop();
  }

  async #wakeAll(): Promise<void> {
    for (const { value } of await this.#deps.store.list(prefixes.groups)) this.#queue.wake(value.name);
  }

  /** Asks for a look at a group soon: something that no commit tells has changed. */
  wake(group: string): void {
    this.#queue.wake(group);
  }

  /** Looks at one group and acts. Returns when to look again; null for a group that does not exist. */
  async step(group: string): Promise<number | null> {
    if (!this.#deps.term.isHeld) return null;
    const spec = await this.#deps.store.get(keys.group(group));
    if (spec === null) return null;
    const facts = await this.#readFacts(spec.value);
    if (facts === null) return null;
    const frozen = await this.#freezer.look(group, facts.replicas);
    if (frozen === 'begun') return 0;
    const decision = await this.#decider.decide(facts);
    if (decision === null) return 0;
    this.#deps.metrics.setGroup(group, countReplicas(decision.scaling, facts.replicas));
    return this.#deps.runner.look(spec.value, async () => {
      await this.#tellLag(group);
      const plan = await this.#planner.plan(facts, decision.scaling);
      this.#decider.notePicture(group, plan?.isWhole === true);
      if (plan === null) return this.#options.pollIntervalMs;
      await this.#deps.runner.run(spec.value, facts.replicas, allowedActions(plan, frozen));
      if (plan.isCompared && frozen !== null) await this.#freezer.advance(frozen);
      return this.#nextLookMs(facts, plan, decision.untilMs);
    });
  }

  async #tellLag(group: string): Promise<void> {
    for (const { replica, reason, message } of this.#deps.lagNotes?.(group) ?? []) {
      await this.#deps.runner.noteWait(group, replica, reason, message);
    }
  }

  /** Null for a group that was deleted since: its scaling record goes with it, and must not come back. */
  async #readFacts(spec: GroupSpec): Promise<GroupFacts | null> {
    const { store } = this.#deps;
    const [scaling, replicas] = await Promise.all([
      store.get(keys.scaling(spec.name)),
      store.list(prefixes.replicas(spec.name)),
    ]);
    return scaling === null ? null : { spec, scaling, replicas };
  }

  #nextLookMs({ spec, replicas }: GroupFacts, plan: Plan, decidedUntilMs: number | null): number {
    const isBusy = plan.actions.length > 0 || replicas.some(({ value }) => value.state !== 'serving');
    const regularMs = isBusy ? this.#options.pollIntervalMs : this.#restMs(spec);
    const moments = [decidedUntilMs, plan.untilMs].filter((moment) => moment !== null);
    const untilMs = Math.min(...moments.map((moment) => moment - this.#deps.clock.nowMs()));
    return Math.max(1, Math.min(regularMs, untilMs));
  }

  /** Groups at rest look again together with all that had the same listing: so that they share the next one too. */
  #restMs({ project }: GroupSpec): number {
    const { idleIntervalMs, pollIntervalMs } = this.#options;
    return Math.max(pollIntervalMs, idleIntervalMs - (this.#deps.cloud.ageMs(project) ?? 0));
  }
}

function allowedActions({ actions }: Plan, frozen: Frozen | null): readonly Action[] {
  return frozen === null ? actions : planFrozen(actions, frozen.stored.value, frozen.voters);
}
