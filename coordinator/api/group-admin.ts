import type { Clock } from '../../process/clock.ts';
import { initialScaling } from '../core/autoscaler.ts';
import { type FleetSpec, type GroupSpec, parseFleetSpec, parseGroupSpec } from '../core/group-spec.ts';
import { settingsName } from '../core/fleet-settings.ts';
import { findImmutableChanges, findOverlaps } from '../core/overlaps.ts';
import { excerpt, type Problem, renderProblems } from '../core/problems.ts';
import { keys, type NewEvent, prefixes } from '../core/records.ts';
import { buildTombstone } from '../core/snapshot.ts';
import type { ContentHash, Store, Stored, Write } from '../ports.ts';

/** What an administrator's call came to. The servers map the codes to their own. */
export type AdminResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly code: AdminFaultCode; readonly message: string };

export type AdminFaultCode = 'INVALID' | 'NOT_FOUND' | 'CONFLICT' | 'PRECONDITION';

export type GroupAdminDeps = { readonly store: Store; readonly clock: Clock; readonly hash: ContentHash };

/** Declares and removes fleets and groups. Every front (gRPC, file, later HTTP) goes through it. */
export class GroupAdmin {
  readonly #deps: GroupAdminDeps;

  constructor(deps: GroupAdminDeps) {
    this.#deps = deps;
  }

  async putFleet(input: unknown): Promise<AdminResult<FleetSpec>> {
    const parsed = parseFleetSpec(input);
    if (!parsed.ok) return invalid(parsed.problems);
    const fleet = parsed.value;
    const { store, hash } = this.#deps;
    const stored = await store.get(keys.fleet(fleet.name));
    if (stored !== null && hash(stored.value) === hash(fleet)) return { ok: true, value: fleet };
    const event: NewEvent = {
      atMs: this.#deps.clock.nowMs(),
      group: settingsName(fleet.name),
      kind: 'FLEET',
      subject: fleet.name,
      reason: stored === null ? 'CREATED' : 'CHANGED',
      message: `cell ${fleet.cell}, ${Object.keys(fleet.variables).length} variables`,
    };
    const write: Write = { key: keys.fleet(fleet.name), value: fleet, ifRevision: null };
    await store.commit({ writes: [write], events: [event] });
    return { ok: true, value: fleet };
  }

  /** Creates or replaces a group. `expectedVersion` 0 accepts whatever is stored. */
  async putGroup(input: unknown, expectedVersion: number): Promise<AdminResult<Stored<GroupSpec>>> {
    const parsed = parseGroupSpec(input);
    if (!parsed.ok) return invalid(parsed.problems);
    const spec = parsed.value;
    const { store, hash } = this.#deps;
    const [fleet, groups] = await Promise.all([store.get(keys.fleet(spec.fleet)), store.list(prefixes.groups)]);
    const stored = groups.find(({ value }) => value.name === spec.name) ?? null;
    const overlaps = findOverlaps(
      spec,
      groups.map(({ value }) => value),
    );
    const unknown = fleet === null ? [unknownFleet(spec)] : [];
    const problems = [...overlaps, ...unknown, ...(await this.#findConflicts(spec, stored))];
    if (problems.length > 0) return invalid(problems);
    if (expectedVersion !== 0 && expectedVersion !== stored?.revision) {
      return conflict(`group ${spec.name} is at version ${stored?.revision ?? 0}, not ${expectedVersion}`);
    }
    if (stored !== null && hash(stored.value) === hash(spec)) return { ok: true, value: stored };
    return this.#storeGroup(spec, stored, fleet);
  }

  /** What of an earlier state of the group the new one does not agree with. */
  async #findConflicts(spec: GroupSpec, stored: Stored<GroupSpec> | null): Promise<Problem[]> {
    return stored === null ? this.#findUnfinished(spec) : findImmutableChanges(spec, stored.value);
  }

  /**
   * An agent that has not heard of a deletion yet would get only the new group: rows of the old one would stay in
   * hostgroups, or proxies, that the new one does not know.
   */
  async #findUnfinished(spec: GroupSpec): Promise<Problem[]> {
    const { store } = this.#deps;
    const tombstone = (await store.get(keys.snapshot(spec.name)))?.value;
    if (tombstone === undefined || tombstone.leaving.length === 0) return [];
    const fields = ['fleet', 'writerHostgroup', 'readerHostgroup'] as const;
    const voters = (await store.list(prefixes.voters(spec.name))).map(({ value }) => value.agentId);
    const allowed = (field: (typeof fields)[number]) =>
      `${JSON.stringify(tombstone[field])}, as before the group was deleted, until every proxy has proven that it is gone ` +
      `(on the roster: ${voters.slice(0, 20).join(', ')})`;
    return fields
      .filter((field) => spec[field] !== tombstone[field])
      .map((field) => ({ field, value: JSON.stringify(spec[field]), allowed: allowed(field) }));
  }

  async #storeGroup(
    spec: GroupSpec,
    stored: Stored<GroupSpec> | null,
    fleet: Stored<FleetSpec> | null,
  ): Promise<AdminResult<Stored<GroupSpec>>> {
    const key = keys.group(spec.name);
    const isNew = stored === null;
    const writes: Write[] = [{ key, value: spec, ifRevision: stored?.revision ?? 0 }];
    // One group of a fleet at a time: two that overlap would else both find the fleet free.
    if (fleet !== null) writes.push({ key: fleet.key, value: fleet.value, ifRevision: fleet.revision });
    if (isNew) {
      writes.push({ key: keys.scaling(spec.name), value: initialScaling(spec.policy), ifRevision: null });
      // Nothing of an earlier group of this name: another primary would get its address.
      writes.push({ key: keys.topology(spec.name), value: null, ifRevision: null });
      writes.push({ key: keys.decision(spec.name), value: null, ifRevision: null });
      writes.push(...dropOrders(spec.name));
    }
    const event = this.#event(spec.name, isNew ? 'CREATED' : 'CHANGED', `primary ${spec.primary}, fleet ${spec.fleet}`);
    const result = await this.#deps.store.commit({ writes, events: [event] });
    if (result.outcome !== 'committed') return conflict(`group ${spec.name} was changed by somebody else meanwhile`);
    return { ok: true, value: { key, value: spec, revision: result.revision } };
  }

  /** Removes a group from every proxy. Refused while it owns replicas: scale to 0 first, nothing is deleted in passing. */
  async deleteGroup(name: string): Promise<AdminResult<null>> {
    const { store, clock, hash } = this.#deps;
    const [group, scaling, snapshot] = await Promise.all([
      store.get(keys.group(name)),
      store.get(keys.scaling(name)),
      store.get(keys.snapshot(name)),
    ]);
    if (group === null) return notFound(name);
    const replicas = await store.list(prefixes.replicas(name));
    if (replicas.length > 0) {
      const names = replicas.map(({ value }) => value.name).join(', ');
      const message = `group ${name} still owns ${names}: set replicasMin to 0, scale it to 0 and wait until they are gone`;
      return { ok: false, code: 'PRECONDITION', message };
    }
    const incidents = await store.list(prefixes.incidents(name));
    const cordons = await store.list(prefixes.cordons(name));
    const writes: Write[] = [
      { key: group.key, value: null, ifRevision: group.revision },
      { key: keys.scaling(name), value: null, ifRevision: scaling?.revision ?? 0 },
      { key: keys.decision(name), value: null, ifRevision: null },
      { key: keys.topology(name), value: null, ifRevision: null },
      ...dropOrders(name),
      ...cordons.map(({ key }): Write => ({ key, value: null, ifRevision: null })),
      ...incidents.map(({ key }): Write => ({ key, value: null, ifRevision: null })),
    ];
    // Also for a group that was never published: a publisher that is on its way meets the tombstone and stops.
    const previous = snapshot?.value ?? neverPublished(group.value);
    const content = buildTombstone(previous);
    const published = {
      group: name,
      fleet: previous.fleet,
      revision: previous.revision + 1,
      hash: hash(content),
      committedAtMs: clock.nowMs(),
    };
    const value = { ...content, ...published };
    writes.push({ key: keys.snapshot(name), value, ifRevision: snapshot?.revision ?? 0 });
    const result = await store.commit({ writes, events: [this.#event(name, 'DELETED', '')] });
    return result.outcome === 'committed'
      ? { ok: true, value: null }
      : conflict(`group ${name} is being changed; try again`);
  }

  #event(group: string, reason: string, message: string): NewEvent {
    return { atMs: this.#deps.clock.nowMs(), group, kind: 'GROUP', subject: group, reason, message };
  }
}

/** A pause or a count that was held was meant for the group that is gone. */
function dropOrders(name: string): Write[] {
  return [keys.pauses(name), keys.override(name), keys.writerOrder(name)].map((key) => ({
    key,
    value: null,
    ifRevision: null,
  }));
}

function unknownFleet(spec: GroupSpec): Problem {
  return { field: 'fleet', value: JSON.stringify(spec.fleet), allowed: 'the name of a declared fleet' };
}

/** Refuses a call because of fields, each named with its value and what is allowed. */
export function invalid(problems: readonly Problem[]): { ok: false; code: 'INVALID'; message: string } {
  return { ok: false, code: 'INVALID', message: renderProblems(problems) };
}

export function notFound(name: string): { ok: false; code: 'NOT_FOUND'; message: string } {
  return { ok: false, code: 'NOT_FOUND', message: `group ${excerpt(name)} is not declared` };
}

function neverPublished({ fleet, writerHostgroup, readerHostgroup }: GroupSpec) {
  return { fleet, writerHostgroup, readerHostgroup, servers: [], leaving: [], revision: 0 };
}

/** Somebody else changed what was read: the caller may try again. */
export function conflict(message: string): { ok: false; code: 'CONFLICT'; message: string } {
  return { ok: false, code: 'CONFLICT', message };
}
