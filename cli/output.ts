import { stringify } from 'yaml';
import { renderJson } from './json.ts';
import type { RenderStyle } from './render.ts';
import type { Shell } from './shell.ts';

export type OutputFlags = { readonly output: string };

/** How tables look on this shell's stdout. */
function renderStyle(shell: Shell): RenderStyle {
  return { width: shell.columns, hasColour: shell.hasColour, nowMs: shell.nowMs() };
}

/** How lists are printed: `wide` cuts nothing. */
export const listFormats = ['table', 'wide', 'json', 'yaml'] as const;

/** Writes an answer as JSON, as YAML, or as the table that `render` makes. */
export function writeAnswer(
  shell: Shell,
  { output }: OutputFlags,
  { json, render }: { readonly json: unknown; readonly render: (style: RenderStyle) => string },
): void {
  if (output === 'json') shell.write(renderJson(json));
  else if (output === 'yaml') shell.write(stringify(JSON.parse(renderJson(json)), { lineWidth: 0 }));
  else shell.write(render(output === 'wide' ? { ...renderStyle(shell), width: null } : renderStyle(shell)));
}
