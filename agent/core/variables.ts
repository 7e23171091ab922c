import type { ForeignPending } from './foreign.ts';
import type { GroupTarget, FleetBody } from './snapshot.ts';
import type { TableRow } from './table.ts';

/** What all proxies of this agent's fleet have in common. Its `group` is `fleet:NAME`. */
export type FleetTarget = Omit<GroupTarget, 'body'> & { readonly body: FleetBody };

/** ProxySQL's mysql- variables as read at one moment. */
export type VariablesView = {
  readonly memory: ReadonlyMap<string, string>;
  readonly runtime: ReadonlyMap<string, string>;
};

export type VariablesPlan = {
  /** Named variables that memory does not have as wanted, with the values they get. */
  readonly writes: TableRow;
  readonly needsLoad: boolean;
  /** What a LOAD would publish besides the named variables. */
  readonly foreignPending: readonly ForeignPending[];
  /** Named variables that this ProxySQL does not have. */
  readonly unknown: readonly string[];
};

/** A variable that did not become what it should. */
export type KeptVariable = { readonly name: string; readonly wanted: string; readonly kept: string };

const variablesMax = 500;

/** Lists what is wrong with a fleet's settings. */
export function findVariableProblems({ variables }: FleetBody): readonly string[] {
  const problems = Object.entries(variables).flatMap(([name, value]) => {
    if (!/^mysql-\w{1,100}$/.test(name)) return [`variable ${JSON.stringify(name)} does not begin with mysql-`];
    if (value === null) return [`variable ${name} has no value`];
    return value.includes('\0') ? [`variable ${name} holds a NUL character`] : [];
  });
  const count = Object.keys(variables).length;
  return count > variablesMax ? [...problems, `${count} variables are more than ${variablesMax}`] : problems;
}

/** Plans one step: what to write into memory and whether to LOAD. */
export function planVariables({ variables }: FleetBody, view: VariablesView): VariablesPlan {
  const named = Object.entries(variables).map(([name, value]) => [name, value ?? ''] as const);
  const unknown = named.filter(([name]) => !view.runtime.has(name)).map(([name]) => name);
  const differing = (where: ReadonlyMap<string, string>): readonly (readonly [string, string])[] =>
    named.filter(([name, wanted]) => view.runtime.has(name) && !isSameValue(where.get(name), wanted));
  return {
    writes: Object.fromEntries(differing(view.memory)),
    needsLoad: differing(view.runtime).length > 0,
    foreignPending: findPendingVariables(view, new Set(Object.keys(variables))),
    unknown,
  };
}

/** Lists the named variables that runtime has otherwise. */
export function findKept({ variables }: FleetBody, view: VariablesView): readonly KeptVariable[] {
  return Object.entries(variables).flatMap(([name, value]) => {
    const kept = view.runtime.get(name);
    const wanted = value ?? '';
    return kept === undefined || isSameValue(kept, wanted) ? [] : [{ name, wanted, kept }];
  });
}

/** Says which variables ProxySQL did not take. */
export function describeKept(kept: readonly KeptVariable[]): string {
  const words = kept.map(({ name, wanted, kept: value }) =>
    isSecret(name)
      ? `${name} is not as wanted`
      : `${name} wanted ${JSON.stringify(wanted)}, kept ${JSON.stringify(value)}`,
  );
  return `global_variables: ProxySQL does not take ${words.join(', ')}`;
}

/** Whether a variable's value must not be read by anybody. */
export function isSecret(name: string): boolean {
  return /password|credentials|secret/i.test(name);
}

/** To ProxySQL a variable's name is the same in any letters; one in other letters is a row of its own. */
function findPendingVariables(view: VariablesView, named: ReadonlySet<string>): readonly ForeignPending[] {
  const running = new Map([...view.runtime].map(([name, value]) => [name.toLowerCase(), value]));
  return [...view.memory]
    .filter(([name, value]) => !named.has(name) && !isShownAs(value, running.get(name.toLowerCase())))
    .map(([name]) => ({ table: 'global_variables', row: name, wouldBe: 'changed' }));
}

/** Whether runtime may show what memory says: of a text that should be a number, the digits it begins with. */
function isShownAs(memory: string, runtime: string | undefined): boolean {
  if (runtime === undefined) return false;
  if (isSameValue(memory, runtime)) return true;
  const number = /^\s*[-+]?\d+/.exec(memory)?.[0] ?? '0';
  return /^-?\d+$/.test(runtime) && Number(number) === Number(runtime);
}

/** Memory keeps a value as it was written; runtime shows truth values as words and numbers without decoration. */
function isSameValue(one: string | undefined, other: string | undefined): boolean {
  return one === other || (one !== undefined && other !== undefined && normalise(one) === normalise(other));
}

function normalise(value: string): string {
  const word = value.trim().toLowerCase();
  if (word === 'true' || word === '1') return '1';
  if (word === 'false' || word === '0') return '0';
  return /^[-+]?\d+$/.test(word) ? String(Number(word)) : value;
}
