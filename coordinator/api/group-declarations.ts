import type { Clock } from '../../process/clock.ts';
import { initialScaling } from '../core/autoscaler.ts';
import type { FleetSpec, GroupSpec } from '../core/group-spec.ts';
import type { Author } from '../core/history.ts';
import { findImmutableChanges, findOverlaps } from '../core/overlaps.ts';
import type { Problem } from '../core/problems.ts';
import { keys, type NewEvent, prefixes } from '../core/records.ts';
import type { ContentHash, Store, Stored, Write } from '../ports.ts';
import { type AdminFault, type AdminResult, conflict, invalid } from './admin-result.ts';
import { dropOrders, type FleetChange, fleetEvent, fleetWrites, type GroupChange } from './declaration-writes.ts';
import { pastWrites } from './past-declarations.ts';
import { StoreMirror } from './store-mirror.ts';

export type GroupDeclarationsDeps = { readonly store: Store; readonly clock: Clock; readonly hash: ContentHash };

/** What somebody declares at once; `path` begins the names of its fields in a refusal. */
export type DeclaredSet = {
  readonly fleets: readonly { readonly path: string; readonly spec: FleetSpec }[];
  readonly groups: readonly DeclaredGroup[];
};

export type DeclaredGroup = {
  readonly path: string;
  readonly spec: GroupSpec;
  /** Null: whatever is stored; 0: it must not be there. */
  readonly expectedVersion: number | null;
};

/** What a set comes to, against what is stored. */
export type CheckedSet = {
  readonly fleets: readonly FleetChange[];
  readonly groups: readonly GroupChange[];
  /** Fleets of the groups as they were read: one that changes meanwhile may hold something that overlaps. */
  readonly guards: readonly Stored<FleetSpec>[];
};

const triesMax = 5;
const waitingMax = 1000;

/**
 * Takes declarations, all of a set or none. One set at a time in this process; another coordinator's is noticed by the
 * record of the fleet, which every declaration of a group writes too.
 */
export class GroupDeclarations {
  readonly #deps: GroupDeclarationsDeps;
  readonly #groups: StoreMirror<GroupSpec>;
  /** The revision of a fleet's record at which the mirror was known to hold all its groups. */
  readonly #wholeAt = new Map<string, number>();
  #turn: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(deps: GroupDeclarationsDeps) {
    this.#deps = deps;
    this.#groups = new StoreMirror(deps.store, prefixes.groups);
  }

  /** All groups that are declared, by name. */
  list(): Promise<readonly Stored<GroupSpec>[]> {
    return this.#groups.list();
  }

  /** Declares a set: what is refused is refused whole. Waits for those who came first. */
  declare(set: DeclaredSet, author: Author, change?: 'ROLLED_BACK'): Promise<AdminResult<CheckedSet>> {
    if (this.#waiting >= waitingMax) {
      return Promise.resolve(conflict(`${waitingMax} declarations wait already; try again`));
    }
    this.#waiting += 1;
    const answer = this.#turn.then(() => this.#declare(set, author, change));
    this.#turn = answer
      .catch(() => undefined)
      .finally(() => {
        this.#waiting -= 1;
      });
    return answer;
  }

  async #declare(set: DeclaredSet, author: Author, change?: 'ROLLED_BACK'): Promise<AdminResult<CheckedSet>> {
    for (let tries = 0; tries < triesMax; tries += 1) {
      const checked = await this.check(set);
      if (!checked.ok) return checked;
      const committed = await this.#commit(checked.value, author, change);
      if (committed !== null) return { ok: true, value: committed };
    }
    const names = set.groups.map(({ spec }) => spec.name).slice(0, 5);
    return conflict(`group ${names.join(', ')} was changed by somebody else meanwhile`);
  }

  /** Says what a set comes to, or everything that is wrong with it. Writes nothing. */
  async check({ fleets, groups }: DeclaredSet): Promise<AdminResult<CheckedSet>> {
    const { store } = this.#deps;
    const fleetNames = new Set([...fleets.map(({ spec }) => spec.name), ...groups.map(({ spec }) => spec.fleet)]);
    const storedFleets = new Map<string, Stored<FleetSpec> | null>();
    await Promise.all([...fleetNames].map(async (name) => storedFleets.set(name, await store.get(keys.fleet(name)))));
    const storedGroups = await Promise.all(groups.map(({ spec }) => store.get(keys.group(spec.name))));
    const others = await this.#othersOf(storedFleets, groups);
    const problems: Problem[] = [];
    for (const [index, group] of groups.entries()) {
      const stored = storedGroups[index] ?? null;
      const isFleetKnown =
        storedFleets.get(group.spec.fleet) !== null || fleets.some(({ spec }) => spec.name === group.spec.fleet);
      const found = [
        ...findOverlaps(group.spec, others.get(group.spec.fleet) ?? []),
        ...(isFleetKnown ? [] : [unknownFleet(group.spec)]),
        ...(stored === null ? await this.#findUnfinished(group.spec) : findImmutableChanges(group.spec, stored.value)),
      ];
      problems.push(...found.map((one) => ({ ...one, field: group.path + one.field })));
    }
    if (problems.length > 0) return invalid(problems);
    const refused = groups
      .map((group, index) => refusalOf(group, storedGroups[index] ?? null))
      .find((one) => one !== null);
    if (refused !== undefined) return refused;
    const fleetChanges = fleets.map(({ spec }) => this.#changeOf(spec, storedFleets.get(spec.name) ?? null));
    return {
      ok: true,
      value: {
        fleets: fleetChanges,
        groups: groups.map(({ spec }, index) => this.#changeOf(spec, storedGroups[index] ?? null)),
        guards: [...storedFleets.values()].filter(
          (fleet) =>
            fleet !== null &&
            !fleetChanges.some(({ spec, change }) => change !== 'none' && spec.name === fleet.value.name),
        ) as Stored<FleetSpec>[],
      },
    };
  }

  #changeOf<T extends FleetSpec | GroupSpec>(spec: T, stored: Stored<T> | null) {
    const { hash } = this.#deps;
    if (stored === null) return { spec, stored, change: 'create' as const };
    return { spec, stored, change: hash(stored.value) === hash(spec) ? ('none' as const) : ('change' as const) };
  }

  /** The groups of each fleet as they would be. */
  async #othersOf(
    fleets: ReadonlyMap<string, Stored<FleetSpec> | null>,
    declared: readonly DeclaredGroup[],
  ): Promise<ReadonlyMap<string, readonly GroupSpec[]>> {
    const stored = await this.#wholeList(fleets);
    const replaced = new Set(declared.map(({ spec }) => spec.name));
    const byFleet = new Map<string, GroupSpec[]>([...fleets.keys()].map((name) => [name, []]));
    for (const { value } of stored) {
      const others = byFleet.get(value.fleet);
      if (others !== undefined && !replaced.has(value.name)) others.push(value);
    }
    for (const { spec } of declared) byFleet.get(spec.fleet)?.push(spec);
    return byFleet;
  }

  /** The mirror, at least as new as the fleets' records, which were read before. */
  async #wholeList(fleets: ReadonlyMap<string, Stored<FleetSpec> | null>): Promise<readonly Stored<GroupSpec>[]> {
    let list = await this.#groups.list();
    const newest = new Map<string, number>();
    for (const { value, revision } of list) {
      if (fleets.has(value.fleet) && revision > (newest.get(value.fleet) ?? 0)) newest.set(value.fleet, revision);
    }
    const isWhole = ([name, fleet]: [string, Stored<FleetSpec> | null]) =>
      fleet === null || fleet.revision <= Math.max(newest.get(name) ?? 0, this.#wholeAt.get(name) ?? 0);
    if (![...fleets].every(isWhole)) {
      this.#groups.forget();
      list = await this.#groups.list();
    }
    for (const [name, fleet] of fleets) if (fleet !== null) this.#wholeAt.set(name, fleet.revision);
    return list;
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

  /** Null when somebody was in between. */
  async #commit(checked: CheckedSet, author: Author, change?: 'ROLLED_BACK'): Promise<CheckedSet | null> {
    const { store, clock } = this.#deps;
    const groups = checked.groups.filter((group) => group.change !== 'none');
    const fleets = checked.fleets.filter((fleet) => fleet.change !== 'none');
    if (groups.length === 0 && fleets.length === 0) return checked;
    const writes: Write[] = fleets.flatMap(fleetWrites);
    const events: NewEvent[] = fleets.map(({ spec, change: how }) => fleetEvent(spec, how, clock.nowMs()));
    const touched = new Set(groups.map(({ spec }) => spec.fleet));
    // One group of a fleet at a time: two that overlap would else both find the fleet free.
    const guards = checked.guards.filter(({ value }) => touched.has(value.name));
    writes.push(...guards.map(({ key, value, revision }) => ({ key, value, ifRevision: revision })));
    for (const group of groups) {
      writes.push(...groupWrites(group));
      const how = change ?? (group.stored === null ? 'CREATED' : 'CHANGED');
      writes.push(...(await pastWrites(store, { ...author, spec: group.spec, change: how, atMs: clock.nowMs() })));
      events.push(groupEvent(group.spec, how, clock.nowMs()));
    }
    const result = await store.commit({ writes, events });
    if (result.outcome !== 'committed') return null;
    const stored = (one: GroupChange): GroupChange =>
      one.change === 'none'
        ? one
        : { ...one, stored: { key: keys.group(one.spec.name), value: one.spec, revision: result.revision } };
    return { ...checked, groups: checked.groups.map(stored) };
  }
}

function groupWrites({ spec, stored }: GroupChange): Write[] {
  const write = { key: keys.group(spec.name), value: spec, ifRevision: stored?.revision ?? 0 };
  if (stored !== null) return [write];
  return [
    write,
    { key: keys.scaling(spec.name), value: initialScaling(spec.policy), ifRevision: null },
    // Nothing of an earlier group of this name: another primary would get its address.
    { key: keys.topology(spec.name), value: null, ifRevision: null },
    { key: keys.decision(spec.name), value: null, ifRevision: null },
    ...dropOrders(spec.name),
  ];
}

function refusalOf({ spec, expectedVersion }: DeclaredGroup, stored: Stored<GroupSpec> | null): AdminFault | null {
  const version = stored?.revision ?? 0;
  if (expectedVersion === null || expectedVersion === version) return null;
  const resource = { type: 'group', name: spec.name };
  if (expectedVersion === 0) {
    const message = `group ${spec.name} is declared already, at version ${version}`;
    return { ok: false, code: 'ALREADY_EXISTS', message, resource };
  }
  const message = `group ${spec.name} is at version ${version}, not ${expectedVersion}`;
  return { ...conflict(message), reason: 'VERSION_CHANGED', resource };
}

function unknownFleet(spec: GroupSpec): Problem {
  return { field: 'fleet', value: JSON.stringify(spec.fleet), allowed: 'the name of a declared fleet' };
}

function groupEvent({ name, primary, fleet }: GroupSpec, reason: string, atMs: number): NewEvent {
  return { atMs, group: name, kind: 'GROUP', subject: name, reason, message: `primary ${primary}, fleet ${fleet}` };
}
