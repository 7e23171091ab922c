import type { GroupSpec } from '../../coordinator/core/group-spec.ts';
import { groupSpec } from '../coordinator/builders.ts';

/** How much `make bench-admin` declares, and asks for. */
export const scale = { groups: 5000, fleets: 100, callsPerSecond: 500 };

/** One of the groups, spread over the fleets. */
export function specOf(index: number, change: object = {}): GroupSpec {
  const name = `group-${String(index).padStart(4, '0')}`;
  const hostgroup = 2 * Math.floor(index / scale.fleets) + 1;
  const where = {
    fleet: `fleet-${index % scale.fleets}`,
    writerHostgroup: hostgroup,
    readerHostgroup: hostgroup + 1,
  };
  const users = [{ username: `app-${index}`, passwordSecret: 'app' }];
  return groupSpec({ name, primary: `${name}-primary`, users, ...where, ...change });
}
