import { type Clock, sleep } from '../../process/clock.ts';
import type { CloudInstance, CloudListing } from '../core/cloud.ts';
import type { Cordon } from '../core/cordon.ts';
import { type GroupSpec, parseGroupSpec } from '../core/group-spec.ts';
import { findNetworkProblems } from '../core/network.ts';
import { findAdoptionProblems } from '../core/plan-adoption.ts';
import { excerpt, type Problem } from '../core/problems.ts';
import { keys, type NewEvent, prefixes } from '../core/records.ts';
import { advanceReplica, newReplica, type Replica } from '../core/replica.ts';
import { limitsAt } from '../core/schedule.ts';
import { findTemplateProblems } from '../core/template.ts';
import { findWriterProblems, type WriterOrder } from '../core/topology.ts';
import { CoordinatorError } from '../errors.ts';
import type { CloudListings, Store, Stored, Write } from '../ports.ts';
import { type AdminResult, conflict, invalid, notFound, precondition } from './admin-result.ts';
import { checkOrder, checkSeconds, describe, type OrderRequest } from './orders.ts';

export type ServerAdminDeps = {
  readonly store: Store;
  readonly clock: Clock;
  readonly cloud: CloudListings;
  /** The value of the label `chester-install`. */
  readonly install: string;
};

/** Longer than a month is no order but a declaration. */
const secondsMax = 30 * 24 * 3600;

type ServerOrder = OrderRequest & { readonly server: string };
type InstanceOrder = OrderRequest & { readonly instance: string };
type Refusal = Extract<AdminResult<null>, { ok: false }>;
type Change = {
  readonly writes: readonly Write[];
  readonly event: Pick<NewEvent, 'kind' | 'subject' | 'reason' | 'message'>;
};

const triesMax = 5;

/** A declaration does not wait longer for Cloud SQL. */
const patienceMs = 3000;

/** What people order of single servers: cordons, adoption, release, another writer. Facts in the store, and events. */
export class ServerAdmin {
  readonly #deps: ServerAdminDeps;

  constructor(deps: ServerAdminDeps) {
    this.#deps = deps;
  }

  /**
   * What Cloud SQL says against a declaration, if it can be asked within a moment: a network that proxies cannot use, a
   * template that it would refuse. Null: nothing, or nothing that is known now; the scaler looks again.
   */
  async checkDeclared(input: unknown): Promise<Refusal | null> {
    const parsed = parseGroupSpec(input);
    if (!parsed.ok) return null;
    const { project, primary: name, template } = parsed.value;
    const patience = sleep(this.#deps.clock, patienceMs).then(() => null);
    const asked = this.#deps.cloud.listing(project).catch(() => null);
    const primary = (await Promise.race([asked, patience]))?.instances.find((instance) => instance.name === name);
    if (primary === undefined) return null;
    const problems = [
      ...findNetworkProblems(primary).map(({ field, ...rest }) => ({ field: `primary ${name}, ${field}`, ...rest })),
      ...findTemplateProblems(template, primary.shape),
    ];
    return problems.length > 0 ? invalid(problems) : null;
  }

  /** Keeps a reader out of the proxies; `seconds` null: until it is taken back. The newest order counts. */
  async cordon(order: ServerOrder & { readonly seconds: number | null }): Promise<AdminResult<null>> {
    const { owner, reason, seconds } = order;
    const problems = [
      ...checkOrder(order),
      ...(seconds === null ? [] : checkSeconds('durationSeconds', seconds, secondsMax)),
    ];
    if (problems.length > 0) return invalid(problems);
    return this.#change(order.group, async (spec) => {
      const found = await this.#findReader(spec, order.server);
      if ('ok' in found) return found;
      const atMs = this.#deps.clock.nowMs();
      const untilMs = seconds === null ? null : atMs + seconds * 1000;
      const key = keys.cordon(spec.name, found.server);
      const stored = await this.#deps.store.get(key);
      const value: Cordon = { group: spec.name, server: found.server, owner, reason, atMs, untilMs };
      return {
        writes: [{ key, value, ifRevision: stored?.revision ?? 0 }],
        event: eventOf('CORDON', found.server, 'CORDONED', describe('out', order, untilMs)),
      };
    });
  }

  /** Takes a cordon back; of one that is over already nothing is said. */
  async uncordon(order: ServerOrder): Promise<AdminResult<null>> {
    return this.#change(order.group, async (spec) => {
      const cordons = await this.#deps.store.list(prefixes.cordons(spec.name));
      const known = cordons.find(({ value: { server } }) => [server, server.split(':')[0]].includes(order.server));
      if (known === undefined) {
        const servers = cordons.map(({ value }) => value.server).join(', ');
        const allowed = servers === '' ? 'nothing: no server of the group is cordoned' : `one of ${servers}`;
        return invalid([{ field: 'server', value: excerpt(order.server), allowed }]);
      }
      return {
        writes: [{ key: known.key, value: null, ifRevision: known.revision }],
        event: eventOf('CORDON', known.value.server, 'UNCORDONED', describe('in again', order, null)),
      };
    });
  }

  /** Takes an existing replica over. Its labels are written by the scaler, which looks at it once more. */
  async adopt(order: InstanceOrder): Promise<AdminResult<null>> {
    const problems = checkOrder(order);
    if (problems.length > 0) return invalid(problems);
    return this.#change(order.group, async (spec) => {
      const found = await this.#findInstance(spec, order.instance);
      if ('ok' in found) return found;
      const owner = { install: this.#deps.install, group: spec.name, primary: spec.primary };
      const against = findAdoptionProblems(found.instance, owner);
      if (against.length > 0) return invalid(against);
      return this.#adoption(spec, order);
    });
  }

  async #adoption(spec: GroupSpec, order: InstanceOrder): Promise<Change | Refusal> {
    const { store, clock } = this.#deps;
    const { name: group, project, primary } = spec;
    const [records, scaling] = await Promise.all([
      store.list(prefixes.replicas(group)),
      store.get(keys.scaling(group)),
    ]);
    if (scaling === null) return notFound(group);
    if (records.some(({ value }) => value.name === order.instance)) {
      return precondition(`${order.instance} is a replica of group ${group} already`);
    }
    const nowMs = clock.nowMs();
    const { replicasMax } = limitsAt(spec.policy, nowMs);
    if (records.length >= replicasMax) {
      return precondition(`group ${group} has ${records.length} replicas of its own, and its max is ${replicasMax}`);
    }
    const held = (await store.get(keys.override(group)))?.value;
    if (held !== undefined && nowMs < held.untilMs) {
      return precondition(
        `group ${group} is held at ${held.replicas} replicas by ${held.owner} until ${new Date(held.untilMs).toISOString()}: ` +
          `${order.instance} would be taken for one too many and deleted; end the hold first`,
      );
    }
    const name = order.instance;
    const identity = { name, group, project, primary, createdAtMs: nowMs, reason: 'ADOPTED', adoptedAtMs: nowMs };
    const before = scaling.value;
    // One more is there, so one more is wanted: else another one would have to go for it.
    const desired = Math.min(before.desired + 1, replicasMax);
    const counted = { ...before, desired, reason: `ADOPTED ${name}`, scaledOutAtMs: nowMs };
    return {
      writes: [
        { key: keys.replica(group, name), value: newReplica(identity), ifRevision: 0 },
        { key: scaling.key, value: counted, ifRevision: scaling.revision },
      ],
      event: eventOf(
        'REPLICA_STATE',
        name,
        'adopting',
        describe(`desired ${before.desired} → ${desired}`, order, null),
      ),
    };
  }

  /** Gives an owned replica back: out of the proxies, then without our labels, still there and protected. */
  async release(order: InstanceOrder): Promise<AdminResult<null>> {
    const problems = checkOrder(order);
    if (problems.length > 0) return invalid(problems);
    return this.#change(order.group, async (spec) => {
      const { store, clock } = this.#deps;
      const [record, scaling, cordon] = await Promise.all([
        store.get(keys.replica(spec.name, order.instance)),
        store.get(keys.scaling(spec.name)),
        store.get(keys.cordon(spec.name, order.instance)),
      ]);
      if (record === null || scaling === null) return unknownReplica(await this.#replicas(spec), order.instance);
      const released = advanceReplica(record.value, { kind: 'released' }, clock.nowMs());
      if (released === record.value) return notNow(record.value);
      const nowMs = clock.nowMs();
      const before = scaling.value;
      // It is not replaced, as far as the minimum allows. One that is leaving, or kept out, was not counted any more: for
      // one less another one would have to go.
      const { replicasMin } = limitsAt(spec.policy, nowMs);
      const isCounted = record.value.state !== 'draining' && cordon === null;
      const desired = isCounted ? Math.max(replicasMin, before.desired - 1) : before.desired;
      const counted = { ...before, desired, reason: `RELEASED ${order.instance}`, scaledInAtMs: nowMs };
      return {
        writes: [
          { key: record.key, value: released, ifRevision: record.revision },
          { key: scaling.key, value: counted, ifRevision: scaling.revision },
        ],
        event: eventOf(
          'REPLICA_STATE',
          order.instance,
          'releasing',
          describe(`desired ${before.desired} → ${desired}`, order, null),
        ),
      };
    });
  }

  /** Orders another writer: break before make, so that two never take writes. */
  async acceptPrimary(order: InstanceOrder & { readonly oldIsGone: boolean }): Promise<AdminResult<null>> {
    const problems = checkOrder(order);
    if (problems.length > 0) return invalid(problems);
    return this.#change(order.group, async (spec) => {
      const { store, clock } = this.#deps;
      const found = await this.#findInstance(spec, order.instance);
      if ('ok' in found) return found;
      const against = findWriterProblems(found.instance);
      if (against !== null) return precondition(against);
      const taken = await this.#otherGroupWith(spec, order.instance);
      if (taken !== null)
        return { ...precondition(`${order.instance} is the primary of group ${taken}`), otherGroup: taken };
      if ((await this.#replicas(spec)).some(({ name }) => name === order.instance)) {
        return precondition(
          `${order.instance} is still a replica of group ${spec.name}: wait until its record is gone`,
        );
      }
      const key = keys.writerOrder(spec.name);
      const stored = await store.get(key);
      const { instance, owner, reason, oldIsGone: isOldGone } = order;
      const value: WriterOrder = { instance, owner, reason, isOldGone, atMs: clock.nowMs() };
      const how = isOldGone ? 'the old writer is said to be gone or read-only' : 'the old writer leaves first';
      return {
        writes: [{ key, value, ifRevision: stored?.revision ?? 0 }],
        event: eventOf('GROUP', spec.primary, 'WRITER_ORDERED', describe(`${instance}, ${how}`, order, null)),
      };
    });
  }

  /** An owned replica by its name, or a static reader by its host, as cordons name them. */
  async #findReader(spec: GroupSpec, server: string): Promise<{ readonly server: string } | Refusal> {
    const replicas = await this.#replicas(spec);
    const replica = replicas.find(({ name }) => name === server);
    if (replica?.state === 'deleting') return precondition(`${server} is being deleted: a cordon cannot stop that`);
    if (replica !== undefined) return { server };
    const fixed = spec.staticReaders.map(({ hostname, port }) => ({ hostname, named: `${hostname}:${port}` }));
    const known = fixed.filter(({ hostname, named }) => server === hostname || server === named);
    const [first] = known;
    if (known.length === 1 && first !== undefined) return { server: first.named };
    const names = [...replicas.map(({ name }) => name), ...fixed.map(({ named }) => named)].slice(0, 50);
    const allowed = `a reader of the group, by name or host:port: ${names.join(', ') || 'it has none'}`;
    return invalid([{ field: 'server', value: excerpt(server), allowed }]);
  }

  async #findInstance(spec: GroupSpec, name: string): Promise<{ readonly instance: CloudInstance } | Refusal> {
    let listing: CloudListing;
    try {
      listing = await this.#deps.cloud.listing(spec.project);
    } catch (error) {
      if (!(error instanceof CoordinatorError)) throw error;
      return precondition(`Cloud SQL has to be asked about ${excerpt(name)} first: ${error.message}`);
    }
    const instance = listing.instances.find((one) => one.name === name);
    if (instance !== undefined) return { instance };
    const why = listing.isComplete
      ? 'an instance'
      : `an instance (the list is incomplete: ${listing.warnings.join('; ')})`;
    return invalid([{ field: 'instance', value: excerpt(name), allowed: `${why} of project ${spec.project}` }]);
  }

  async #replicas({ name }: GroupSpec): Promise<readonly Replica[]> {
    return (await this.#deps.store.list(prefixes.replicas(name))).map(({ value }) => value);
  }

  async #otherGroupWith(spec: GroupSpec, primary: string): Promise<string | null> {
    const groups = await this.#deps.store.list(prefixes.groups);
    const other = groups.find(
      ({ value }) => value.name !== spec.name && value.project === spec.project && value.primary === primary,
    );
    return other?.value.name ?? null;
  }

  /** Reads, decides and writes again until nobody was in between. Bound to the group: one that is gone gets no order. */
  async #change(name: string, decide: (spec: GroupSpec) => Promise<Change | Refusal>): Promise<AdminResult<null>> {
    const { store, clock } = this.#deps;
    for (let tries = 0; tries < triesMax; tries += 1) {
      const group: Stored<GroupSpec> | null = await store.get(keys.group(name));
      if (group === null) return notFound(name);
      const change = await decide(group.value);
      if ('ok' in change) return change;
      const guard = { key: group.key, value: group.value, ifRevision: group.revision };
      const event = { atMs: clock.nowMs(), group: name, ...change.event };
      const result = await store.commit({ writes: [guard, ...change.writes], events: [event] });
      if (result.outcome === 'committed') return { ok: true, value: null };
    }
    return conflict(`group ${name} is being changed; try again`);
  }
}

function eventOf(kind: NewEvent['kind'], subject: string, reason: string, message: string): Change['event'] {
  return { kind, subject, reason, message };
}

function unknownReplica(replicas: readonly Replica[], name: string): Refusal {
  const names = replicas.map((replica) => replica.name).join(', ');
  const allowed = names === '' ? 'nothing: the group has no replicas of its own' : `one of ${names}`;
  const problem: Problem = { field: 'instance', value: excerpt(name), allowed };
  return invalid([problem]);
}

function notNow({ name, state, reason }: Replica): Refusal {
  if (state === 'draining') return precondition(`${name} is being released already`);
  return precondition(`${name} is ${state} (${reason}); only one that is there and stays can be released`);
}
