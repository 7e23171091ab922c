import { z } from 'zod';
import { text } from './fields.ts';
import * as names from './names.ts';
import type { PublishedSnapshot } from './snapshot.ts';
import { rowOf, type TableRow } from './table.ts';

const valueSchema = z
  .union([z.string(), z.int(), z.boolean()], { error: 'a text, a whole number, true or false' })
  .transform(String)
  .pipe(text(names.plainText));

/** Far more than ProxySQL has. */
const variablesMax = 500;

/** ProxySQL's mysql- variables by name, valued as ProxySQL shows them. */
export const variablesSchema = z.record(z.string(), valueSchema).superRefine((variables, context) => {
  if (Object.keys(variables).length > variablesMax) {
    context.addIssue({ code: 'custom', path: [], message: `at most ${variablesMax} variables` });
  }
  for (const name of Object.keys(variables)) {
    const message = refusalOf(name);
    if (message !== null) context.addIssue({ code: 'custom', path: [name], message });
  }
});

/** What a fleet must not declare, and why; null for a variable that it may. */
function refusalOf(name: string): string | null {
  if (!names.variableName.pattern.test(name)) return names.variableName.allowed;
  if (/password|credentials|secret/.test(name))
    return 'a variable that is no secret: a declaration is shown to whoever may read it';
  if (name !== 'mysql-interfaces') return null;
  return 'a variable that can change while clients are connected: ProxySQL opens its interfaces when it starts';
}

/** What all proxies of a fleet have in common, as the store accepted it. */
export type PublishedSettings = {
  readonly kind: 'fleet';
  /** What agents know it by: "fleet:NAME", which no group can be called. */
  readonly group: string;
  readonly fleet: string;
  /** The fleet's own number; it only moves forward. */
  readonly revision: number;
  readonly hash: string;
  readonly variables: TableRow;
  readonly committedAtMs: number;
};

/** What agents are sent: one group's state, or what a fleet has in common. */
export type Published = PublishedSnapshot | PublishedSettings;

/** Builds what the agents of a fleet get. Others than these variables are left alone. */
export function buildSettings(
  variables: Readonly<Record<string, string>>,
): Pick<PublishedSettings, 'kind' | 'variables'> {
  const sorted = Object.entries(variables).sort(([one], [other]) => (one < other ? -1 : 1));
  return { kind: 'fleet', variables: rowOf(Object.fromEntries(sorted)) };
}

const prefix = 'fleet:';

/** The name that a fleet's settings have among the groups of an agent. */
export function settingsName(fleet: string): string {
  return prefix + fleet;
}

/** The fleet whose settings have this name; null for a group's name. */
export function fleetOfSettings(group: string): string | null {
  return group.startsWith(prefix) ? group.slice(prefix.length) : null;
}
