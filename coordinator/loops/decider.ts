import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import { applyDecision, decideScaling, type Scaling, type ScalingDecision } from '../core/autoscaler.ts';
import { withoutCordoned } from '../core/cordon.ts';
import type { GroupSpec } from '../core/group-spec.ts';
import { keys, type LastDecision, type NewEvent, prefixes } from '../core/records.ts';
import type { Replica } from '../core/replica.ts';
import type { Metrics, Store, Stored, Write } from '../ports.ts';
import { commitDecision } from './commits.ts';
import type { TermKeeper } from './term-keeper.ts';

export type DeciderDeps = {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly term: TermKeeper;
  readonly metrics: Metrics;
};

/** What a look at a group begins with. */
export type GroupFacts = {
  readonly spec: GroupSpec;
  readonly scaling: Stored<Scaling>;
  readonly replicas: readonly Stored<Replica>[];
};

/** The count that holds now, and when time alone may change it. */
export type Decided = { readonly scaling: Scaling; readonly untilMs: number | null };

/** The deciding half of a look at a group: asks core for the desired count and stores what is new about it. */
export class Decider {
  readonly #deps: DeciderDeps;

  constructor(deps: DeciderDeps) {
    this.#deps = deps;
  }

  /** Decides the desired count and stores it when it, or the reason for it, is new. Null: look again at once. */
  async decide({ spec, scaling, replicas }: GroupFacts): Promise<Decided | null> {
    const { store, clock, metrics } = this.#deps;
    const current = scaling.value;
    const incidents = (await store.list(prefixes.incidents(spec.name))).map(({ value }) => value);
    const cordons = (await store.list(prefixes.cordons(spec.name))).map(({ value }) => value);
    // What an operator keeps out counts for nothing here; the plan counts it for max.
    const counted = withoutCordoned(
      replicas.map(({ value }) => value),
      cordons,
    );
    const view = { policy: spec.policy, scaling: current, incidents, replicas: counted };
    const decision = decideScaling(view, clock.nowMs());
    metrics.countDecision(decision.reason);
    const next = applyDecision(current, decision, clock.nowMs());
    const last = await store.get(keys.decision(spec.name));
    const isNewCount = next !== current;
    const isNews = isNewCount || !isSameDecision(last?.value ?? null, decision);
    if (isNews) {
      const count = isNewCount ? { key: scaling.key, value: next, ifRevision: scaling.revision } : null;
      const isCommitted = await this.#storeDecision({ spec, current, decision, last, count });
      if (!isCommitted) return null;
    }
    return { scaling: next, untilMs: decision.untilMs };
  }

  #storeDecision(news: {
    readonly spec: GroupSpec;
    readonly current: Scaling;
    readonly decision: ScalingDecision;
    readonly last: Stored<LastDecision> | null;
    readonly count: Write | null;
  }): Promise<boolean> {
    const { spec, current, decision, last, count } = news;
    const nowMs = this.#deps.clock.nowMs();
    const value = { ...decision, atMs: nowMs };
    const write: Write = { key: keys.decision(spec.name), value, ifRevision: last?.revision ?? 0 };
    this.#deps.log.info({ group: spec.name, ...decision, before: current.desired }, 'scaling decided');
    const events = [decisionEvent(spec, current, decision, nowMs)];
    return commitDecision(this.#deps, { writes: count === null ? [write] : [write, count], events });
  }
}

function isSameDecision(last: LastDecision | null, decision: ScalingDecision): boolean {
  return (
    last !== null &&
    last.desired === decision.desired &&
    last.reason === decision.reason &&
    last.incidentId === decision.incidentId
  );
}

function decisionEvent(spec: GroupSpec, before: Scaling, decision: ScalingDecision, nowMs: number): NewEvent {
  return {
    atMs: nowMs,
    group: spec.name,
    kind: 'SCALING_DECISION',
    subject: decision.incidentId ?? '',
    reason: decision.reason,
    message: `${before.desired} → ${decision.desired} (min ${spec.policy.replicasMin}, max ${spec.policy.replicasMax})`,
  };
}
