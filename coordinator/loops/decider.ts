import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import { applyDecision, decideScaling, type Scaling, type ScalingDecision } from '../core/autoscaler.ts';
import { withoutCordoned } from '../core/cordon.ts';
import { describeDecision } from '../core/decision-text.ts';
import type { GroupSpec } from '../core/group-spec.ts';
import { keys, type LastDecision, type NewEvent, prefixes } from '../core/records.ts';
import type { Replica } from '../core/replica.ts';
import { isAtRest } from '../core/resting.ts';
import { isSameJson } from '../core/same-json.ts';
import { noOrders, ordersAt } from '../core/scaling-orders.ts';
import type { Lag, ScalingView } from '../core/scaling-view.ts';
import type { Metrics, ReaderWarmth, Store, Stored, Write } from '../ports.ts';
import { commitDecision } from './commits.ts';
import type { TermKeeper } from './term-keeper.ts';
import { warmingAddresses } from './warming.ts';

export type DeciderDeps = {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly term: TermKeeper;
  readonly metrics: Metrics;
  /** Without it nobody waits for proxies to reach a new replica. */
  readonly warmth?: ReaderWarmth;
  /** How far a group's serving replicas are behind; null: not known now. Without it there is no lag brake. */
  readonly lagOf?: (group: string) => Lag | null;
};

/** What a look at a group begins with. */
export type GroupFacts = {
  readonly spec: GroupSpec;
  readonly scaling: Stored<Scaling>;
  readonly replicas: readonly Stored<Replica>[];
  /** The term in which the look began. */
  readonly fencingToken: number;
};

/** The count that holds now, and when time alone may change it. */
export type Decided = {
  readonly scaling: Scaling;
  readonly untilMs: number | null;
  /** Of what lag and at which moment it was decided, when the same would be decided again until then; null: news. */
  readonly rest: { readonly lag: Lag | null | undefined; readonly atMs: number } | null;
};

type Decision = {
  readonly view: ScalingView;
  readonly decision: ScalingDecision;
  readonly next: Scaling;
  readonly nowMs: number;
};

/** The deciding half of a look at a group: asks core for the desired count and stores what is new about it. */
export class Decider {
  readonly #deps: DeciderDeps;
  /** Groups of which Cloud SQL did not list everything when they were last looked at. */
  readonly #partial = new Set<string>();

  constructor(deps: DeciderDeps) {
    this.#deps = deps;
  }

  /** Remembers whether the last look at a group had the whole picture: nothing is taken away without. */
  notePicture(group: string, isWhole: boolean): void {
    if (isWhole) this.#partial.delete(group);
    else this.#partial.add(group);
  }

  /** Decides the desired count and stores it when it, or the reason for it, is new. Null: look again at once. */
  async decide(facts: GroupFacts): Promise<Decided | null> {
    const { clock, metrics } = this.#deps;
    const { scaling } = facts;
    const nowMs = clock.nowMs();
    const view = await this.#viewOf(facts, nowMs);
    const decision = decideScaling(view, nowMs);
    metrics.countDecision(decision.reason);
    const next = applyDecision(scaling.value, decision, nowMs);
    const stored = await this.#storeNews(facts, { view, decision, next, nowMs });
    if (stored === 'outdated') return null;
    const rest = stored === 'known' && isAtRest(view, decision, nowMs) ? { lag: view.lag, atMs: nowMs } : null;
    return { scaling: next, untilMs: decision.lookAtMs, rest };
  }

  async #storeNews(
    { spec, scaling, fencingToken }: GroupFacts,
    { view, decision, next, nowMs }: Decision,
  ): Promise<'known' | 'stored' | 'outdated'> {
    const last = await this.#deps.store.get(keys.decision(spec.name));
    const isNewAnswer = last === null || !isSameJson(answerOf(last.value), answerOf(decision));
    const isNewCount = next !== scaling.value;
    if (!isNewCount && !isNewAnswer && hasSameInputs(last.value, decision)) return 'known';
    const writes: Write[] = [
      { key: keys.decision(spec.name), value: { ...decision, atMs: nowMs }, ifRevision: last?.revision ?? 0 },
    ];
    if (isNewCount) writes.push({ key: scaling.key, value: next, ifRevision: scaling.revision });
    const events = isNewCount || isNewAnswer ? [this.#tell(view, decision, spec.name, nowMs)] : [];
    return (await commitDecision(this.#deps, { writes, events }, fencingToken)) ? 'stored' : 'outdated';
  }

  async #viewOf({ spec, scaling, replicas }: GroupFacts, nowMs: number): Promise<ScalingView> {
    const { store, lagOf } = this.#deps;
    const [incidents, cordons, pauses, override] = await Promise.all([
      store.list(prefixes.incidents(spec.name)),
      store.list(prefixes.cordons(spec.name)),
      store.get(keys.pauses(spec.name)),
      store.get(keys.override(spec.name)),
    ]);
    // What an operator keeps out counts for nothing here; the plan counts it for max.
    const counted = withoutCordoned(
      replicas.map(({ value }) => value),
      cordons.map(({ value }) => value),
    );
    const orders = { pauses: pauses?.value ?? noOrders.pauses, override: override?.value ?? null };
    return {
      policy: spec.policy,
      scaling: scaling.value,
      incidents: incidents.map(({ value }) => value),
      replicas: counted,
      orders: ordersAt(orders, nowMs),
      isPartial: this.#partial.has(spec.name),
      warming: await warmingAddresses(this.#deps, spec.name, counted, nowMs),
      ...(lagOf === undefined ? {} : { lag: lagOf(spec.name) }),
    };
  }

  #tell(view: ScalingView, decision: ScalingDecision, group: string, nowMs: number): NewEvent {
    const { scaling, policy, orders = noOrders } = view;
    const { reason, incidentId } = decision;
    const message = describeDecision(scaling.desired, decision, { policy, orders });
    this.#deps.log.info({ group, ...decision, before: scaling.desired }, 'scaling decided');
    return { atMs: nowMs, group, kind: 'SCALING_DECISION', subject: incidentId ?? '', reason, message };
  }
}

type Told = ScalingDecision | LastDecision;

/** What of a decision is news when it changes: the answer, and the bounds in force. */
function answerOf({ desired, reason, incidentId, would, inputs }: Told): readonly unknown[] {
  const { replicasMin, replicasMax, schedules } = inputs;
  return [desired, reason, incidentId, would, replicasMin, replicasMax, schedules];
}

function hasSameInputs(last: Told, decision: Told): boolean {
  return last.untilMs === decision.untilMs && isSameJson(last.inputs, decision.inputs);
}
