import type { SentinelState } from './sentinel.ts';

/** One agent process: the agent's stable name, and what is new with every start. */
export type Owner = { readonly agentId: string; readonly bootId: string };

/** How often an owner shows that it lives, and after how long a silence another agent may take its ProxySQL over. */
export const heartbeat = { intervalMs: 10_000, silenceMaxSeconds: 30 };

/** The oldest ProxySQL whose tables and commands this agent was written for. */
const oldest = { major: 2, minor: 5 };

/** Why this agent keeps its hands off a ProxySQL. */
export type Refusal = { readonly code: 'PROXYSQL_UNSUPPORTED' | 'OTHER_AGENT' | 'REPLACED'; readonly message: string };

/**
 * Says whether this process may manage the ProxySQL that carries the sentinel. A restarted agent takes over from its
 * own predecessor at once; one that held the sentinel and finds its own name with another boot there was replaced.
 *
 * @param hasHeld Whether this process held this very sentinel before.
 */
export function judgeOwner(
  sentinel: SentinelState,
  owner: Owner,
  hasHeld: boolean,
): 'ours' | 'takeOver' | { readonly refusal: Refusal } {
  if (isOwner(sentinel, owner)) return 'ours';
  // A living owner is never far off zero; far below it is a dead one before whose last beat the clock was put back.
  if (Math.abs(sentinel.silentSeconds) >= heartbeat.silenceMaxSeconds) return 'takeOver';
  const isSameAgent = sentinel.agentId === owner.agentId;
  if (isSameAgent && !hasHeld) return 'takeOver';
  const who = isSameAgent ? `a newer process of agent ${owner.agentId}` : `agent ${sentinel.agentId}`;
  const message =
    `${who} manages this ProxySQL and was heard ${Math.max(0, sentinel.silentSeconds)} s ago; ` +
    `agent ${owner.agentId} takes over after ${heartbeat.silenceMaxSeconds} s of silence`;
  return { refusal: { code: isSameAgent ? 'REPLACED' : 'OTHER_AGENT', message } };
}

/** Whether the sentinel names this very process. */
export function isOwner(sentinel: Owner, owner: Owner): boolean {
  return sentinel.agentId === owner.agentId && sentinel.bootId === owner.bootId;
}

/** Says why a ProxySQL of this `admin-version` is not managed; `null` when it is. */
export function judgeVersion(version: string): Refusal | null {
  const [, major, minor] = /^(\d+)\.(\d+)(?:\.|$)/.exec(version) ?? [];
  const wanted = `${oldest.major}.${oldest.minor} or newer is needed`;
  if (major === undefined || minor === undefined) {
    const message = `ProxySQL's version ${JSON.stringify(version)} is not known; ${wanted}`;
    return { code: 'PROXYSQL_UNSUPPORTED', message };
  }
  const isOld = Number(major) < oldest.major || (Number(major) === oldest.major && Number(minor) < oldest.minor);
  return isOld ? { code: 'PROXYSQL_UNSUPPORTED', message: `ProxySQL ${version} is too old; ${wanted}` } : null;
}
