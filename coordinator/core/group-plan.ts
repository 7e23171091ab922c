import { initialScaling, type Scaling } from './autoscaler.ts';
import { type Credentials, resolveCredentials } from './credentials.ts';
import type { Cordon } from './cordon.ts';
import { withoutCordoned } from './cordon.ts';
import type { GroupSpec } from './group-spec.ts';
import { type ProxyTables, renderProxyTables, type SecretMark } from './proxy-tables.ts';
import { countsAsWanted, type Replica } from './replica.ts';
import { diffFields, diffTables, type FieldChange, type RowChange } from './row-changes.ts';
import { limitsAt } from './schedule.ts';
import { buildSnapshot, type PublishedSnapshot } from './snapshot.ts';
import type { Topology } from './topology.ts';

/** What a declaration would do, and what it is compared with. */
export type GroupPlanInputs = {
  readonly spec: GroupSpec;
  /** Null: it is not declared yet. */
  readonly stored: GroupSpec | null;
  readonly scaling: Scaling | null;
  readonly topology: Topology | null;
  readonly published: PublishedSnapshot | null;
  readonly replicas: readonly Replica[];
  readonly cordons: readonly Cordon[];
  readonly credentials: Credentials;
  /** Where Cloud SQL says the primary is; null while it is not known. */
  readonly primaryAddress: string | null;
};

export type CloudPlan = {
  readonly create: number;
  readonly delete: number;
  readonly desiredBefore: number;
  readonly desiredAfter: number;
  readonly replicasMinBefore: number;
  readonly replicasMinAfter: number;
  readonly replicasMaxBefore: number;
  readonly replicasMaxAfter: number;
};

export type GroupPlan = {
  readonly rows: readonly RowChange[];
  readonly fields: readonly FieldChange[];
  readonly cloud: CloudPlan;
  readonly notes: readonly string[];
};

const noTables: ProxyTables = {};

/** What rows show better than the declaration does. */
const shownAsRows = ['users', 'queryRules', 'staticReaders', 'hostgroupAttributes', 'serverDefaults'];

/** Says what a declaration would change in the proxies' tables and in Cloud SQL. Pure: nothing is asked or written. */
export function planGroupChange(inputs: GroupPlanInputs, mark: SecretMark, nowMs: number): GroupPlan {
  const { spec, stored, published } = inputs;
  const { tables, notes } = plannedTables(inputs, mark);
  const before = published === null || published.kind === 'removed' ? noTables : renderProxyTables(published, mark);
  const fields = diffFields(stored ?? {}, spec).filter(({ field }) => !shownAsRows.includes(field.split('.')[0] ?? ''));
  return { rows: diffTables(before, tables), fields, cloud: planCloud(inputs, nowMs), notes: [...notes] };
}

function plannedTables(inputs: GroupPlanInputs, mark: SecretMark) {
  const { spec, published, replicas, cordons, credentials } = inputs;
  const notes: string[] = [];
  const live = published?.kind === 'snapshot' ? published : null;
  const { resolved, missing } = resolveCredentials(spec, credentials, live);
  for (const { subject, reason } of missing) notes.push(`${subject}: ${reason}`);
  if (resolved === null) notes.push('nothing is published before every secret is there');
  const topology = inputs.topology ?? unverified(inputs, notes);
  const content = buildSnapshot({
    ...{ spec, topology, replicas, cordons, previous: null, voters: [], nextRevision: (published?.revision ?? 0) + 1 },
    users: resolved?.users ?? [],
    clientCertificate: resolved?.clientCertificate ?? null,
  });
  return { tables: renderProxyTables(content, mark), notes };
}

function unverified({ spec, primaryAddress }: GroupPlanInputs, notes: string[]): Topology {
  if (primaryAddress !== null) return { primaryAddress, serverCa: null };
  notes.push(`the address of primary ${spec.primary} is not known: proxies get nothing before it is verified`);
  return { primaryAddress: `(${spec.primary})`, serverCa: null };
}

function planCloud({ spec, stored, scaling, replicas, cordons }: GroupPlanInputs, nowMs: number): CloudPlan {
  const after = limitsAt(spec.policy, nowMs);
  const before = stored === null ? null : limitsAt(stored.policy, nowMs);
  const desiredBefore = scaling?.desired ?? 0;
  const wanted = withoutCordoned(replicas, cordons).filter(countsAsWanted).length;
  const started = scaling === null || stored === null ? initialScaling(spec.policy).desired : desiredBefore;
  // A dry run changes no count by itself.
  const desiredAfter = spec.policy.dryRun ? started : Math.min(Math.max(started, after.replicasMin), after.replicasMax);
  return {
    create: Math.max(0, desiredAfter - wanted),
    delete: Math.max(0, wanted - desiredAfter),
    desiredBefore: stored === null ? 0 : desiredBefore,
    desiredAfter,
    replicasMinBefore: before?.replicasMin ?? 0,
    replicasMinAfter: after.replicasMin,
    replicasMaxBefore: before?.replicasMax ?? 0,
    replicasMaxAfter: after.replicasMax,
  };
}
