import type { Clock } from '../../process/clock.ts';
import type { Action } from '../core/action.ts';
import type { Scaling } from '../core/autoscaler.ts';
import type { CloudListing } from '../core/cloud.ts';
import { type Cordon, isExpired } from '../core/cordon.ts';
import type { GroupSpec } from '../core/group-spec.ts';
import type { GroupView } from '../core/group-view.ts';
import { planGroup, planPromoted, planWhileChanging } from '../core/reconciler.ts';
import { keys, type NewEvent, prefixes } from '../core/records.ts';
import type { Replica } from '../core/replica.ts';
import { isQuiet, type Unlisted } from '../core/resting.ts';
import type { Cells, ReaderWarmth, Store, Stored } from '../ports.ts';
import type { ActionRunner } from './action-runner.ts';
import type { CloudView } from './cloud-view.ts';
import { commitDecision } from './commits.ts';
import type { GroupFacts } from './decider.ts';
import type { PrimaryKeeper } from './primary-keeper.ts';
import type { TermKeeper } from './term-keeper.ts';
import { readVoters } from './voters.ts';
import { warmingAddresses } from './warming.ts';

export type PlannerDeps = {
  readonly store: Store;
  readonly clock: Clock;
  readonly term: TermKeeper;
  readonly cloud: CloudView;
  readonly primaries: PrimaryKeeper;
  readonly runner: ActionRunner;
  /** The cells that have to agree before anything is deleted; without it the voters alone are asked. */
  readonly cells?: Pick<Cells, 'views'>;
  /** Without it nobody waits for proxies to reach a replacement. */
  readonly warmth?: ReaderWarmth;
  /** Chooses the name of a group's next replica; random. */
  readonly nextName: (spec: GroupSpec) => string;
};

export type PlannerOptions = {
  /** The value of the label `chester-install`. */
  readonly install: string;
  /** Passed samples of a new or leaving replica are at least this far apart. */
  readonly sampleIntervalMs: number;
};

/** What was planned, and when time alone changes something. */
export type Plan = {
  readonly actions: readonly Action[];
  /** Whether Cloud SQL listed everything for it, the verified primary too. */
  readonly isWhole: boolean;
  /** Whether what the records name was compared with a whole list, also while the writer is changed. */
  readonly isCompared: boolean;
  readonly untilMs: number | null;
  /** What it was made of, when nothing is to be done, held or told; null else. */
  readonly quiet: { readonly unlisted: Unlisted; readonly instances: CloudListing['instances'] } | null;
};

/** How often a group is looked at while its writer is changed. */
const changingLookMs = 5000;

/** The planning half of a look at a group: compares the desired count with what Cloud SQL lists. */
export class Planner {
  readonly #deps: PlannerDeps;
  readonly #options: PlannerOptions;

  constructor(deps: PlannerDeps, options: PlannerOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  /** Null while the primary is not verified and nothing is to be done. */
  async plan(facts: GroupFacts, scaling: Scaling): Promise<Plan | null> {
    const { cloud } = this.#deps;
    const { project } = facts.spec;
    const listedBefore = cloud.listedTimes(project);
    const plan = await this.#planOnce(facts, scaling);
    // What takes away is decided on a listing that was begun since this look was.
    const isFresh = cloud.listedTimes(project) > listedBefore;
    if (isFresh || plan?.actions.some(takesAway) !== true) return plan;
    cloud.forget(project);
    return this.#planOnce(facts, scaling);
  }

  async #planOnce({ spec, replicas, fencingToken }: GroupFacts, scaling: Scaling): Promise<Plan | null> {
    const { store, cloud, clock, primaries } = this.#deps;
    const records = replicas.map(({ value }) => value);
    const cordons = await this.#cordons(spec, fencingToken);
    const listing = await cloud.listing(spec.project);
    const isVerified = await primaries.verify(spec, listing, fencingToken);
    const operations = isVerified ? await cloud.operations(spec.project, records, listing) : new Map<string, never>();
    const [removals, snapshot] = await Promise.all([
      store.list(prefixes.removals(spec.name)),
      store.get(keys.snapshot(spec.name)),
    ]);
    const leaving = snapshot?.value.leaving ?? [];
    const view: GroupView = {
      spec,
      install: this.#options.install,
      scaling,
      replicas: records,
      listing,
      operations,
      cordons,
      removals: removals.map(({ value }) => value.server),
      warming: removals.length === 0 ? [] : await warmingAddresses(this.#deps, spec.name, records, clock.nowMs()),
      leaving,
      voters: await readVoters(this.#deps, spec.name, leaving),
      cells: leaving.length === 0 ? [] : ((await this.#deps.cells?.views(spec.name)) ?? []),
      nextName: this.#deps.nextName(spec),
      sampleIntervalMs: this.#options.sampleIntervalMs,
    };
    if (!isVerified) return this.#planUnverified(view);
    const actions = planGroup(view, clock.nowMs());
    const ends = cordons.flatMap(({ untilMs }) => untilMs ?? []);
    const isWhole = listing.isComplete;
    const untilMs = ends.length === 0 ? null : Math.min(...ends);
    return { actions, isWhole, isCompared: isWhole, untilMs, quiet: await this.#quietOf(view, actions) };
  }

  /** Judged by the very rule by which it is judged from now on. */
  async #quietOf({ listing, ...view }: GroupView, actions: readonly Action[]): Promise<Plan['quiet']> {
    if (actions.length > 0) return null;
    const { store, clock } = this.#deps;
    const topology = await store.get(keys.topology(view.spec.name));
    if (topology === null) return null;
    const unlisted = { view, topology: topology.value };
    return isQuiet(unlisted, listing, clock.nowMs()) ? { unlisted, instances: listing.instances } : null;
  }

  async #planUnverified(view: GroupView): Promise<Plan | null> {
    const { store, clock } = this.#deps;
    const nowMs = clock.nowMs();
    const { name } = view.spec;
    const [order, topology] = await Promise.all([store.get(keys.writerOrder(name)), store.get(keys.topology(name))]);
    // Before the old writer is withheld the store may name one that no proxy has any more: nothing is published of that.
    const isChanging = order !== null && topology?.value.isWithheld === true;
    if (!isChanging) return promotedOnly(planPromoted(view, nowMs));
    const actions = planWhileChanging(view, nowMs);
    const untilMs = nowMs + changingLookMs;
    return { actions, isWhole: false, isCompared: view.listing.isComplete, untilMs, quiet: null };
  }

  /** The orders that still count; those whose time is over are ended here. */
  async #cordons({ name }: GroupSpec, fencingToken: number): Promise<readonly Cordon[]> {
    const { store, clock, runner } = this.#deps;
    const stored = await store.list(prefixes.cordons(name));
    const nowMs = clock.nowMs();
    for (const cordon of stored) if (isExpired(cordon.value, nowMs)) await this.#end(cordon, fencingToken);
    const current = stored.map(({ value }) => value).filter((cordon) => !isExpired(cordon, nowMs));
    for (const { server, owner, reason, untilMs } of current) {
      const until = untilMs === null ? 'until it is taken back' : `until ${new Date(untilMs).toISOString()}`;
      await runner.noteWait(name, server, 'CORDONED', `by ${owner} ${until}: ${reason}`);
    }
    return current;
  }

  async #end({ key, value, revision }: Stored<Cordon>, fencingToken: number): Promise<void> {
    const { group, server, owner, reason } = value;
    const event: NewEvent = {
      atMs: this.#deps.clock.nowMs(),
      group,
      kind: 'CORDON',
      subject: server,
      reason: 'EXPIRED',
      message: `ordered by ${owner}: ${reason}`,
    };
    const writes = [{ key, value: null, ifRevision: revision }];
    await commitDecision(this.#deps, { writes, events: [event] }, fencingToken);
  }
}

function promotedOnly(actions: readonly Action[]): Plan | null {
  return actions.length === 0 ? null : { actions, isWhole: false, isCompared: false, untilMs: null, quiet: null };
}

/**
 * A dropped record too: if its instance was only not listed yet, a second one would be created. And what is concluded
 * from an instance that is gone or down.
 */
function takesAway(action: Action): boolean {
  if (action.action === 'writeReplica')
    return ['INSTANCE_GONE', 'NOT_RUNNING', 'ADDRESS_CHANGED'].includes(action.replica.reason);
  return ['unprotectInstance', 'deleteInstance', 'forgetReplica', 'relabelInstance'].includes(action.action);
}

/** The group's numbers for the metrics. */
export function countReplicas(scaling: Scaling, replicas: readonly Stored<Replica>[]) {
  const serving = replicas.filter(({ value }) => value.state === 'serving').length;
  return { desired: scaling.desired, serving, existing: replicas.length };
}
