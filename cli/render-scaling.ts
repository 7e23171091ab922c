import type { Group__Output } from '../proto/gen/chester/v1/Group.ts';
import type { ScalingInputs__Output } from '../proto/gen/chester/v1/ScalingInputs.ts';
import type { ScalingOrder__Output } from '../proto/gen/chester/v1/ScalingOrder.ts';
import { type Cell, oneLine, orDash, renderTable, type TableStyle } from './table.ts';

/** Groups whose count was decided, or that a person ordered something of. */
export function scaledGroups(groups: readonly Group__Output[]): readonly Group__Output[] {
  return groups.filter((group) => group.scalingDecision !== null || ordersOf(group) !== '');
}

/** Renders why each group has its count, what that was decided from, and what people ordered. */
export function renderScaling(groups: readonly Group__Output[], style: TableStyle): string {
  const rows = groups.map((group): readonly Cell[] => {
    const decision = group.scalingDecision;
    const inputs = decision?.inputs ?? null;
    return [
      group.spec?.name ?? '',
      inputs === null ? '-' : boundsOf(inputs),
      orDash(decision?.reason ?? ''),
      orDash(decision?.meaning ?? ''),
      inputs === null ? '-' : incidentsOf(inputs),
      inputs === null ? '-' : replicasOf(inputs),
      orDash(oneLine(ordersOf(group))),
    ];
  });
  return renderTable(['GROUP', 'BOUNDS', 'DECISION', 'WHY', 'INCIDENTS', 'REPLICAS', 'ORDERS'], rows, style);
}

function boundsOf({ replicasMin, replicasMax, schedules }: ScalingInputs__Output): string {
  return `${replicasMin}..${replicasMax}${schedules.length === 0 ? '' : ` (${schedules.join(', ')})`}`;
}

function incidentsOf({ scaleOutIncidents, scaleInIncidents, expiredIncidents }: ScalingInputs__Output): string {
  return counted({ out: scaleOutIncidents, in: scaleInIncidents, expired: expiredIncidents });
}

function replicasOf({ serving, coming, leaving, warming, lagging = 0 }: ScalingInputs__Output): string {
  return counted({ serving, coming, leaving, warming, lagging });
}

/** Names what there is any of. */
function counted(counts: Readonly<Record<string, number>>): string {
  const present = Object.entries(counts).filter(([, count]) => count > 0);
  return present.length === 0 ? 'none' : present.map(([name, count]) => `${count} ${name}`).join(', ');
}

function ordersOf({ scaleOverride, scaleOutPause, scaleInPause }: Group__Output): string {
  const held = scaleOverride && orderText(`held at ${scaleOverride.replicas}`, scaleOverride.order);
  const out = scaleOutPause && orderText('out paused', scaleOutPause);
  const into = scaleInPause && orderText('in paused', scaleInPause);
  return [held, out, into].filter((text) => text !== null).join('; ');
}

function orderText(what: string, order: ScalingOrder__Output | null): string {
  if (order === null) return what;
  const until = order.untilMs === 0 ? '' : ` until ${new Date(order.untilMs).toISOString()}`;
  return `${what} by ${order.owner}${until}${order.reason === '' ? '' : `: ${order.reason}`}`;
}
