import type { Incident } from './incident.ts';
import type { LastDecision, StoredEvent } from './records.ts';

/** What happened because of one incident, or why a group has its count: told from what was stored, in order. */
export type StoryStep = 'ALERT' | 'DECISION' | 'REPLICA' | 'WAIT' | 'PROXIES' | 'VOTE' | 'ALARM' | 'NOW' | 'GAP';

export type StoryLine = {
  /** 0: it is so now. */
  readonly atMs: number;
  readonly step: StoryStep;
  readonly subject: string;
  readonly text: string;
};

export type Story = { readonly summary: string; readonly lines: readonly StoryLine[] };

/** What stands in the way now. */
type StandingHold = { readonly subject: string; readonly reason: string; readonly message: string };

export type GroupFacts = {
  readonly group: string;
  readonly desired: number;
  readonly desiredReason: string;
  readonly decision: LastDecision | null;
  readonly incidents: readonly Incident[];
  readonly holds: readonly StandingHold[];
  /** The group's events, oldest first. */
  readonly events: readonly StoredEvent[];
};

/** A group's story ends with so many of its last decisions and alarms. */
const groupLinesMax = 20;

/** What is being followed while an incident's events are read. */
type Tracking = {
  readonly id: string;
  /** Whose decision changed the count last. */
  cause: string;
  /** Replicas that came or went because of the incident, and their states as far as it is about them. */
  readonly owned: Map<string, string>;
  /** Those that another decision has moved since. */
  readonly released: Set<string>;
  /** Whether proxies have still to take over what the incident changed. */
  awaitsProxies: boolean;
};

/**
 * Tells an incident's story: its messages, the decisions about it, the replicas that those brought in or took out, what
 * these waited for, and when proxies took each change over. A replica belongs to the incident whose decision changed
 * the count last before it moved.
 */
export function tellIncident(incident: Incident, events: readonly StoredEvent[]): Story {
  const tracking: Tracking = {
    id: incident.id,
    cause: '',
    owned: new Map(),
    released: new Set(),
    awaitsProxies: false,
  };
  const lines = events.flatMap((event) => follow(tracking, event));
  const oldest = events[0];
  const isCut = oldest === undefined || oldest.atMs > incident.lastSeenAtMs || !lines.some(isAlert);
  const gap: StoryLine = {
    atMs: incident.openedAtMs,
    step: 'GAP',
    subject: incident.id,
    text: 'opened; events of that time are no longer kept',
  };
  return { summary: summaryOf(incident, lines, tracking.owned), lines: isCut ? [gap, ...lines] : lines };
}

/** Tells why a group has its count. */
export function tellGroup(facts: GroupFacts): Story {
  const { group, desired, desiredReason, decision, holds, incidents, events } = facts;
  const past = events
    .filter(({ kind }) => kind === 'SCALING_DECISION' || kind === 'ALARM')
    .slice(-groupLinesMax)
    .map((event) => lineOf(event, event.kind === 'ALARM' ? 'ALARM' : 'DECISION'));
  const now = (subject: string, text: string): StoryLine => ({ atMs: 0, step: 'NOW', subject, text });
  const open = incidents.filter(({ state }) => state === 'open');
  const lines = [
    ...past,
    ...open.map(({ id, action, summary }) => now(id, `open incident asks for ${action}: ${summary}`)),
    ...(decision === null ? [] : [now(decision.incidentId ?? group, `last decision: ${decision.reason}`)]),
    ...holds.map(({ subject, reason, message }) => now(subject, `held: ${reason} ${message}`)),
  ];
  return { summary: `group ${group} should have ${desired} replicas of its own: ${desiredReason}`, lines };
}

function isAlert({ step }: StoryLine): boolean {
  return step === 'ALERT';
}

function follow(tracking: Tracking, event: StoredEvent): StoryLine[] {
  switch (event.kind) {
    case 'INCIDENT':
      return event.subject === tracking.id ? [lineOf(event, 'ALERT')] : [];
    case 'SCALING_DECISION':
      if (changesCount(event)) tracking.cause = event.subject;
      return event.subject === tracking.id ? [lineOf(event, 'DECISION')] : [];
    case 'REPLICA_STATE':
      return followReplica(tracking, event);
    case 'WAIT':
    case 'ALARM':
      return isMoving(tracking, event.subject) ? [lineOf(event, event.kind)] : [];
    default:
      return followProxies(tracking, event);
  }
}

/** A replica is the incident's from its first step under the incident's decision until another decision moves it. */
function followReplica(tracking: Tracking, event: StoredEvent): StoryLine[] {
  const { subject, reason: state } = event;
  const isTurn = state === 'creating' || state === 'draining';
  const isOurs = tracking.cause === tracking.id;
  if (isTurn && isOurs) tracking.released.delete(subject);
  else if (isTurn) tracking.released.add(subject);
  const isOwned = tracking.owned.has(subject) || (isTurn && isOurs);
  if (!isOwned || tracking.released.has(subject)) return [];
  tracking.owned.set(subject, state);
  if (state === 'serving' || state === 'draining') tracking.awaitsProxies = true;
  return [lineOf(event, 'REPLICA')];
}

function followProxies(tracking: Tracking, event: StoredEvent): StoryLine[] {
  if (event.kind === 'VOTE') return isDraining(tracking) ? [lineOf(event, 'VOTE')] : [];
  const isSnapshot = event.kind === 'SNAPSHOT_PUBLISHED' || event.kind === 'SNAPSHOT_CONVERGED';
  if (!isSnapshot || !tracking.awaitsProxies) return [];
  if (event.kind === 'SNAPSHOT_CONVERGED') tracking.awaitsProxies = false;
  return [lineOf(event, 'PROXIES')];
}

function isDraining({ owned, released }: Tracking): boolean {
  return [...owned].some(([name, state]) => state === 'draining' && !released.has(name));
}

function isMoving({ owned, released }: Tracking, subject: string): boolean {
  const state = released.has(subject) ? undefined : owned.get(subject);
  return state !== undefined && state !== 'serving' && state !== 'gone';
}

function changesCount({ message, reason }: StoredEvent): boolean {
  const counts = /^(\d+) → (\d+)/.exec(message);
  return counts === null ? ['SCALE_OUT', 'SCALE_IN', 'MANUAL'].includes(reason) : counts[1] !== counts[2];
}

function lineOf({ atMs, subject, reason, message, kind }: StoredEvent, step: StoryStep): StoryLine {
  const what = wordOf[kind] ?? '';
  const text = [what, reason, message].filter((part) => part !== '').join(' ');
  return { atMs, step, subject, text };
}

const wordOf: Readonly<Partial<Record<StoredEvent['kind'], string>>> = {
  SNAPSHOT_PUBLISHED: 'published',
  SNAPSHOT_CONVERGED: 'all proxies:',
};

function summaryOf(incident: Incident, lines: readonly StoryLine[], owned: ReadonlyMap<string, string>): string {
  const last = lines.findLast(({ step }) => step === 'DECISION');
  const decided = last === undefined ? 'nothing was decided because of it' : `last decision ${last.text}`;
  const replicas = [...owned].map(([name, state]) => `${name} ${state}`).join(', ');
  const moved = replicas === '' ? '' : `; replicas: ${replicas}`;
  return `${incident.action} of ${incident.group}, ${incident.state}; ${decided}${moved}`;
}
