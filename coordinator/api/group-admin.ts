import type { Clock } from '../../process/clock.ts';
import { type FleetSpec, type GroupSpec, parseFleetSpec, parseGroupSpec } from '../core/group-spec.ts';
import { type Author, nobody, pastOfDeletedMax } from '../core/history.ts';
import { keys, type NewEvent, prefixes } from '../core/records.ts';
import { buildTombstone } from '../core/snapshot.ts';
import type { ContentHash, Store, Stored, Write } from '../ports.ts';
import { type AdminResult, conflict, invalid, notFound, precondition, unknown } from './admin-result.ts';
import { dropOrders } from './declaration-writes.ts';
import { parseSet, type RawSet } from './declared-set.ts';
import { type CheckedSet, type DeclaredGroup, GroupDeclarations } from './group-declarations.ts';
import { pastWrites } from './past-declarations.ts';

export type GroupAdminDeps = { readonly store: Store; readonly clock: Clock; readonly hash: ContentHash };

/** Declares and removes fleets and groups. Every front (gRPC, file, HTTP) goes through it. */
export class GroupAdmin {
  readonly #deps: GroupAdminDeps;
  readonly #declarations: GroupDeclarations;

  constructor(deps: GroupAdminDeps) {
    this.#deps = deps;
    this.#declarations = new GroupDeclarations(deps);
  }

  /** All groups that are declared, by name; from memory, as true as the store's last word. */
  list(): Promise<readonly Stored<GroupSpec>[]> {
    return this.#declarations.list();
  }

  async putFleet(input: unknown, author = nobody): Promise<AdminResult<FleetSpec>> {
    const parsed = parseFleetSpec(input);
    if (!parsed.ok) return invalid(parsed.problems);
    const spec = parsed.value;
    const declared = await this.#declarations.declare({ fleets: [{ path: '', spec }], groups: [] }, author);
    return declared.ok ? { ok: true, value: spec } : declared;
  }

  /** Creates or replaces a group. `expectedVersion` 0 accepts whatever is stored. */
  putGroup(input: unknown, expectedVersion: number, author = nobody): Promise<AdminResult<Stored<GroupSpec>>> {
    return this.#putOne(input, expectedVersion === 0 ? null : expectedVersion, author);
  }

  /** Creates a group, and refuses where it is declared. */
  createGroup(input: unknown, author = nobody): Promise<AdminResult<Stored<GroupSpec>>> {
    return this.#putOne(input, 0, author);
  }

  /** Declares a group as it was once. */
  rollBack(spec: GroupSpec, expectedVersion: number | null, author: Author): Promise<AdminResult<Stored<GroupSpec>>> {
    return this.#putOne(spec, expectedVersion, author, 'ROLLED_BACK');
  }

  async #putOne(
    input: unknown,
    expectedVersion: number | null,
    author: Author,
    change?: 'ROLLED_BACK',
  ): Promise<AdminResult<Stored<GroupSpec>>> {
    const parsed = parseGroupSpec(input);
    if (!parsed.ok) return invalid(parsed.problems);
    const group: DeclaredGroup = { path: '', spec: parsed.value, expectedVersion };
    const declared = await this.#declarations.declare({ fleets: [], groups: [group] }, author, change);
    if (!declared.ok) return declared;
    const stored = declared.value.groups[0]?.stored ?? null;
    return stored === null ? conflict(`group ${group.spec.name} is not there any more`) : { ok: true, value: stored };
  }

  /** Says what a set would come to; writes nothing. */
  async check(set: RawSet): Promise<AdminResult<CheckedSet>> {
    const parsed = parseSet(set);
    return parsed.ok ? this.#declarations.check(parsed.value) : parsed;
  }

  /** Declares a set in one commit, or nothing of it. */
  async declare(set: RawSet, author: Author): Promise<AdminResult<CheckedSet>> {
    const parsed = parseSet(set);
    return parsed.ok ? this.#declarations.declare(parsed.value, author) : parsed;
  }

  /** Removes a fleet that nothing is in. `isServed`: whether one of its agents is connected. */
  async deleteFleet(name: string, isServed: boolean): Promise<AdminResult<null>> {
    const { store, clock } = this.#deps;
    const [fleet, settings] = await Promise.all([store.get(keys.fleet(name)), store.get(keys.settings(name))]);
    if (fleet === null) return unknown('fleet', name, `fleet ${JSON.stringify(name.slice(0, 80))} is not declared`);
    const groups = (await store.list(prefixes.groups)).filter(({ value }) => value.fleet === name);
    if (groups.length > 0) {
      const names = groups.slice(0, 10).map(({ value }) => value.name);
      return precondition(`fleet ${name} still has ${groups.length} groups: ${names.join(', ')}`, 'FLEET_IN_USE');
    }
    if (isServed) return precondition(`fleet ${name} still has agents that are connected`, 'FLEET_IN_USE');
    const event: NewEvent = {
      ...{ atMs: clock.nowMs(), group: `fleet:${name}`, kind: 'FLEET' as const },
      ...{ subject: name, reason: 'DELETED', message: '' },
    };
    const writes: Write[] = [{ key: fleet.key, value: null, ifRevision: fleet.revision }];
    if (settings !== null) writes.push({ key: settings.key, value: null, ifRevision: settings.revision });
    const result = await store.commit({ writes, events: [event] });
    if (result.outcome !== 'committed') return conflict(`fleet ${name} was changed by somebody else meanwhile`);
    return { ok: true, value: null };
  }

  /** Removes a group from every proxy. Refused while it owns replicas: scale to 0 first, nothing is deleted in passing. */
  async deleteGroup(name: string, author = nobody): Promise<AdminResult<null>> {
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
      return precondition(message, 'GROUP_OWNS_REPLICAS');
    }
    const incidents = await store.list(prefixes.incidents(name));
    const cordons = await store.list(prefixes.cordons(name));
    const removals = await store.list(prefixes.removals(name));
    const writes: Write[] = [
      { key: group.key, value: null, ifRevision: group.revision },
      { key: keys.scaling(name), value: null, ifRevision: scaling?.revision ?? 0 },
      { key: keys.decision(name), value: null, ifRevision: null },
      { key: keys.topology(name), value: null, ifRevision: null },
      ...dropOrders(name),
      ...(await pastWrites(
        store,
        { ...author, spec: group.value, change: 'DELETED', atMs: clock.nowMs() },
        pastOfDeletedMax,
      )),
      ...removals.map(({ key }): Write => ({ key, value: null, ifRevision: null })),
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

function neverPublished({ fleet, writerHostgroup, readerHostgroup }: GroupSpec) {
  return { fleet, writerHostgroup, readerHostgroup, servers: [], leaving: [], revision: 0 };
}
