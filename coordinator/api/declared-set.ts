import { parseFleetSpec, parseGroupSpec } from '../core/group-spec.ts';
import type { Problem } from '../core/problems.ts';
import { type AdminResult, invalid } from './admin-result.ts';
import type { DeclaredSet } from './group-declarations.ts';

/** What somebody declares at once, not parsed yet. */
export type RawSet = {
  readonly fleets: readonly unknown[];
  readonly groups: readonly { readonly spec: unknown; readonly expectedVersion: number | null }[];
};

const setMax = 1000;

/** Parses all of a set, and says everything that is wrong with it. */
export function parseSet({ fleets, groups }: RawSet): AdminResult<DeclaredSet> {
  const problems: Problem[] = [];
  if (fleets.length + groups.length > setMax) {
    const value = String(fleets.length + groups.length);
    return invalid([{ field: 'groups', value, allowed: `at most ${setMax} fleets and groups at once` }]);
  }
  const parsedFleets = fleets.flatMap((input, index) => {
    const path = `fleets.${index}.`;
    const parsed = parseFleetSpec(input);
    if (!parsed.ok) problems.push(...withPath(parsed.problems, path));
    return parsed.ok ? [{ path, spec: parsed.value }] : [];
  });
  const parsedGroups = groups.flatMap(({ spec, expectedVersion }, index) => {
    const path = `groups.${index}.`;
    const parsed = parseGroupSpec(spec);
    if (!parsed.ok) problems.push(...withPath(parsed.problems, path));
    return parsed.ok ? [{ path, spec: parsed.value, expectedVersion }] : [];
  });
  for (const list of [parsedFleets, parsedGroups]) problems.push(...findTwins(list));
  if (problems.length > 0) return invalid(problems);
  return { ok: true, value: { fleets: parsedFleets, groups: parsedGroups } };
}

function withPath(problems: readonly Problem[], path: string): Problem[] {
  return problems.map((problem) => ({ ...problem, field: path + problem.field }));
}

function findTwins(list: readonly { readonly path: string; readonly spec: { readonly name: string } }[]): Problem[] {
  const seen = new Set<string>();
  return list.flatMap(({ path, spec: { name } }) => {
    if (!seen.has(name)) {
      seen.add(name);
      return [];
    }
    return [
      { field: `${path}name`, value: JSON.stringify(name), allowed: 'a name that the list does not have already' },
    ];
  });
}
