import type { Failure } from './messages.ts';
import { addressOf, keyOf, renderRows } from './rows.ts';
import type { GroupPlan } from './plan.ts';
import type { GroupStanding } from './session.ts';

/** Builds what a look at the proxy says of one group. `isSaved`: the last known good of this revision is on disk. */
export function buildStanding(plan: GroupPlan, isSaved: boolean, digest: (text: string) => string): GroupStanding {
  const { group, revision } = plan.target;
  return {
    group,
    revision,
    removing: plan.removing,
    warming: plan.warming.map(({ hostname, port, detail }) => ({ hostname, port, detail })),
    cordoned: plan.cordoned,
    isWriterFallback: plan.isWriterFallback,
    // A vote may cost the replica its life: it is given only when a restart of this agent could not bring it back.
    absent: isSaved ? plan.absent.map((address) => ({ ...address, revision })) : [],
    unmanaged: plan.unmanaged.map(({ hostname, port }) => ({ hostname, port })),
    isSettled: plan.isSettled,
    runtimeHash: digest(renderRows(plan.runtimeRows)),
    failure: plan.hold === null ? null : { ...plan.hold, isPermanent: false },
  };
}

/** Builds the standing of a group that could not be looked at or applied: what was known of it stays. */
export function failStanding(
  target: { readonly group: string; readonly revision: number },
  before: GroupStanding | null,
  failure: Failure & { readonly isPermanent: boolean },
): GroupStanding {
  const { group, revision } = target;
  return { ...(before ?? nothingKnown), group, revision, isSettled: false, failure };
}

const nothingKnown = {
  removing: [],
  absent: [],
  unmanaged: [],
  warming: [],
  cordoned: [],
  isWriterFallback: false,
  runtimeHash: '',
};

/** Whether something moved that the coordinator counts on: what drains or warms up, what is gone, cordoned or unmanaged. */
export function hasMoved(before: GroupStanding | null, now: GroupStanding): boolean {
  return renderMoves(before) !== renderMoves(now);
}

/** Whether an address came, went, or waits for something else than before; a mere count of connections is no turn. */
export function hasTurned(before: GroupStanding | null, now: GroupStanding): boolean {
  return hasMoved(before === null ? null : withoutCounts(before), withoutCounts(now));
}

function withoutCounts(standing: GroupStanding): GroupStanding {
  return { ...standing, removing: standing.removing.map((server) => ({ ...server, connUsed: 0 })) };
}

/** Whether an address that was told as absent is there again. */
export function hasLostVote(before: GroupStanding | null, now: GroupStanding): boolean {
  const present = new Set(now.removing.map(addressOf));
  return before !== null && before.absent.some((address) => present.has(addressOf(address)));
}

/** All servers just serve, as nearly always. */
function isAtRest({ removing, absent, unmanaged, warming, cordoned, isWriterFallback }: GroupStanding): boolean {
  const apart = removing.length + absent.length + unmanaged.length + warming.length + cordoned.length;
  return apart === 0 && !isWriterFallback;
}

function renderMoves(standing: GroupStanding | null): string {
  if (standing === null || isAtRest(standing)) return '[[],[],[],[],[],false]';
  return JSON.stringify([
    standing.removing.map((server) => [addressOf(server), server.connUsed, server.reason]),
    standing.absent.map((server) => [addressOf(server), server.revision]),
    standing.unmanaged.map(addressOf),
    standing.warming.map((server) => [addressOf(server), server.detail]),
    standing.cordoned.map((server) => [keyOf(server), server.status, server.expiresAtMs]),
    standing.isWriterFallback,
  ]);
}
