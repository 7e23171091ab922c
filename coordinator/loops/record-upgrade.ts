import type { Logger } from '../../process/log.ts';
import type { Voter } from '../core/ballots.ts';
import { parseFleetSpec, parseGroupSpec } from '../core/group-spec.ts';
import { type Parsed, renderProblems } from '../core/problems.ts';
import { keys, prefixes } from '../core/records.ts';
import type { ContentHash, Store, Stored, Write } from '../ports.ts';

type Deps = { readonly store: Store; readonly log: Logger; readonly hash: ContentHash };

/**
 * Brings what an earlier version stored up to what this one reads, before anybody reads it: fields that a record lacks
 * get their defaults. A declaration that this version would refuse stays as it is, and is told.
 */
export async function upgradeRecords(deps: Deps): Promise<void> {
  const { store, log } = deps;
  const [fleets, groups, replicas, decisions, voters] = await Promise.all([
    store.list(prefixes.fleets),
    store.list(prefixes.groups),
    store.list(prefixes.allReplicas),
    store.list(prefixes.decisions),
    store.list(prefixes.allVoters),
  ]);
  const topologies = await Promise.all(groups.map(({ value }) => store.get(keys.topology(value.name))));
  const writes = [
    ...fleets.flatMap((stored) => upgradeDeclared(deps, stored, parseFleetSpec)),
    ...groups.flatMap((stored) => upgradeDeclared(deps, stored, parseGroupSpec)),
    ...[...replicas, ...topologies].flatMap((stored) => (stored === null ? [] : upgradeCertified(stored))),
    ...decisions.flatMap(dropBareDecision),
    ...voters.flatMap(moveIntoCell),
  ];
  if (writes.length === 0) return;
  await store.commit({ writes });
  log.info({ records: writes.length }, 'records of an earlier version brought up to date');
}

function upgradeDeclared<T>(
  { log, hash }: Deps,
  { key, value, revision }: Stored<T>,
  parse: (input: unknown) => Parsed<T>,
): Write[] {
  const parsed = parse(value);
  if (!parsed.ok) {
    log.error({ key, problems: renderProblems(parsed.problems) }, 'a stored declaration would be refused now');
    return [];
  }
  return hash(parsed.value) === hash(value) ? [] : [{ key, value: parsed.value, ifRevision: revision }];
}

function upgradeCertified({ key, value, revision }: Stored<{ readonly serverCa: unknown }>): Write[] {
  return 'serverCa' in value ? [] : [{ key, value: { ...(value as object), serverCa: null }, ifRevision: revision }];
}

/** One without its inputs is made anew at the next look. */
function dropBareDecision({ key, value, revision }: Stored<object>): Write[] {
  return 'inputs' in value ? [] : [{ key, value: null, ifRevision: revision }];
}

/** Voters stand under their cell: names of agents come again in other cells. */
function moveIntoCell({ key, value, revision }: Stored<Voter>): Write[] {
  const [, group = '', , agentId] = key.split('/');
  if (agentId !== undefined) return [];
  const moved = keys.voter(group, value.agentId, value.cell);
  return [
    { key, value: null, ifRevision: revision },
    { key: moved, value, ifRevision: 0 },
  ];
}
