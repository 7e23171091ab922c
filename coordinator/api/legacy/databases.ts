import { type Clock, sleep } from '../../../process/clock.ts';
import { type GroupSpec, parseGroupSpec } from '../../core/group-spec.ts';
import {
  declareDatabase,
  type LegacyLive,
  type LegacySettings,
  modifyDatabase,
  modifyRule,
  renderAdded,
  renderDatabase,
} from '../../core/legacy-databases.ts';
import { type Declared, secretsOf } from '../../core/legacy-passwords.ts';
import { addUser, modifyUser, removeUser, renderUser, unknownUser } from '../../core/legacy-users.ts';
import { declareTls, type TlsPart } from '../../core/legacy-tls.ts';
import type {
  AddDatabase,
  AddDatabaseAnswer,
  AddUser,
  InstanceData,
  LegacyRule,
  LegacyUser,
  ModifyDatabase,
  ModifyUser,
} from '../../core/legacy-shapes.ts';
import type { Parsed } from '../../core/problems.ts';
import type { Author } from '../../core/history.ts';
import { keys, prefixes } from '../../core/records.ts';
import type { CloudListings, Store, Stored } from '../../ports.ts';
import { type AdminResult, invalid, notFound } from '../admin-result.ts';
import type { GroupAdmin } from '../group-admin.ts';
import type { ServerAdmin } from '../server-admin.ts';
import type { PasswordKeeper } from './password-keeper.ts';

export type LegacyDatabasesDeps = {
  readonly store: Store;
  readonly clock: Clock;
  readonly groups: Pick<GroupAdmin, 'list' | 'check' | 'putFleet' | 'putGroup' | 'createGroup' | 'deleteGroup'>;
  readonly servers: Pick<ServerAdmin, 'checkDeclared'>;
  readonly cloud: CloudListings;
  readonly passwords: Pick<PasswordKeeper, 'keep'>;
};

/** Somebody else changes the group at the same moment: read again, decide again. */
const triesMax = 5;

/** An address that the coordinator has not verified yet is asked of Cloud SQL, for so long. */
const patienceMs = 3000;

/** The databases of the old API, on top of the groups: each call reads a group, declares it anew, and puts it. */
export class LegacyDatabases {
  readonly #deps: LegacyDatabasesDeps;
  readonly #settings: LegacySettings;

  constructor(deps: LegacyDatabasesDeps, settings: LegacySettings) {
    this.#deps = deps;
    this.#settings = settings;
  }

  /** All databases that `sees` lets through, by name. */
  async list(isFiltered: boolean, sees: (group: string) => boolean): Promise<readonly InstanceData[]> {
    const { store } = this.#deps;
    const [groups, topologies, replicas] = await Promise.all([
      this.#deps.groups.list(),
      store.list(prefixes.topologies),
      store.list(prefixes.allReplicas),
    ]);
    const primaryAddresses = new Map<string, string>(
      topologies.map(({ key, value }) => [key.slice(prefixes.topologies.length), value.primaryAddress]),
    );
    const replicaAddresses = new Map<string, string[]>();
    for (const { value } of replicas) {
      if (value.state !== 'serving') continue;
      replicaAddresses.set(value.group, [...(replicaAddresses.get(value.group) ?? []), value.address]);
    }
    return groups
      .filter(({ value }) => sees(value.name))
      .map(({ value }) => {
        const primaryAddress = primaryAddresses.get(value.name) ?? '';
        const live = { primaryAddress, replicaAddresses: replicaAddresses.get(value.name) ?? [] };
        return renderDatabase(value, live, isFiltered);
      });
  }

  async get(name: string, isFiltered: boolean): Promise<AdminResult<InstanceData>> {
    const stored = await this.#read(name);
    if (stored === null) return notFound(name);
    return { ok: true, value: renderDatabase(stored.value, await this.#live(stored.value), isFiltered) };
  }

  /** Adds a database, or declares one that there is anew, as the old API did. */
  async add(request: AddDatabase, author: Author): Promise<AdminResult<AddDatabaseAnswer>> {
    const result = await this.#change({ name: request.instance_name, author }, async (before, taken) => {
      const declared = declareDatabase(request, this.#settings, before, taken);
      if (!declared.ok) return declared;
      const { name: primary, ip_address: address } = request.master_instance;
      const problems = await this.#findOtherAddress({ primary, address, project: this.#projectOf(before) });
      if (problems.length > 0) return { ok: false, problems };
      const given = { certificate: request.cert_data, key: request.key_data };
      return { ok: true, value: declareTls(given, declared.value, before, taken) };
    });
    return result.ok ? { ok: true, value: renderAdded(result.value) } : result;
  }

  modify(request: ModifyDatabase, author: Author): Promise<AdminResult<null>> {
    return this.#modify({ name: request.instance_name, author }, (before, taken) =>
      modifyDatabase(request, before, taken),
    );
  }

  remove(name: string, author: Author): Promise<AdminResult<null>> {
    return this.#deps.groups.deleteGroup(name, author);
  }

  modifyRule(of: Of, id: number, rule: LegacyRule): Promise<AdminResult<null>> {
    return this.#modify(of, (before) => modifyRule(id, rule, before));
  }

  async getUser(name: string, username: string): Promise<AdminResult<LegacyUser>> {
    const stored = await this.#read(name);
    if (stored === null) return notFound(name);
    const user = renderUser(username, stored.value);
    return user === null ? invalid([unknownUser(username)]) : { ok: true, value: user };
  }

  addUser(of: Of, request: AddUser): Promise<AdminResult<null>> {
    return this.#modify(of, (before, taken) => addUser(request, before, taken));
  }

  modifyUser(of: Of, request: ModifyUser): Promise<AdminResult<null>> {
    return this.#modify(of, (before, taken) => modifyUser(request, before, taken));
  }

  removeUser(of: Of, username: string): Promise<AdminResult<null>> {
    return this.#modify(of, (before) => ({ ok: true, value: removeUser(username, before) }));
  }

  /** Keeps a client key or certificate; the group uses the pair once both are there and it uses TLS. */
  setTls(of: Of, part: TlsPart): Promise<AdminResult<null>> {
    return this.#modify(of, (before, taken) => ({
      ok: true,
      value: declareTls(part, { spec: before, passwords: [] }, before, taken),
    }));
  }

  async #modify(
    of: Of,
    declare: (before: GroupSpec, taken: ReadonlySet<string>) => Parsed<Declared>,
  ): Promise<AdminResult<null>> {
    const result = await this.#change(of, (before, taken) => {
      return Promise.resolve(before === null ? notFound(of.name) : declare(before, taken));
    });
    return result.ok ? { ok: true, value: null } : result;
  }

  async #change(
    { name, author }: Of,
    declare: (before: GroupSpec | null, taken: ReadonlySet<string>) => Promise<Parsed<Declared> | AdminFailure>,
  ): Promise<AdminResult<GroupSpec>> {
    for (let count = 1; ; count += 1) {
      const stored = await this.#read(name);
      const declared = await declare(stored?.value ?? null, await this.#secretsOfOthers(name));
      if (!declared.ok) return 'problems' in declared && !('code' in declared) ? invalid(declared.problems) : declared;
      const result = await this.#put(declared.value, stored, author);
      if (result.ok || !isOvertaken(result) || count === triesMax) return result;
    }
  }

  /** Puts what was made of exactly the group that was read. A password is kept before the group that names it. */
  async #put(
    { spec, passwords }: Declared,
    stored: Stored<GroupSpec> | null,
    author: Author,
  ): Promise<AdminResult<GroupSpec>> {
    const { groups, servers } = this.#deps;
    const parsed = parseGroupSpec(spec);
    if (!parsed.ok) return invalid(parsed.problems);
    const refused = (await servers.checkDeclared(spec)) ?? (await this.#checkChange(spec, stored));
    if (refused !== null) return refused;
    const unkept = await this.#keep(passwords);
    if (unkept !== null) return unkept;
    if (stored === null) {
      const fleet = await this.#addFleet(parsed.value.fleet, author);
      if (!fleet.ok) return fleet;
    }
    const result = await (stored === null
      ? groups.createGroup(spec, author)
      : groups.putGroup(spec, stored.revision, author));
    return result.ok ? { ok: true, value: result.value.value } : result;
  }

  /** What is against a change of a group: a password counts at once, so none is kept for a change that is refused. */
  async #checkChange(spec: unknown, stored: Stored<GroupSpec> | null): Promise<AdminFailure | null> {
    if (stored === null) return null;
    const group = { spec, expectedVersion: stored.revision };
    const checked = await this.#deps.groups.check({ fleets: [], groups: [group] });
    return checked.ok ? null : checked;
  }

  async #keep(passwords: Declared['passwords']): Promise<AdminFailure | null> {
    for (const { secret, value } of passwords) {
      const allowed = await this.#deps.passwords.keep(secret, value);
      if (allowed !== null) return invalid([{ field: 'password', value: '(hidden)', allowed }]);
    }
    return null;
  }

  async #secretsOfOthers(name: string): Promise<ReadonlySet<string>> {
    const groups = await this.#deps.groups.list();
    return new Set(groups.flatMap(({ value }) => (value.name === name ? [] : secretsOf(value))));
  }

  async #addFleet(name: string, author: Author): Promise<AdminResult<unknown>> {
    const { store, groups } = this.#deps;
    if ((await store.get(keys.fleet(name))) !== null) return { ok: true, value: null };
    return groups.putFleet({ name, cell: this.#settings.cell }, author);
  }

  #read(name: string): Promise<Stored<GroupSpec> | null> {
    return this.#deps.store.get(keys.group(name));
  }

  async #live(spec: GroupSpec): Promise<LegacyLive> {
    const { store } = this.#deps;
    const [topology, replicas] = await Promise.all([
      store.get(keys.topology(spec.name)),
      store.list(prefixes.replicas(spec.name)),
    ]);
    const primaryAddress =
      topology?.value.primaryAddress ?? (await this.#listedAddress(spec.project, spec.primary)) ?? '';
    const replicaAddresses = replicas.flatMap(({ value }) => (value.state === 'serving' ? [value.address] : []));
    return { primaryAddress, replicaAddresses };
  }

  #projectOf(before: GroupSpec | null): string {
    return before?.project ?? this.#settings.project;
  }

  /** Proxies are sent where Cloud SQL says that the primary is: another address in the request would be a lie. */
  async #findOtherAddress(given: { readonly project: string; readonly primary: string; readonly address: string }) {
    if (given.address === '') return [];
    const listed = await this.#listedAddress(given.project, given.primary);
    if (listed === null || listed === given.address) return [];
    const allowed = `${listed}, where Cloud SQL has ${given.primary}`;
    return [{ field: 'master_instance.ip_address', value: JSON.stringify(given.address.slice(0, 80)), allowed }];
  }

  /** Null when Cloud SQL does not tell within a moment. */
  async #listedAddress(project: string, primary: string): Promise<string | null> {
    const { cloud, clock } = this.#deps;
    const patience = sleep(clock, patienceMs).then(() => null);
    const asked = cloud.listing(project).catch(() => null);
    const listing = await Promise.race([asked, patience]);
    return listing?.instances.find(({ name }) => name === primary)?.address ?? null;
  }
}

type AdminFailure = Extract<AdminResult<unknown>, { ok: false }>;

/** A database, and who changes it. */
type Of = { readonly name: string; readonly author: Author };

/** What was read is not what is there any more. */
function isOvertaken({ code }: AdminFailure): boolean {
  return code === 'CONFLICT' || code === 'ALREADY_EXISTS';
}
