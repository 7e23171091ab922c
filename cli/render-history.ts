import type { HistoryEntry__Output } from '../proto/gen/chester/v1/HistoryEntry.ts';
import { renderAge } from './age.ts';
import type { RenderStyle } from './render.ts';
import { type Cell, orDash, renderTable } from './table.ts';

/** Renders a group's past, the newest first. */
export function renderHistory(entries: readonly HistoryEntry__Output[], style: RenderStyle): string {
  const rows = entries.map((entry): readonly Cell[] => [
    entry.revision === 0 ? '-' : entry.revision,
    entry.version === 0 ? '-' : entry.version,
    renderAge(entry.atMs, style.nowMs),
    entry.kind === 'snapshot' ? 'PUBLISHED' : entry.change,
    orDash(entry.who),
    orDash(entry.summary),
    orDash(entry.reason),
  ]);
  return renderTable(['REVISION', 'VERSION', 'AGE', 'WHAT', 'BY', 'CHANGES', 'WHY'], rows, style);
}
