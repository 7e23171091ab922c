import type { Cordon } from './cordon.ts';
import { releasedReason, type Replica } from './replica.ts';

/**
 * An operator's order to have an owned replica gone. It is not counted any more, so another one is created, and only when
 * that one serves does it leave the proxies, the way every replica does.
 */
export type Removal = {
  readonly group: string;
  /** The replica's name. */
  readonly server: string;
  readonly owner: string;
  readonly reason: string;
  readonly atMs: number;
  /** It drains, and the sessions that still hold it are to be ended. */
  readonly isForced?: true;
};

/** Whether a replica is on its way to be deleted. */
export function isOnItsWay(replica: Replica): boolean {
  return replica.state === 'draining' && replica.reason !== releasedReason;
}

/**
 * Whether agents are to end the sessions that hold what drains, by an operator's order. That counts for all that a group
 * has on its way out, so it is done only where nothing drains but what was ordered so.
 */
export function isDrainForced(
  replicas: readonly Replica[],
  removals: readonly Removal[],
  cordons: readonly Cordon[],
): boolean {
  const forced = new Set(removals.flatMap(({ server, isForced }) => (isForced === true ? [server] : [])));
  if (forced.size === 0 || cordons.length > 0) return false;
  const draining = replicas.filter(({ state }) => state === 'draining');
  return draining.length > 0 && draining.every((replica) => isOnItsWay(replica) && forced.has(replica.name));
}
