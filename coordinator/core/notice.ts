import type { StoredEvent } from './records.ts';

/**
 * What people are told: an event in a fixed shape, `docs/schemas/notification-v1.json`. Receivers may meet one twice
 * and tell it by its `id`.
 */
export type Notice = {
  readonly schema: 'chester.notification/v1';
  readonly id: string;
  readonly atMs: number;
  readonly install: string;
  /** Empty when no group is concerned. */
  readonly group: string;
  readonly kind: 'incident' | 'decision' | 'replica' | 'alarm' | 'set-aside';
  /** The incident that it is about, or that caused it; null when none did. */
  readonly incident: string | null;
  readonly subject: string;
  /** The group's count before and after its last decision; null when that is not known. */
  readonly decision: { readonly before: number; readonly after: number } | null;
  readonly reason: string;
  readonly text: string;
  /** How many notices of the group were left out since the last one, because there were too many. */
  readonly leftOut: number;
};

/** A group's last decision: who asked for it, and what it changed. */
export type Cause = Pick<Notice, 'incident' | 'decision'>;

/** Decisions that come and go while something is on its way: events and metrics have them, nobody is told. */
const quietDecisions = ['STEADY', 'WITHIN_COOLDOWN', 'OPERATION_IN_PROGRESS', 'STABILISING', 'WARMING'];
const toldStates = ['creating', 'serving', 'draining', 'gone'];

/** The cause that an event makes for what follows in its group; null when it is no decision that changed the count. */
export function causeOf({ kind, subject, group, message }: StoredEvent): Cause | null {
  if (kind !== 'SCALING_DECISION') return null;
  const counts = /^(\d+) → (\d+)/.exec(message);
  if (counts === null || counts[1] === counts[2]) return null;
  const isIncident = subject !== '' && subject !== group;
  return {
    incident: isIncident ? subject : null,
    decision: { before: Number(counts[1]), after: Number(counts[2]) },
  };
}

/** Renders an event as a notice; null for one that nobody is told. `cause` is the group's last decision. */
export function noticeOf(event: StoredEvent, install: string, cause: Cause | null): Notice | null {
  const kind = kindOf(event);
  if (kind === null) return null;
  const { sequence, atMs, group, subject, reason, message } = event;
  const caused = kind === 'replica' || kind === 'decision' ? cause : null;
  return {
    schema: 'chester.notification/v1',
    id: `${install}:${sequence}`,
    atMs,
    install,
    group,
    kind,
    incident: incidentOf(event, kind, caused),
    subject,
    decision: caused?.decision ?? null,
    reason,
    text: message,
    leftOut: 0,
  };
}

/** One line for people. */
export function renderNotice({ install, group, kind, incident, subject, reason, text, leftOut }: Notice): string {
  const about = [group, kind, subject].filter((word) => word !== '').join(' ');
  const by = incident === null || incident === subject ? '' : ` (incident ${incident})`;
  const more = leftOut === 0 ? '' : ` [${leftOut} more of this group were left out]`;
  return `[${install}] ${about}: ${[reason, text].filter((part) => part !== '').join(', ')}${by}${more}`;
}

/** How many notices a group may cause: `burst` at once, then one every `everyMs`. */
export type RateLimit = { readonly burst: number; readonly everyMs: number };
export type Allowance = { readonly left: number; readonly atMs: number; readonly leftOut: number };

/** Takes one notice from a group's allowance; `isAllowed` is false when there were too many. */
export function takeAllowance(
  allowance: Allowance | null,
  limit: RateLimit,
  nowMs: number,
): { readonly allowance: Allowance; readonly isAllowed: boolean } {
  const { left, atMs, leftOut } = allowance ?? { left: limit.burst, atMs: nowMs, leftOut: 0 };
  const earned = Math.max(0, nowMs - atMs) / limit.everyMs;
  const now = Math.min(limit.burst, left + earned);
  if (now < 1) return { allowance: { left: now, atMs: nowMs, leftOut: leftOut + 1 }, isAllowed: false };
  return { allowance: { left: now - 1, atMs: nowMs, leftOut: 0 }, isAllowed: true };
}

function kindOf({ kind, reason }: StoredEvent): Notice['kind'] | null {
  switch (kind) {
    case 'INCIDENT':
      return 'incident';
    case 'SCALING_DECISION':
      return quietDecisions.includes(reason) ? null : 'decision';
    case 'REPLICA_STATE':
      return toldStates.includes(reason) ? 'replica' : null;
    case 'ALARM':
      return 'alarm';
    case 'SET_ASIDE':
      return 'set-aside';
    default:
      return null;
  }
}

function incidentOf({ subject, group }: StoredEvent, kind: Notice['kind'], cause: Cause | null): string | null {
  if (kind === 'incident') return subject;
  if (kind === 'decision') return subject === '' || subject === group ? null : subject;
  return cause?.incident ?? null;
}
