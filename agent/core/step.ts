import { attributesTable, planAttributes } from './hostgroup-attributes.ts';
import { clusterTables, type SiblingRow } from './siblings.ts';
import { type GroupPlan, hasWork, isUntouchable, needsLoad, type ServersPlan } from './plan.ts';
import { addressOf, type ServerRow } from './rows.ts';
import { withDifferences } from './shadow.ts';
import type { GroupTarget } from './snapshot.ts';
import { tableDifferences } from './table-words.ts';
import { hasTableWork, type TableDescription, type TableGroupPlan, type TablePlan, type TableView } from './table.ts';
import {
  type CertificateFile,
  listCertificateFiles,
  planTlsParams,
  tlsParamsTable,
  type TlsOptions,
} from './tls-params.ts';

/**
 * One step of everything that LOAD MYSQL SERVERS publishes: the servers, and the two tables beside them in which
 * groups have rows.
 */
export type Step = ServersPlan & {
  readonly tables: readonly TableStep[];
  /** Files that rows of the step refer to. */
  readonly files: readonly CertificateFile[];
  /** What the rows that stand refer to files by. */
  readonly tlsRows: TableView;
};

export type TableStep = { readonly table: TableDescription; readonly plan: TablePlan };

/** What stands in the tables beside mysql_servers, and the columns that this ProxySQL's have. */
export type SiblingView = {
  readonly memory: readonly ServerRow[];
  readonly runtime: readonly ServerRow[];
  readonly siblings: readonly SiblingRow[];
  readonly columns: ReadonlyMap<string, readonly string[]>;
};

/** The rows that no group can own: whoever edits them, a LOAD publishes a foreign edit. */
export function ofClusters(siblings: readonly SiblingRow[]): readonly SiblingRow[] {
  return siblings.filter(({ table }) => clusterTables.includes(table));
}

/** Joins the plan of the servers with that of their tables: a group is settled when both are. */
export function planStep(servers: ServersPlan, view: SiblingView, tls: TlsOptions): Step {
  const targets = servers.groups.filter(({ hold }) => !isUntouchable(hold)).map(({ target }) => target);
  const tables = planTables(targets, view, tls);
  const shadows = servers.groups.filter(({ target }) => target.isShadow === true).map(({ target }) => target);
  const seen = shadows.length === 0 ? [] : planTables(shadows, view, tls);
  const groups = servers.groups.map((group) => {
    const parts = tables.flatMap(({ plan }) => plan.groups.filter((part) => part.group === group.target.group));
    return group.target.isShadow === true
      ? withDifferences(group, differencesOf(seen, group.target))
      : joinGroup(group, parts);
  });
  const foreignPending = [...servers.foreignPending, ...tables.flatMap(({ plan }) => plan.foreignPending)];
  const files = targets.flatMap(({ body }) => listCertificateFiles(body, tls));
  return { groups, foreignPending, tables, files, tlsRows: viewOf(tlsParamsTable, view.siblings) };
}

/** Whether the step has anything to do. */
export function hasStepWork(step: Step): boolean {
  return hasWork(step) || step.tables.some(({ plan }) => hasTableWork(plan));
}

/** Whether doing the step needs a LOAD. */
export function stepNeedsLoad(step: Step): boolean {
  return needsLoad(step.groups) || step.tables.some(({ plan }) => plan.groups.some((group) => group.needsLoad));
}

/** The step without what other groups want of it. */
export function keepGroups(step: Step, groups: readonly GroupPlan[]): Step {
  const names = new Set(groups.map(({ target }) => target.group));
  const tables = step.tables.map(({ table, plan }) => ({
    table,
    plan: { ...plan, groups: plan.groups.filter(({ group }) => names.has(group)) },
  }));
  return { ...step, groups, tables };
}

/** Everything that the step does, as text: a step that is planned twice in a row does not help. */
export function renderStep({ groups, tables }: Step): string {
  return JSON.stringify([
    groups.map((group) => [group.changes, group.diskDeletes]),
    tables.map(({ plan }) => plan.groups.map(({ writes, deletes, needsLoad: isLoad }) => [writes, deletes, isLoad])),
  ]);
}

/** What the tables of a group in shadow differ in. */
function differencesOf(seen: readonly TableStep[], { group }: GroupTarget): readonly string[] {
  return seen.flatMap(({ table, plan }) => tableDifferences(table, plan, group));
}

function planTables(targets: readonly GroupTarget[], view: SiblingView, tls: TlsOptions): readonly TableStep[] {
  let standing: ReadonlySet<string> | null = null;
  const isStanding = (address: string): boolean => {
    standing ??= new Set([...view.memory, ...view.runtime].map(addressOf));
    return standing.has(address);
  };
  const tables: TableStep[] = [];
  // An older ProxySQL lacks some of them.
  const attributes = view.columns.get(attributesTable.name);
  if (attributes !== undefined) {
    const plan = planAttributes(targets, viewOf(attributesTable, view.siblings), attributes);
    tables.push({ table: attributesTable, plan });
  }
  const columns = view.columns.get(tlsParamsTable.name);
  if (columns !== undefined) {
    const plan = planTlsParams(targets, viewOf(tlsParamsTable, view.siblings), { ...tls, isStanding, columns });
    tables.push({ table: tlsParamsTable, plan });
  }
  return tables;
}

function viewOf({ name }: TableDescription, siblings: readonly SiblingRow[]): TableView {
  const rows = siblings.filter(({ table }) => table === name);
  const pick = (where: SiblingRow['where']) => rows.filter((one) => one.where === where).map(({ row }) => row);
  return { memory: pick('memory'), runtime: pick('runtime') };
}

function joinGroup(group: GroupPlan, parts: readonly TableGroupPlan[]): GroupPlan {
  const hold = group.hold ?? parts.find((part) => part.hold !== null)?.hold ?? null;
  return { ...group, hold, isSettled: group.isSettled && parts.every((part) => part.isSettled) };
}
