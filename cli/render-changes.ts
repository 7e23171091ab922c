import type { CloudPlan__Output } from '../proto/gen/chester/v1/CloudPlan.ts';
import type { FieldChange__Output } from '../proto/gen/chester/v1/FieldChange.ts';
import type { FleetPlan__Output } from '../proto/gen/chester/v1/FleetPlan.ts';
import type { GroupPlan__Output } from '../proto/gen/chester/v1/GroupPlan.ts';
import type { PlanGroupsResponse__Output } from '../proto/gen/chester/v1/PlanGroupsResponse.ts';
import type { RowChange__Output } from '../proto/gen/chester/v1/RowChange.ts';
import type { RenderStyle } from './render.ts';
import { oneLine, paint, type Tone } from './table.ts';

const signs: Readonly<Record<string, { readonly sign: string; readonly tone: Tone }>> = {
  add: { sign: '+', tone: 'good' },
  create: { sign: '+', tone: 'good' },
  remove: { sign: '-', tone: 'bad' },
  change: { sign: '~', tone: 'busy' },
};

/** Renders what an apply would do: rows by table, other fields, and what Cloud SQL would be asked for. */
export function renderPlan({ fleets, groups }: PlanGroupsResponse__Output, style: RenderStyle): string {
  const changed = [...fleets, ...groups].filter(({ change, ...one }) => change !== 'none' || one.rows.length > 0);
  const parts = [
    ...fleets.filter(({ change }) => change !== 'none').map((fleet) => renderFleetPlan(fleet, style)),
    ...groups.filter(isNews).map((group) => renderGroupPlan(group, style)),
    summaryOf({ fleets, groups }, changed.length),
  ];
  return parts.join('\n');
}

/** Renders rows that differ, by table. */
export function renderRows(rows: readonly RowChange__Output[], style: RenderStyle): string {
  const tables = [...new Set(rows.map(({ table }) => table))];
  return tables
    .map((table) => {
      const lines = rows.filter((row) => row.table === table).map((row) => renderRow(row, style));
      return `  ${paint(table, 'title', style.hasColour)}\n${lines.join('')}`;
    })
    .join('');
}

/** Renders fields that differ, a line each. */
export function renderFields(fields: readonly FieldChange__Output[], style: RenderStyle): string {
  return fields.map((field) => `    ${fieldText(field, style)}\n`).join('');
}

function isNews({ change, rows, notes, cloud }: GroupPlan__Output): boolean {
  const isCounted = cloud !== null && cloud.create + cloud.delete > 0;
  return change !== 'none' || rows.length > 0 || notes.length > 0 || isCounted;
}

function renderFleetPlan({ name, change, rows }: FleetPlan__Output, style: RenderStyle): string {
  return `${head(change, `fleet ${name}`, style)}${renderRows(rows, style)}`;
}

function renderGroupPlan(plan: GroupPlan__Output, style: RenderStyle): string {
  const { name, change, version, rows, fields, cloud, notes } = plan;
  const shown = change === 'create' ? [] : fields;
  return [
    head(change, `group ${name}${version === 0 ? '' : ` (version ${version})`}`, style),
    renderRows(rows, style),
    shown.length === 0 ? '' : `  ${paint('declaration', 'title', style.hasColour)}\n${renderFields(shown, style)}`,
    cloud === null ? '' : renderCloud(cloud, style),
    ...notes.map((note) => `  ${paint('!', 'busy', style.hasColour)} ${oneLine(note)}\n`),
  ].join('');
}

function head(change: string, what: string, { hasColour }: RenderStyle): string {
  const { sign, tone } = signs[change] ?? { sign: '=', tone: 'plain' };
  return `${paint(`${sign} ${what}`, tone, hasColour)}\n`;
}

function renderCloud(cloud: CloudPlan__Output, { hasColour }: RenderStyle): string {
  const bounds = [
    arrow('min', cloud.replicasMinBefore, cloud.replicasMinAfter),
    arrow('max', cloud.replicasMaxBefore, cloud.replicasMaxAfter),
    arrow('desired', cloud.desiredBefore, cloud.desiredAfter),
  ];
  const acts = [
    ...(cloud.create > 0 ? [paint(`create ${cloud.create} ${replicas(cloud.create)}`, 'good', hasColour)] : []),
    ...(cloud.delete > 0 ? [paint(`delete ${cloud.delete} ${replicas(cloud.delete)}`, 'bad', hasColour)] : []),
  ];
  const what = acts.length === 0 ? 'nothing to create or delete' : acts.join(', ');
  return `  ${paint('Cloud SQL', 'title', hasColour)}\n    ${what}; ${bounds.join(', ')}\n`;
}

function arrow(name: string, before: number, after: number): string {
  return before === after ? `${name} ${after}` : `${name} ${before} → ${after}`;
}

function replicas(count: number): string {
  return count === 1 ? 'replica' : 'replicas';
}

function renderRow({ change, key, columns }: RowChange__Output, style: RenderStyle): string {
  const { sign, tone } = signs[change] ?? { sign: '?', tone: 'plain' };
  const shown = change === 'change' ? columns.map((column) => fieldText(column, style)) : columns.flatMap(valueText);
  return `    ${paint(`${sign} ${oneLine(key)}`, tone, style.hasColour)}${shown.length === 0 ? '' : `  ${shown.join(' ')}`}\n`;
}

/** A row that comes or goes shows what it holds, as far as its key does not say it. */
function valueText({ field, before, after }: FieldChange__Output): string[] {
  const value = after ?? before ?? '';
  return ['hostgroup_id', 'hostname', 'port', 'rule_id', 'username', 'variable_name'].includes(field) || value === ''
    ? []
    : [`${field}=${oneLine(value)}`];
}

function fieldText({ field, before, after }: FieldChange__Output, { hasColour }: RenderStyle): string {
  const old = before === undefined ? 'none' : oneLine(before);
  const next = after === undefined ? 'none' : oneLine(after);
  return `${field}: ${paint(old, 'bad', hasColour)} → ${paint(next, 'good', hasColour)}`;
}

function summaryOf({ fleets, groups }: PlanGroupsResponse__Output, changed: number): string {
  if (changed === 0) return 'Nothing to do: what is declared is what is stored.\n';
  const count = (what: string) => [...fleets, ...groups].filter(({ change }) => change === what).length;
  const sum = (field: 'create' | 'delete') => groups.reduce((all, { cloud }) => all + (cloud?.[field] ?? 0), 0);
  const same = count('none');
  return (
    `Plan: ${count('create')} to create, ${count('change')} to change, ${same} as they are; ` +
    `replicas: ${sum('create')} to create, ${sum('delete')} to delete.\n`
  );
}
