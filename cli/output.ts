import { renderJson } from './json.ts';
import type { RenderStyle } from './render.ts';
import type { Shell } from './shell.ts';

export type OutputFlags = { readonly output: string };

/** How tables look on this shell's stdout. */
function renderStyle(shell: Shell): RenderStyle {
  return { width: shell.columns, hasColour: shell.hasColour, nowMs: shell.nowMs() };
}

/** Writes an answer as JSON or as the table that `render` makes. */
export function writeAnswer(
  shell: Shell,
  { output }: OutputFlags,
  { json, render }: { readonly json: unknown; readonly render: (style: RenderStyle) => string },
): void {
  shell.write(output === 'json' ? renderJson(json) : render(renderStyle(shell)));
}
