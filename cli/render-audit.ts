import type { AuditEntry__Output } from '../proto/gen/chester/v1/AuditEntry.ts';
import { renderAge } from './age.ts';
import type { RenderStyle } from './render.ts';
import { type Cell, orDash, renderTable } from './table.ts';

const changesShown = 3;

/** Renders the trail of changes, one a line, with the first few fields of each. */
export function renderAudit(entries: readonly AuditEntry__Output[], style: RenderStyle): string {
  const rows = entries.map((entry): readonly Cell[] => [
    renderAge(entry.atMs, style.nowMs),
    orDash(entry.who),
    orDash(entry.source),
    entry.what,
    entry.groups.length === 0 ? '-' : entry.groups.join(', '),
    entry.outcome,
    orDash(renderChanges(entry.changes)),
    orDash(entry.reason),
  ]);
  return renderTable(['AGE', 'WHO', 'FROM', 'WHAT', 'GROUP', 'OUTCOME', 'CHANGES', 'WHY'], rows, style);
}

function renderChanges(changes: AuditEntry__Output['changes']): string {
  const shown = changes
    .slice(0, changesShown)
    .map(({ field, before, after }) => `${field} ${before ?? '-'} → ${after ?? '-'}`);
  const more = changes.length - shown.length;
  return [...shown, ...(more > 0 ? [`${more} more`] : [])].join('; ');
}
