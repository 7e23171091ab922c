import type { ApplyGroupsRequest__Output } from '../../proto/gen/chester/v1/ApplyGroupsRequest.ts';
import type { ApplyGroupsResponse } from '../../proto/gen/chester/v1/ApplyGroupsResponse.ts';
import type { GroupPlan as WireGroupPlan } from '../../proto/gen/chester/v1/GroupPlan.ts';
import type { PlanGroupsRequest__Output } from '../../proto/gen/chester/v1/PlanGroupsRequest.ts';
import type { PlanGroupsResponse } from '../../proto/gen/chester/v1/PlanGroupsResponse.ts';
import type { FieldChange as WireField } from '../../proto/gen/chester/v1/FieldChange.ts';
import type { RowChange as WireRow } from '../../proto/gen/chester/v1/RowChange.ts';
import type { Clock } from '../../process/clock.ts';
import type { Credentials } from '../core/credentials.ts';
import { planGroupChange } from '../core/group-plan.ts';
import type { GroupSpec } from '../core/group-spec.ts';
import type { Author } from '../core/history.ts';
import { keys, prefixes } from '../core/records.ts';
import { diffTables, type FieldChange, type RowChange } from '../core/row-changes.ts';
import type { ContentHash, ProxySecrets, Store, Stored } from '../ports.ts';
import { type AdminFault, type AdminResult, invalid } from './admin-result.ts';
import type { FleetChange, GroupChange } from './declaration-writes.ts';
import type { RawSet } from './declared-set.ts';
import type { GroupAdmin } from './group-admin.ts';
import type { LiveProjects } from './live-view.ts';
import type { ServerAdmin } from './server-admin.ts';
import { readFleetSpec, readSpec } from './spec-wire.ts';

export type PlanAdminDeps = {
  readonly store: Store;
  readonly clock: Clock;
  readonly hash: ContentHash;
  readonly admin: GroupAdmin;
  readonly servers: Pick<ServerAdmin, 'checkDeclared'>;
  readonly projects: LiveProjects;
  readonly secrets: ProxySecrets;
};

/** Shows what a set of declarations would do, and does it. */
export class PlanAdmin {
  readonly #deps: PlanAdminDeps;

  constructor(deps: PlanAdminDeps) {
    this.#deps = deps;
  }

  async plan({ fleets, groups }: PlanGroupsRequest__Output): Promise<AdminResult<PlanGroupsResponse>> {
    const set: RawSet = {
      fleets: fleets.map(readFleetSpec),
      groups: groups.map((spec) => ({ spec: readSpec(spec), expectedVersion: null })),
    };
    const checked = await this.#deps.admin.check(set);
    if (!checked.ok) return checked;
    const refused = await this.#checkCloud(set);
    if (refused !== null) return refused;
    const planned = await Promise.all(checked.value.groups.map((group) => this.#planOne(group)));
    return { ok: true, value: { fleets: checked.value.fleets.map(planFleet), groups: planned } };
  }

  async apply(request: ApplyGroupsRequest__Output, author: Author): Promise<AdminResult<ApplyGroupsResponse>> {
    const { fleets, groups, owner, reason } = request;
    const set: RawSet = {
      fleets: fleets.map(readFleetSpec),
      groups: groups.map(({ spec, expectedVersion = null }) => ({ spec: readSpec(spec), expectedVersion })),
    };
    const by = { who: author.who === '' ? owner : author.who, reason: reason === '' ? author.reason : reason };
    const refused = await this.#checkCloud(set);
    if (refused !== null) return refused;
    const declared = await this.#deps.admin.declare(set, by);
    if (!declared.ok) return declared;
    const changed = declared.value.fleets.filter(({ change }) => change !== 'none');
    const applied = declared.value.groups.map(({ spec, stored, change }) => ({
      ...{ name: spec.name, change },
      version: stored?.revision ?? 0,
    }));
    return { ok: true, value: { groups: applied, fleets: changed.map(({ spec }) => spec.name) } };
  }

  /** What Cloud SQL says against any of a set. */
  async #checkCloud({ groups }: RawSet): Promise<AdminFault | null> {
    const checks = await Promise.all(groups.map(({ spec }) => this.#deps.servers.checkDeclared(spec)));
    const problems = checks.flatMap((check, index) =>
      (check?.problems ?? []).map((problem) => ({ ...problem, field: `groups.${index}.${problem.field}` })),
    );
    return problems.length === 0 ? null : invalid(problems);
  }

  async #planOne({ spec, stored, change }: GroupChange): Promise<WireGroupPlan> {
    const { store, clock, hash } = this.#deps;
    const { name } = spec;
    const [scaling, topology, published, replicas, cordons, credentials] = await Promise.all([
      store.get(keys.scaling(name)),
      store.get(keys.topology(name)),
      store.get(keys.snapshot(name)),
      store.list(prefixes.replicas(name)),
      store.list(prefixes.cordons(name)),
      this.#readCredentials(spec),
    ]);
    const known = stored === null ? null : topology;
    const inputs = {
      ...{ spec, credentials, stored: valueOf(stored), scaling: valueOf(scaling) },
      ...{ topology: valueOf(known), published: valueOf(published) },
      replicas: replicas.map(({ value }) => value),
      cordons: cordons.map(({ value }) => value),
      primaryAddress: known === null ? await this.#primaryAddress(spec) : null,
    };
    const plan = planGroupChange(inputs, hash, clock.nowMs());
    const rows = plan.rows.map(renderRow);
    const fields = plan.fields.map(renderField);
    return { name, change, version: stored?.revision ?? 0, rows, fields, cloud: plan.cloud, notes: [...plan.notes] };
  }

  async #primaryAddress({ project, primary }: GroupSpec): Promise<string | null> {
    const { listing } = await this.#deps.projects.view(project);
    return listing?.instances.find(({ name }) => name === primary)?.address ?? null;
  }

  async #readCredentials({ users, clientCertificateSecret, clientKeySecret }: GroupSpec): Promise<Credentials> {
    const { secrets } = this.#deps;
    const names = [...new Set(users.map(({ passwordSecret }) => passwordSecret))];
    const hashes = await Promise.all(names.map(async (name) => [name, await secrets.readPasswordHash(name)] as const));
    const hasCertificate = clientCertificateSecret !== undefined && clientKeySecret !== undefined;
    return {
      passwordHashes: new Map(hashes),
      clientCertificate: hasCertificate
        ? await secrets.readClientCertificate(clientCertificateSecret, clientKeySecret)
        : null,
    };
  }
}

function valueOf<T>(stored: Stored<T> | null): T | null {
  return stored === null ? null : stored.value;
}

function planFleet({ spec, stored, change }: FleetChange) {
  const rowsOf = (variables: Readonly<Record<string, string>>) =>
    Object.fromEntries(
      Object.entries(variables).map(([name, value]) => [name, { variable_name: name, variable_value: value }]),
    );
  const before = { global_variables: rowsOf(stored?.value.variables ?? {}) };
  const rows = diffTables(before, { global_variables: rowsOf(spec.variables) });
  return { name: spec.name, change, rows: rows.map(renderRow) };
}

/** Renders a changed row for the wire. */
export function renderRow({ table, change, key, columns }: RowChange): WireRow {
  return { table, change, key, columns: columns.map(renderField) };
}

/** Renders a value that differs for the wire. */
export function renderField({ field, before, after }: FieldChange): WireField {
  return { field, ...(before === null ? {} : { before }), ...(after === null ? {} : { after }) };
}
