import type { Action } from './action.ts';
import type { Voter } from './ballots.ts';

/**
 * The store went back behind what proxies have seen. Until Cloud SQL was listed completely and the agents' own knowledge
 * was compared, what the store says of a group is old news: nothing is created, nothing taken away.
 */
export type Freeze = {
  readonly group: string;
  /** The highest revision that anybody has proven: the next one goes above. */
  readonly aboveRevision: number;
  /** Tells one freeze from the next: voters are compared once for each. */
  readonly sinceMs: number;
  readonly reason: string;
  /** Whether a look that began after it compared the group with a complete listing. */
  readonly isListed: boolean;
};

/**
 * A freeze that begins, or an older one that somebody has seen more of. Null: nothing new. Where the store `isLost` once
 * more, it begins anew: what was compared since may be lost too.
 */
export function raiseFreeze(
  known: Freeze | null,
  seen: {
    readonly group: string;
    readonly aboveRevision: number;
    readonly reason: string;
    readonly isLost?: boolean;
  },
  nowMs: number,
): Freeze | null {
  const { isLost = false, ...fresh } = seen;
  if (known === null) return { ...fresh, sinceMs: nowMs, isListed: false };
  if (isLost) {
    const aboveRevision = Math.max(known.aboveRevision, seen.aboveRevision);
    return { ...fresh, aboveRevision, sinceMs: Math.max(nowMs, known.sinceMs + 1), isListed: false };
  }
  return known.aboveRevision >= seen.aboveRevision ? null : { ...known, aboveRevision: seen.aboveRevision };
}

/** Voters whose knowledge was not compared with the store since it went back. */
export function voterNotCompared(freeze: Freeze, voters: readonly Voter[]): string[] {
  return voters.filter(({ comparedForMs }) => comparedForMs !== freeze.sinceMs).map(({ agentId }) => agentId);
}

const namesMax = 20;

/** What of a plan may be done while the group is frozen. What is held back is said once, not for each step. */
export function planFrozen(actions: readonly Action[], freeze: Freeze, voters: readonly Voter[]): Action[] {
  const missing = voterNotCompared(freeze, voters);
  const allowed = actions.filter((action) => isHarmless(action) || (freeze.isListed && !takesAway(action)));
  const waitsFor = [
    ...(freeze.isListed ? [] : ['Cloud SQL was not listed completely since']),
    ...(missing.length === 0 ? [] : [`agents not back since: ${missing.slice(0, namesMax).join(', ')}`]),
  ];
  const rest = waitsFor.length === 0 ? ['agents that are not known may be on their way, for half a minute'] : waitsFor;
  const detail = [freeze.reason, ...rest].join('; ');
  return [...allowed, { action: 'wait', reason: 'FROZEN', subject: freeze.group, detail }];
}

/** What only looks, or takes note of what Cloud SQL itself says. */
function isHarmless(action: Action): boolean {
  if (action.action === 'writeReplica') {
    return ['INSTANCE_GONE', 'NOT_RUNNING', 'ADDRESS_CHANGED'].includes(action.replica.reason);
  }
  return ['wait', 'alarm', 'sampleGate'].includes(action.action);
}

function takesAway(action: Action): boolean {
  if (action.action === 'writeReplica')
    return action.replica.state === 'draining' || action.replica.state === 'deleting';
  return action.action !== 'createInstance';
}

/** Agents that were away when the store went back have so long to come again, also those that its roster lost. */
const agentsBackMs = 30_000;

/** Whether the group's life goes on: published above what was seen, and every voter compared. */
export function isThawed(
  freeze: Freeze,
  group: { readonly revision: number; readonly voters: readonly Voter[] },
  nowMs: number,
): boolean {
  const isDue = freeze.aboveRevision === 0 || nowMs - freeze.sinceMs >= agentsBackMs;
  const isAbove = group.revision > freeze.aboveRevision || freeze.aboveRevision === 0;
  return freeze.isListed && isDue && isAbove && voterNotCompared(freeze, group.voters).length === 0;
}
