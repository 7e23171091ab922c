import type { ScalingDecision } from './autoscaler.ts';
import type { CloudInstance, CloudListing } from './cloud.ts';
import type { GroupView } from './group-view.ts';
import { indexOf } from './listing-index.ts';
import { planGroup } from './reconciler.ts';
import { noOrders } from './scaling-orders.ts';
import { type ScalingView, warmingPatienceMs } from './scaling-view.ts';
import { isSameTopology, judgePrimary, type Topology } from './topology.ts';

/**
 * Whether only what it was made of can change a decision, or time from `decision.lookAtMs` on. That is so where nobody
 * asks for anything, and all replicas have served for long.
 */
export function isAtRest(view: ScalingView, decision: ScalingDecision, nowMs: number): boolean {
  const { incidents, replicas, orders = noOrders, isPartial } = view;
  return (
    decision.reason === 'STEADY' &&
    isPartial !== true &&
    orders.override === null &&
    orders.pauses.out === null &&
    orders.pauses.in === null &&
    incidents.every(({ state }) => state !== 'open') &&
    replicas.every(({ state, sinceMs }) => state === 'serving' && sinceMs + warmingPatienceMs <= nowMs)
  );
}

/** All that a plan is made of but what Cloud SQL lists. */
export type Unlisted = {
  readonly view: Omit<GroupView, 'listing'>;
  /** As it is stored. */
  readonly topology: Topology;
};

/**
 * Whether nothing is to be done, held or told about a group, now that Cloud SQL lists this: it is planned in full. Where
 * anything leaves, is ordered or waited for, that depends on more than a listing, and the answer is no.
 */
export function isQuiet({ view, topology }: Unlisted, listing: CloudListing, nowMs: number): boolean {
  if (!listing.isComplete || view.cordons.length + view.leaving.length + view.operations.size > 0) return false;
  const verdict = judgePrimary(view.spec, topology, listing);
  if (verdict.kind !== 'verified' || !isSameTopology(verdict.topology, topology)) return false;
  return planGroup({ ...view, listing }, nowMs).length === 0;
}

/**
 * Whether all that a plan of this group reads of a listing is the very same: its primary, what follows that, and what its
 * records name. Groups share a listing, in which something of one of them changes most of the time.
 */
export function isSameForGroup(
  { view: { spec, replicas } }: Unlisted,
  before: CloudListing['instances'],
  instances: CloudListing['instances'],
): boolean {
  if (before === instances) return true;
  const [then, now] = [indexOf({ instances: before }), indexOf({ instances })];
  const names = [spec.primary, ...replicas.map(({ name }) => name)];
  return (
    names.every((name) => then.byName.get(name) === now.byName.get(name)) &&
    isSameList(then.byPrimary.get(spec.primary), now.byPrimary.get(spec.primary))
  );
}

function isSameList(one: readonly CloudInstance[] = [], other: readonly CloudInstance[] = []): boolean {
  return one.length === other.length && one.every((instance, index) => instance === other[index]);
}
