import type { GroupSpec } from './group-spec.ts';
import type { Problem } from './problems.ts';

/** Finds what a group would share with others of its fleet: hostgroups, a primary, static addresses. */
export function findOverlaps(group: GroupSpec, others: readonly GroupSpec[]): Problem[] {
  return others
    .filter((other) => other.fleet === group.fleet && other.name !== group.name)
    .flatMap((other) => [...sharedHostgroups(group, other), ...sharedServers(group, other)]);
}

/** Finds what a put must not change in a group that exists: proxies would serve two states at once. */
export function findImmutableChanges(group: GroupSpec, stored: GroupSpec): Problem[] {
  const fields = ['fleet', 'project', 'primary', 'port', 'writerHostgroup', 'readerHostgroup'] as const;
  return fields
    .filter((field) => group[field] !== stored[field])
    .map((field) => ({
      field,
      value: JSON.stringify(group[field]),
      allowed: `${JSON.stringify(stored[field])}, as long as the group exists (delete it first to change this)`,
    }));
}

function sharedHostgroups(group: GroupSpec, other: GroupSpec): Problem[] {
  const taken = [other.writerHostgroup, other.readerHostgroup];
  return (['writerHostgroup', 'readerHostgroup'] as const)
    .filter((field) => taken.includes(group[field]))
    .map((field) => ({
      field,
      value: String(group[field]),
      allowed: `a hostgroup that group ${other.name} of fleet ${other.fleet} does not use`,
    }));
}

function sharedServers(group: GroupSpec, other: GroupSpec): Problem[] {
  const problems: Problem[] = [];
  if (group.project === other.project && group.primary === other.primary) {
    problems.push({
      field: 'primary',
      value: JSON.stringify(group.primary),
      allowed: `a primary that group ${other.name} of fleet ${other.fleet} does not use`,
    });
  }
  group.staticReaders.forEach((server, index) => {
    const isTaken = other.staticReaders.some(
      ({ hostname, port }) => hostname === server.hostname && port === server.port,
    );
    if (!isTaken) return;
    problems.push({
      field: `staticReaders.${index}.hostname`,
      value: JSON.stringify(`${server.hostname}:${server.port}`),
      allowed: `an address that group ${other.name} of fleet ${other.fleet} does not use`,
    });
  });
  return problems;
}
