import type { Clock } from '../../process/clock.ts';
import { initialScaling, type Scaling } from '../core/autoscaler.ts';
import type { GroupSpec } from '../core/group-spec.ts';
import type { Problem } from '../core/problems.ts';
import { keys, type NewEvent } from '../core/records.ts';
import { type Direction, noOrders, type Pause, readDirections } from '../core/scaling-orders.ts';
import { limitsAt } from '../core/schedule.ts';
import type { Store, Stored, Write } from '../ports.ts';
import { type AdminResult, conflict, invalid, notFound } from './admin-result.ts';
import { checkLengths, checkOrder, checkSeconds, describe, type OrderRequest } from './orders.ts';

type PauseRequest = OrderRequest & { readonly direction: string; readonly seconds: number | null };

/** A week: what has to last longer is a policy. */
const secondsMax = 604_800;
const triesMax = 5;

/** What people order of autoscalers: pauses and counts. Facts in the store; every one is an event. */
export class ScalingAdmin {
  readonly #deps: { readonly store: Store; readonly clock: Clock };

  constructor(deps: { readonly store: Store; readonly clock: Clock }) {
    this.#deps = deps;
  }

  /** Sets the desired count, and holds it for `holdSeconds`; null lets incidents go on from there at once. */
  async scale(
    order: OrderRequest & { readonly replicas: number; readonly holdSeconds: number | null },
  ): Promise<AdminResult<null>> {
    const { replicas, holdSeconds, owner, reason } = order;
    const isHeld = holdSeconds !== null;
    const problems = isHeld
      ? [...checkOrder(order), ...checkSeconds('holdSeconds', holdSeconds, secondsMax)]
      : checkLengths(order);
    if (problems.length > 0) return invalid(problems);
    return this.#change(order.group, async ({ spec, scaling }) => {
      const nowMs = this.#deps.clock.nowMs();
      const outside = checkReplicas(spec, replicas, nowMs);
      if (outside !== null) return invalid([outside]);
      const untilMs = isHeld ? nowMs + holdSeconds * 1000 : null;
      const value = { owner, reason, sinceMs: nowMs, replicas, untilMs };
      const override = await this.#deps.store.get(keys.override(spec.name));
      const before = scaling.value;
      const when = replicas < before.desired ? { scaledInAtMs: nowMs } : { scaledOutAtMs: nowMs };
      const next: Scaling = { ...before, ...when, desired: replicas, reason: `MANUAL ${reason}`.trim() };
      const message = describe(`${before.desired} → ${replicas}`, order, untilMs);
      return {
        scaling: next,
        // The newest order holds: a count that is set once ends the hold of an earlier one.
        writes: [{ key: keys.override(spec.name), value: isHeld ? value : null, ifRevision: override?.revision ?? 0 }],
        event: { kind: 'SCALING_DECISION', reason: 'MANUAL', message },
      };
    });
  }

  /** Ends the hold of a count; without one nothing changes. */
  async release(order: OrderRequest): Promise<AdminResult<null>> {
    const problems = checkLengths(order);
    if (problems.length > 0) return invalid(problems);
    return this.#change(order.group, async ({ spec }) => {
      const override = await this.#deps.store.get(keys.override(spec.name));
      if (override === null) return null;
      const message = describe(`no longer held at ${override.value.replicas}`, order, null);
      const writes = [{ key: override.key, value: null, ifRevision: override.revision }];
      return { writes, event: { kind: 'GROUP', reason: 'SCALE_RELEASED', message } };
    });
  }

  /** Keeps the autoscaler from changing the count in a direction; `seconds` null: until it is resumed. */
  async pause(order: PauseRequest): Promise<AdminResult<null>> {
    const { owner, reason, seconds } = order;
    const problems = [
      ...checkDirection(order.direction),
      ...checkOrder(order),
      ...(seconds === null ? [] : checkSeconds('durationSeconds', seconds, secondsMax)),
    ];
    if (problems.length > 0) return invalid(problems);
    const sinceMs = this.#deps.clock.nowMs();
    const pause: Pause = { owner, reason, sinceMs, untilMs: seconds === null ? null : sinceMs + seconds * 1000 };
    return this.#putPauses(order, pause);
  }

  /** Lets the autoscaler change the count in a direction again. */
  async resume(order: OrderRequest & { readonly direction: string }): Promise<AdminResult<null>> {
    const problems = [...checkDirection(order.direction), ...checkLengths(order)];
    return problems.length > 0 ? invalid(problems) : this.#putPauses(order, null);
  }

  #putPauses(order: OrderRequest & { readonly direction: string }, pause: Pause | null): Promise<AdminResult<null>> {
    const directions: readonly Direction[] = readDirections(order.direction) ?? [];
    return this.#change(order.group, async ({ spec }) => {
      const stored = await this.#deps.store.get(keys.pauses(spec.name));
      const before = stored?.value ?? noOrders.pauses;
      const changed = Object.fromEntries(directions.map((direction) => [direction, pause]));
      if (pause === null && directions.every((direction) => before[direction] === null)) return null;
      const value = { ...before, ...changed };
      const isEmpty = value.out === null && value.in === null;
      const message = describe(order.direction, order, pause?.untilMs ?? null);
      return {
        writes: [{ key: keys.pauses(spec.name), value: isEmpty ? null : value, ifRevision: stored?.revision ?? 0 }],
        event: { kind: 'GROUP', reason: pause === null ? 'RESUMED' : 'PAUSED', message },
      };
    });
  }

  /**
   * Reads, decides and writes again until nobody was in between. Bound to the scaling record: a group that is deleted
   * meanwhile leaves no order for one of the same name.
   */
  async #change(name: string, decide: (facts: Facts) => Promise<Change>): Promise<AdminResult<null>> {
    const { store } = this.#deps;
    for (let tries = 0; tries < triesMax; tries += 1) {
      const [group, stored] = await Promise.all([store.get(keys.group(name)), store.get(keys.scaling(name))]);
      if (group === null) return notFound(name);
      const key = keys.scaling(name);
      const scaling = stored ?? { key, value: initialScaling(group.value.policy), revision: 0 };
      const change = await decide({ spec: group.value, scaling });
      if (change === null) return { ok: true, value: null };
      if ('ok' in change) return change;
      const guard = { key, value: change.scaling ?? scaling.value, ifRevision: scaling.revision };
      const event = { atMs: this.#deps.clock.nowMs(), group: name, subject: name, ...change.event };
      const result = await store.commit({ writes: [guard, ...change.writes], events: [event] });
      if (result.outcome === 'committed') return { ok: true, value: null };
    }
    return conflict(`group ${name} is being scaled; try again`);
  }
}

type Facts = { readonly spec: GroupSpec; readonly scaling: Stored<Scaling> };

/** What to write; null: nothing; or a refusal. */
type Change =
  | {
      readonly writes: readonly Write[];
      readonly scaling?: Scaling;
      readonly event: Pick<NewEvent, 'kind' | 'reason' | 'message'>;
    }
  | Extract<AdminResult<null>, { ok: false }>
  | null;

function checkReplicas({ policy }: GroupSpec, replicas: number, nowMs: number): Problem | null {
  const { replicasMin, replicasMax, schedules } = limitsAt(policy, nowMs);
  if (Number.isInteger(replicas) && replicas >= replicasMin && replicas <= replicasMax) return null;
  const by = schedules.length === 0 ? '' : ` (schedule ${schedules.join(', ')})`;
  const allowed = `a whole number from ${replicasMin} to ${replicasMax}, the group's min and max${by}`;
  return { field: 'replicas', value: String(replicas), allowed };
}

function checkDirection(direction: string): Problem[] {
  if (readDirections(direction) !== null) return [];
  return [{ field: 'direction', value: JSON.stringify(direction.slice(0, 80)), allowed: 'out, in, both' }];
}
