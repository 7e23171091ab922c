import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import type { Scaling } from '../core/autoscaler.ts';
import { isVerifiedPrimary } from '../core/cloud.ts';
import type { GroupSpec } from '../core/group-spec.ts';
import type { GroupView } from '../core/group-view.ts';
import { type Action, planGroup } from '../core/reconciler.ts';
import { groupOfKey, keys, prefixes, type Topology } from '../core/records.ts';
import type { Replica } from '../core/replica.ts';
import type { Metrics, Store, Stored, Write } from '../ports.ts';
import type { ActionRunner } from './action-runner.ts';
import type { CloudView } from './cloud-view.ts';
import { commitDecision } from './commits.ts';
import { Decider, type GroupFacts } from './decider.ts';
import { GroupQueue } from './group-queue.ts';
import type { TermKeeper } from './term-keeper.ts';

export type ScalerDeps = {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly term: TermKeeper;
  readonly metrics: Metrics;
  readonly cloud: CloudView;
  readonly runner: ActionRunner;
  /** Told when a group was compared with a complete listing. */
  readonly onReconciled: (group: string) => void;
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

/** The loop of every group: decide the desired count, compare with what exists, take the next steps. */
export class Scaler {
  readonly name = 'scaler';
  readonly #deps: ScalerDeps;
  readonly #options: ScalerOptions;
  readonly #queue: GroupQueue;
  readonly #decider: Decider;
  #unwatch: (() => void) | null = null;

  constructor(deps: ScalerDeps, options: ScalerOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#decider = new Decider(deps);
    this.#queue = new GroupQueue({
      name: this.name,
      clock: deps.clock,
      log: deps.log,
      work: (group) => this.step(group),
      // A change reaches the proxies first; what follows from it can wait for the votes that come with it.
      mergeMs: 10,
      concurrencyMax: 16,
      backoff: { baseMs: options.pollIntervalMs, maxMs: 60_000 },
    });
  }

  async start(): Promise<void> {
    this.#unwatch = this.#deps.store.watch('', (changed) => {
      for (const group of new Set(changed.map(groupOfKey))) if (group !== null) this.#queue.wake(group);
    });
    for (const { value } of await this.#deps.store.list(prefixes.groups)) this.#queue.wake(value.name);
  }

  async stop(): Promise<void> {
    this.#unwatch?.();
    await this.#queue.stop();
  }

  /** Looks at one group and acts. Returns when to look again; null for a group that does not exist. */
  async step(group: string): Promise<number | null> {
    if (!this.#deps.term.isHeld) return null;
    const spec = await this.#deps.store.get(keys.group(group));
    if (spec === null) return null;
    const facts = await this.#readFacts(spec.value);
    if (facts === null) return null;
    const decision = await this.#decider.decide(facts);
    if (decision === null) return 0;
    this.#deps.metrics.setGroup(group, countReplicas(decision.scaling, facts.replicas));
    return this.#deps.runner.look(spec.value, async () => {
      const plan = await this.#plan(facts, decision.scaling);
      if (plan === null) return this.#options.pollIntervalMs;
      await this.#deps.runner.run(spec.value, facts.replicas, plan.actions);
      if (plan.isWhole) this.#deps.onReconciled(group);
      return this.#nextLookMs(facts, plan.actions, decision.untilMs);
    });
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

  /** Compares the desired count with Cloud SQL. Null while the primary is not known. */
  async #plan({ spec, replicas }: GroupFacts, scaling: Scaling): Promise<Plan | null> {
    const plan = await this.#planOnce(spec, replicas, scaling);
    if (plan?.actions.some(takesAway) !== true) return plan;
    // What takes away is decided on a listing of this very moment.
    this.#deps.cloud.forget(spec.project);
    return this.#planOnce(spec, replicas, scaling);
  }

  async #planOnce(spec: GroupSpec, replicas: readonly Stored<Replica>[], scaling: Scaling): Promise<Plan | null> {
    const { store, cloud, clock } = this.#deps;
    const records = replicas.map(({ value }) => value);
    const [listing, operations] = await Promise.all([
      cloud.listing(spec.project),
      cloud.operations(spec.project, records),
    ]);
    const primary = listing.instances.find(({ name }) => name === spec.primary);
    const hasTopology = await this.#verifyPrimary(spec, primary);
    if (!hasTopology) return null;
    const [snapshot, voters] = await Promise.all([
      store.get(keys.snapshot(spec.name)),
      store.list(prefixes.voters(spec.name)),
    ]);
    const view: GroupView = {
      spec,
      install: this.#options.install,
      scaling,
      replicas: records,
      listing,
      operations,
      leaving: snapshot?.value.leaving ?? [],
      voters: voters.map(({ value }) => value),
      nextName: this.#deps.nextName(spec),
      sampleIntervalMs: this.#options.sampleIntervalMs,
    };
    return { actions: planGroup(view, clock.nowMs()), isWhole: listing.isComplete };
  }

  /** Stores the primary's address when it is first verified. A later change is not followed by itself: rule 5. */
  async #verifyPrimary(
    spec: GroupSpec,
    primary: GroupView['listing']['instances'][number] | undefined,
  ): Promise<boolean> {
    const { store, runner } = this.#deps;
    const key = keys.topology(spec.name);
    const stored = await store.get(key);
    if (primary === undefined || !isVerifiedPrimary(primary) || primary.address === null) {
      const found = primary === undefined ? 'not listed' : `${primary.instanceType} ${primary.state}`;
      await runner.noteAlarm(
        spec.name,
        spec.primary,
        'PRIMARY_NOT_VERIFIED',
        `${found}; a running primary with a private address is needed`,
      );
      // A primary that is one no more stops scaling until a person has looked; one in maintenance does not.
      return stored !== null && primary?.instanceType === 'CLOUD_SQL_INSTANCE';
    }
    const { address: primaryAddress, serverCa } = primary;
    if (stored === null) return this.#storeTopology(spec, { primaryAddress, serverCa });
    if (stored.value.primaryAddress !== primaryAddress) {
      const message = `${stored.value.primaryAddress} is in the proxies, Cloud SQL says ${primaryAddress}`;
      await runner.noteAlarm(spec.name, spec.primary, 'PRIMARY_ADDRESS_CHANGED', message);
    } else {
      runner.clearAlarm(spec.name, spec.primary);
      if (serverCa !== null && serverCa.id !== stored.value.serverCa?.id) {
        const write = { key, value: { primaryAddress, serverCa }, ifRevision: stored.revision };
        await commitDecision(this.#deps, { writes: [write] });
      }
    }
    return true;
  }

  /** Bound to the scaling record: a group that was deleted meanwhile leaves no address for one of the same name. */
  async #storeTopology({ name }: GroupSpec, topology: Topology): Promise<boolean> {
    const scaling = await this.#deps.store.get(keys.scaling(name));
    if (scaling === null) return false;
    const writes: Write[] = [
      { key: keys.topology(name), value: topology, ifRevision: 0 },
      { key: scaling.key, value: scaling.value, ifRevision: scaling.revision },
    ];
    return commitDecision(this.#deps, { writes });
  }

  #nextLookMs({ replicas }: GroupFacts, actions: readonly Action[], untilMs: number | null): number {
    const isBusy = actions.length > 0 || replicas.some(({ value }) => value.state !== 'serving');
    const regularMs = isBusy ? this.#options.pollIntervalMs : this.#options.idleIntervalMs;
    if (untilMs === null) return regularMs;
    return Math.max(1, Math.min(regularMs, untilMs - this.#deps.clock.nowMs()));
  }
}

/** What was planned, and whether Cloud SQL listed everything for it. */
type Plan = { readonly actions: readonly Action[]; readonly isWhole: boolean };

/**
 * A dropped record too: if its instance was only not listed yet, a second one would be created. And what is concluded
 * from an instance that is gone or down.
 */
function takesAway(action: Action): boolean {
  if (action.action === 'writeReplica') return ['INSTANCE_GONE', 'NOT_RUNNING'].includes(action.replica.reason);
  return ['unprotectInstance', 'deleteInstance', 'forgetReplica'].includes(action.action);
}

function countReplicas(scaling: Scaling, replicas: readonly Stored<Replica>[]) {
  const serving = replicas.filter(({ value }) => value.state === 'serving').length;
  return { desired: scaling.desired, serving, existing: replicas.length };
}
