// What people write on pods and namespaces: a fleet's name, an opt-out, and how this pod differs from the settings.
import { isObject, type Json, type JsonObject, read } from './json.ts';

export const mark = {
  /** On a pod or a namespace, as label or annotation: the fleet whose groups the ProxySQL serves. */
  fleet: 'chester/fleet',
  /** On a pod or a namespace, as label or annotation: "false" keeps the agent out. */
  inject: 'chester/inject',
  container: 'chester/container',
  adminPort: 'chester/admin-port',
  adminSecret: 'chester/admin-secret',
  httpPort: 'chester/http-port',
  preStop: 'chester/pre-stop',
  drainDeadline: 'chester/drain-deadline-seconds',
  stateVolume: 'chester/state-volume',
  tlsGroup: 'chester/tls-group',
  /** Written by the injection: the agent's image. */
  injected: 'chester/injected',
  /** Written by the injection: who vouches for the coordinators. */
  coordinatorCa: 'chester/coordinator-ca',
} as const;

/** What a pod's annotations ask for. `null`: as the settings say. */
export type PodMarks = {
  readonly container: string | null;
  readonly adminPort: number | null;
  readonly adminSecret: string | null;
  readonly httpPort: number | null;
  readonly replacesPreStop: boolean;
  readonly drainDeadlineSeconds: number | null;
  readonly stateVolume: string | null;
  readonly tlsGroup: number | null;
};

export type FleetWish =
  /** Nobody asks for an agent, or somebody keeps it out. */
  | { readonly kind: 'none'; readonly reason: 'notMarked' | 'optedOut' }
  | { readonly kind: 'fleet'; readonly fleet: string; readonly isPodsOwn: boolean }
  | { readonly kind: 'bad'; readonly isPodsOwn: boolean; readonly warnings: readonly string[] };

export type Marked = { readonly labels: Json | undefined; readonly annotations: Json | undefined };

export function marksOf(object: JsonObject): Marked {
  return { labels: read(object, 'metadata', 'labels'), annotations: read(object, 'metadata', 'annotations') };
}

const fleetRule = {
  pattern: /^[a-z][a-z0-9-]{0,62}$/,
  allowed: 'a lower-case letter, then up to 62 of a-z, 0-9 and -',
};
const wordsOfYes = ['true', 'enabled'];
const wordsOfNo = ['false', 'disabled'];

/**
 * Says which fleet the pod shall serve. An opt-out of either wins; the pod's fleet goes before the namespace's.
 * `namespace` is `null` when its marks are not known.
 */
export function readFleetWish(pod: Marked, namespace: Marked | null): FleetWish {
  const places = [{ where: 'pod', marked: pod } as const, { where: 'namespace', marked: namespace } as const];
  const words = places.flatMap(({ where, marked }) => valuesOf(marked, mark.inject).map((word) => ({ where, word })));
  if (words.some(({ word }) => wordsOfNo.includes(word))) return { kind: 'none', reason: 'optedOut' };
  const warnings = words
    .filter(({ word }) => !wordsOfYes.includes(word))
    .map(({ where, word }) => complain(where, mark.inject, word, 'true or false'));
  const named = places.find(({ marked }) => valuesOf(marked, mark.fleet).length > 0);
  const fleets = valuesOf(named?.marked ?? null, mark.fleet);
  if (named !== undefined) warnings.push(...judgeFleets(named.where, fleets));
  const isPodsOwn = named?.where === 'pod' || warnings.some((warning) => warning.startsWith('pod'));
  const [fleet] = fleets;
  if (warnings.length > 0) return { kind: 'bad', isPodsOwn, warnings };
  return fleet === undefined ? { kind: 'none', reason: 'notMarked' } : { kind: 'fleet', fleet, isPodsOwn };
}

function judgeFleets(where: Place, fleets: readonly string[]): readonly string[] {
  const wrong = fleets.find((name) => !fleetRule.pattern.test(name));
  if (wrong !== undefined) return [complain(where, mark.fleet, wrong, fleetRule.allowed)];
  return fleets.length > 1 ? [complain(where, mark.fleet, fleets.join('" and "'), 'one fleet')] : [];
}

/** What label and annotation say, each value once. */
function valuesOf(marked: Marked | null, name: string): readonly string[] {
  const values = [read(marked?.labels, name), read(marked?.annotations, name)].filter((value) => value !== undefined);
  return [...new Set(values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))))];
}

const resourceName = {
  pattern: /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/,
  allowed: 'a name of lower-case letters, digits, hyphens and dots',
};
const portRange = { min: 1, max: 65_535 };

/** Reads the annotations that only pods have; every bad one is one warning. */
export function readPodMarks(annotations: Json | undefined): { readonly marks: PodMarks; readonly warnings: string[] } {
  const warnings: string[] = [];
  const text = (name: string, rule: { readonly pattern: RegExp; readonly allowed: string }): string | null => {
    const value = isObject(annotations) ? read(annotations, name) : undefined;
    if (value === undefined) return null;
    const word = typeof value === 'string' ? value : JSON.stringify(value);
    if (rule.pattern.test(word)) return word;
    warnings.push(complain('pod', name, word, rule.allowed));
    return null;
  };
  const integer = (name: string, { min, max }: { readonly min: number; readonly max: number }): number | null => {
    const allowed = `a whole number from ${min} to ${max}`;
    const word = text(name, { pattern: /^\d{1,10}$/, allowed });
    if (word === null) return null;
    const number = Number(word);
    if (number >= min && number <= max) return number;
    warnings.push(complain('pod', name, word, allowed));
    return null;
  };
  const marks: PodMarks = {
    container: text(mark.container, resourceName),
    adminPort: integer(mark.adminPort, portRange),
    adminSecret: text(mark.adminSecret, resourceName),
    httpPort: integer(mark.httpPort, portRange),
    replacesPreStop: text(mark.preStop, { pattern: /^(?:keep|replace)$/, allowed: 'keep or replace' }) === 'replace',
    drainDeadlineSeconds: integer(mark.drainDeadline, { min: 0, max: 86_400 }),
    stateVolume: text(mark.stateVolume, resourceName),
    tlsGroup: integer(mark.tlsGroup, { min: 1, max: 2_147_483_647 }),
  };
  return { marks, warnings };
}

const shownMax = 63;

type Place = 'pod' | 'namespace';

function complain(where: Place, name: string, value: string, allowed: string): string {
  const shown = value.length > shownMax ? `${value.slice(0, shownMax)}…` : value;
  return `${where}: ${name} is "${shown}"; allowed: ${allowed}`;
}
