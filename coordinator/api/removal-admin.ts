import type { Clock } from '../../process/clock.ts';
import type { Scaling } from '../core/autoscaler.ts';
import { isCordoned } from '../core/cordon.ts';
import type { GroupSpec } from '../core/group-spec.ts';
import { excerpt } from '../core/problems.ts';
import { keys, type NewEvent, prefixes } from '../core/records.ts';
import { isOnItsWay, type Removal } from '../core/removal.ts';
import { advanceReplica, drainedReason, type Replica } from '../core/replica.ts';
import { limitsAt } from '../core/schedule.ts';
import type { Store, Stored, Write } from '../ports.ts';
import { type AdminFault, type AdminResult, conflict, invalid, notFound, precondition } from './admin-result.ts';
import { checkOrder, describe, type OrderRequest } from './orders.ts';

type RemovalDeps = { readonly store: Store; readonly clock: Clock };
type RemovalOrder = OrderRequest & { readonly server: string };
type DrainOrder = RemovalOrder & { readonly withoutReplacement: boolean; readonly force?: boolean };
type Change = { readonly writes: readonly Write[]; readonly reason: string; readonly message: string } | AdminFault;

const triesMax = 5;

/** Orders to have an owned replica gone: replaced first, or not replaced at all. */
export class RemovalAdmin {
  readonly #deps: RemovalDeps;

  constructor(deps: RemovalDeps) {
    this.#deps = deps;
  }

  /** `force`: it drains already, and proxies end the sessions that hold it. The proof that it is gone stays the same. */
  drain(order: DrainOrder): Promise<AdminResult<null>> {
    return this.#change(order, (group, record) =>
      order.force === true ? this.#force(order, record) : this.#drainOne(order, group, record),
    );
  }

  /**
   * Takes an order back. A replica that is on its way out goes on, and the count brings another one; of such a one only
   * that its sessions are ended can be taken back.
   */
  cancel(order: RemovalOrder): Promise<AdminResult<null>> {
    return this.#change(order, async ({ value: { name } }, { value: replica }) => {
      const stored = await this.#deps.store.get(keys.removal(name, order.server));
      if (stored === null) return precondition(`${order.server} is not ordered to go`, 'NOT_DRAINED');
      const write = { key: stored.key, value: null, ifRevision: stored.revision };
      if (replica.state === 'draining' && stored.value.isForced === true) {
        return { writes: [write], reason: 'FORCE_CANCELLED', message: describe('no session is ended', order, null) };
      }
      if (replica.state === 'draining' || replica.state === 'deleting') {
        return precondition(`${order.server} is ${replica.state} already`, 'TOO_LATE');
      }
      return { writes: [write], reason: 'DRAIN_CANCELLED', message: describe('stays', order, null) };
    });
  }

  /** Only what drains: nobody is cut off before he had his time to go. */
  async #force(order: DrainOrder, { value: replica }: Stored<Replica>): Promise<Change> {
    const { store, clock } = this.#deps;
    const { group, name } = replica;
    if (!isOnItsWay(replica)) {
      const what = `${name} is ${replica.state} (${replica.reason})`;
      return precondition(`${what}; force ends the sessions of a replica that drains to be deleted`, 'NOT_DRAINING');
    }
    const [replicas, cordons, stored] = await Promise.all([
      store.list(prefixes.replicas(group)),
      store.list(prefixes.cordons(group)),
      store.get(keys.removal(group, name)),
    ]);
    const others = [
      ...replicas.flatMap(({ value }) => (value.state === 'draining' && value.name !== name ? [value.name] : [])),
      ...cordons.map(({ value }) => value.server),
    ];
    if (others.length > 0) {
      const message = `${others.join(', ')} drains too, and its sessions are not to be ended: wait, or take its cordon back`;
      return precondition(message, 'OTHERS_DRAIN');
    }
    const value: Removal = { group, server: name, ...byOf(order), atMs: clock.nowMs(), isForced: true };
    const write: Write = { key: keys.removal(group, name), value, ifRevision: stored?.revision ?? 0 };
    return { writes: [write], reason: 'DRAIN_FORCED', message: describe('its sessions are ended', order, null) };
  }

  async #drainOne(order: DrainOrder, { value: spec }: Stored<GroupSpec>, record: Stored<Replica>): Promise<Change> {
    const { store, clock } = this.#deps;
    const replica = record.value;
    if (replica.state === 'draining' || replica.state === 'deleting') {
      return precondition(`${replica.name} is ${replica.state} already (${replica.reason})`, 'ALREADY_LEAVING');
    }
    const [cordons, scaling, stored] = await Promise.all([
      store.list(prefixes.cordons(spec.name)),
      store.get(keys.scaling(spec.name)),
      store.get(keys.removal(spec.name, replica.name)),
    ]);
    const nowMs = clock.nowMs();
    const value: Removal = { ...{ group: spec.name, server: replica.name }, ...byOf(order), atMs: nowMs };
    const write: Write = { key: keys.removal(spec.name, replica.name), value, ifRevision: stored?.revision ?? 0 };
    const orders = cordons.map((cordon) => cordon.value);
    if (isCordoned(orders, replica)) return this.#drainCordoned(order, record, write);
    const fewer = order.withoutReplacement ? fewerOf(spec, scaling, nowMs) : [];
    if ('ok' in fewer) return fewer;
    const what = order.withoutReplacement ? 'to go' : 'to be replaced';
    return { writes: [write, ...fewer], reason: 'DRAIN_ORDERED', message: describe(what, order, null) };
  }

  /** It has left the proxies and is replaced already: it goes now, and with it the order that kept it out. */
  #drainCordoned(order: RemovalOrder, { key, value, revision }: Stored<Replica>, write: Write): Change {
    const leaving = advanceReplica(value, { kind: 'withdrawn', reason: drainedReason }, this.#deps.clock.nowMs());
    if (leaving === value)
      return precondition(`${value.name} is ${value.state}: wait until it is there`, 'NOT_THERE_YET');
    const writes: Write[] = [
      write,
      { key, value: leaving, ifRevision: revision },
      { key: keys.cordon(value.group, value.name), value: null, ifRevision: null },
    ];
    return { writes, reason: 'DRAIN_ORDERED', message: describe('to go, was cordoned', order, null) };
  }

  async #change(
    order: RemovalOrder,
    decide: (group: Stored<GroupSpec>, record: Stored<Replica>) => Promise<Change> | Change,
  ): Promise<AdminResult<null>> {
    const problems = checkOrder(order);
    if (problems.length > 0) return invalid(problems);
    const { store, clock } = this.#deps;
    for (let tries = 0; tries < triesMax; tries += 1) {
      const group = await store.get(keys.group(order.group));
      if (group === null) return notFound(order.group);
      const record = await store.get(keys.replica(order.group, order.server));
      if (record === null) return this.#noSuchReplica(order);
      const change = await decide(group, record);
      if ('ok' in change) return change;
      const { writes, reason, message } = change;
      const event: NewEvent = {
        atMs: clock.nowMs(),
        group: order.group,
        kind: 'CORDON',
        subject: order.server,
        reason,
        message,
      };
      const guard = { key: group.key, value: group.value, ifRevision: group.revision };
      const result = await store.commit({ writes: [guard, ...writes], events: [event] });
      if (result.outcome === 'committed') return { ok: true, value: null };
    }
    return conflict(`group ${order.group} is being changed; try again`);
  }

  async #noSuchReplica({ group, server }: RemovalOrder): Promise<AdminFault> {
    const names = (await this.#deps.store.list(prefixes.replicas(group))).map(({ value }) => value.name);
    const allowed = names.length === 0 ? 'nothing: the group has no replicas of its own' : `one of ${names.join(', ')}`;
    return invalid([{ field: 'server', value: excerpt(server), allowed }]);
  }
}

function byOf({ owner, reason }: OrderRequest) {
  return { owner, reason };
}

/** One less is wanted from now on, as far as the minimum allows. */
function fewerOf(spec: GroupSpec, scaling: Stored<Scaling> | null, nowMs: number): Write[] | AdminFault {
  const { replicasMin } = limitsAt(spec.policy, nowMs);
  if (scaling === null) return notFound(spec.name);
  const { value, key, revision } = scaling;
  if (value.desired - 1 < replicasMin) {
    const message = `group ${spec.name} is at its minimum of ${replicasMin}: lower policy.replicasMin, or let it be replaced`;
    return precondition(message, 'AT_MIN');
  }
  const next = { ...value, desired: value.desired - 1, reason: 'DRAINED', scaledInAtMs: nowMs };
  return [{ key, value: next, ifRevision: revision }];
}
