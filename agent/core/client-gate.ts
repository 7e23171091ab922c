import { isOwner, type Owner } from './ownership.ts';
import type { SentinelState } from './sentinel.ts';

/**
 * ProxySQL's door for clients, and what the sentinel remembers of our closing it. Both are read in one statement:
 * `mysql_listener_paused` alone proves nothing, for it outlives PROXYSQL STOP, START and RESTART, after which clients
 * get in although it still says true. Those rebuild the memory, and the sentinel with its mark is gone.
 */
export type Gate = {
  readonly sentinel: SentinelState;
  readonly isPaused: boolean;
  /** Client connections that are open; those to the admin interface do not count. */
  readonly clients: number;
};

/** How a drain ended. `clients` is `null` when nobody could count them. */
export type DrainResult = { readonly clients: number | null; readonly paused: boolean; readonly tookMs: number };

/**
 * Decides the next step of closing: `mark` (so that a later agent knows that it was us), `pause`, or nothing.
 * `notOurs`: rebuilt or taken over; `foreign`: somebody else paused, whether clients get in is not known.
 */
export function planClosing(gate: Gate | null, owner: Owner): 'mark' | 'pause' | 'closed' | 'foreign' | 'notOurs' {
  if (gate === null || !isOwner(gate.sentinel, owner)) return 'notOurs';
  const isMarked = gate.sentinel.pause !== 'none';
  if (gate.isPaused) return isMarked ? 'closed' : 'foreign';
  return isMarked ? 'pause' : 'mark';
}

/**
 * Decides how to undo what an earlier agent's drain left. A proxy that has left the rosters may route to what was
 * deleted since: it waits for a coordinator. What carries no mark was paused by a person and stays so.
 */
export function planReopening(
  gate: Gate | null,
  owner: Owner,
  now: { readonly isCaughtUp: boolean; readonly hasSynced: boolean },
): 'resume' | 'forget' | 'wait' | 'done' {
  if (gate === null || !isOwner(gate.sentinel, owner)) return 'wait';
  const { pause } = gate.sentinel;
  if (pause === 'none') return 'done';
  if (!gate.isPaused) return 'forget';
  return now.isCaughtUp && (pause === 'paused' || now.hasSynced) ? 'resume' : 'wait';
}
