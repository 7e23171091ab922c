import type { Check__Output } from '../proto/gen/chester/v1/Check.ts';
import type { ExplainResponse__Output } from '../proto/gen/chester/v1/ExplainResponse.ts';
import type { RenderStyle } from './render.ts';
import { oneLine, orDash, paint, renderTable, type Tone } from './table.ts';

const statusTones: Readonly<Record<string, Tone>> = { ok: 'good', warn: 'busy', fail: 'bad' };

/** Renders a story: what it comes to, then a line for each thing that happened. */
export function renderStory({ summary, lines }: ExplainResponse__Output, style: RenderStyle): string {
  const stepWidth = Math.max(0, ...lines.map(({ step }) => step.length));
  const told = lines.map(({ atMs, step, subject, text }) => {
    const time = atMs === 0 ? 'now'.padEnd(24) : new Date(atMs).toISOString();
    return `${time}  ${step.padEnd(stepWidth)}  ${orDash(subject)}  ${oneLine(text)}`.trimEnd();
  });
  return `${[paint(oneLine(summary), 'title', style.hasColour), ...told].join('\n')}\n`;
}

/** Renders what the doctor found. */
export function renderChecks(checks: readonly Check__Output[], style: RenderStyle): string {
  const rows = checks.map(({ name, status, found, advice }) => [
    { text: status, tone: statusTones[status] ?? 'plain' },
    name,
    found,
    orDash(advice),
  ]);
  return renderTable(['STATUS', 'CHECK', 'FOUND', 'WHAT TO DO'], rows, style);
}
