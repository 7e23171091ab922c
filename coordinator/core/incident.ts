import { z } from 'zod';
import { labelName } from './names.ts';
import { excerpt, parseWith, renderProblems } from './problems.ts';

/**
 * Cloud Monitoring's notifications, schema 1.2, and the incidents they tell of.
 * The same incident comes open, again open (re-notified) and closed, in any order and any number of times.
 *
 * @see https://cloud.google.com/monitoring/support/notification-options#webhooks
 */
export type ScalingAction = 'scale-out' | 'scale-in';

export type Incident = {
  readonly id: string;
  readonly group: string;
  readonly action: ScalingAction;
  readonly state: 'open' | 'closed';
  readonly openedAtMs: number;
  readonly lastSeenAtMs: number;
  readonly closedAtMs: number | null;
  readonly policyName: string;
  readonly summary: string;
};

/** What a message tells of an incident, whosever it is. */
export type Sighting = Omit<Incident, 'group' | 'action'>;

/** A close that came before anything that says whose the incident is. */
export type EarlyClose = {
  readonly sighting: Sighting;
  /** The message as it was set aside, until its incident is known. */
  readonly setAsideId: string;
};

/** What one message says. `ignored` needs no memory, `unusable` is set aside with its reason. */
export type Notification =
  | { readonly kind: 'incident'; readonly incident: Incident }
  /** Nothing in it says what to do; the incident may be known by its id all the same. */
  | { readonly kind: 'unaddressed'; readonly sighting: Sighting; readonly reason: string }
  /** Chester's `restart`: send a group's proxies everything again. */
  | { readonly kind: 'resync'; readonly group: string; readonly incidentId: string; readonly isOpen: boolean }
  | { readonly kind: 'ignored'; readonly reason: string }
  | { readonly kind: 'unusable'; readonly reason: string };

/** A reason names at most this many problems. */
const problemsMax = 5;

const epochSeconds = z.number().min(0).max(32_503_680_000).nullish();
const shortText = z.string().nullish();
const notificationSchema = z.looseObject({
  version: z.unknown(),
  incident: z.looseObject({
    incident_id: z.string().min(1).max(256),
    state: z.string(),
    started_at: epochSeconds,
    ended_at: epochSeconds,
    policy_name: shortText,
    summary: shortText,
    policy_user_labels: z.record(z.string(), z.string()).nullish(),
    documentation: z.union([z.string(), z.looseObject({ content: z.string().nullish() })]).nullish(),
  }),
});
type RawIncident = z.infer<typeof notificationSchema>['incident'];

/** The words of Chester's alert documentation beside our own. */
const actionWords: Readonly<Record<string, ScalingAction | 'resync'>> = {
  'scale-out': 'scale-out',
  'scale-in': 'scale-in',
  add: 'scale-out',
  remove: 'scale-in',
  resync: 'resync',
  restart: 'resync',
};

/** Parses a message's text. Never throws: what cannot be used comes back with a reason that names field and value. */
export function parseNotification(text: string, nowMs: number): Notification {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return {
      kind: 'unusable',
      reason: `the message is not JSON: ${error instanceof Error ? error.message : 'unreadable'}`,
    };
  }
  const parsed = parseWith(notificationSchema, json);
  if (!parsed.ok) return { kind: 'unusable', reason: renderProblems(parsed.problems.slice(0, problemsMax)) };
  if (parsed.value.version === 'test') return { kind: 'ignored', reason: "Cloud Monitoring's test message" };
  return readIncident(parsed.value.incident, nowMs);
}

/**
 * Joins what is stored of an incident with a message about it. Order and repetition do not matter: of two values that
 * differ, the one that is kept depends on the values alone. Of two actions that is the harmless one.
 */
export function mergeIncident(stored: Incident | null, seen: Incident): Incident {
  if (stored === null) return seen;
  const isOut = stored.action === 'scale-out' || seen.action === 'scale-out';
  const isClosed = stored.state === 'closed' || seen.state === 'closed';
  const telling = stored.state === seen.state ? [stored, seen] : [stored.state === 'closed' ? stored : seen];
  const closings = [stored, seen].flatMap(({ closedAtMs }) => (closedAtMs === null ? [] : [closedAtMs]));
  return {
    id: stored.id,
    group: stored.group,
    action: isOut ? 'scale-out' : 'scale-in',
    state: isClosed ? 'closed' : 'open',
    openedAtMs: Math.min(stored.openedAtMs, seen.openedAtMs),
    lastSeenAtMs: Math.max(stored.lastSeenAtMs, seen.lastSeenAtMs),
    closedAtMs: closings.length === 0 ? null : Math.min(...closings),
    policyName: greatest([stored.policyName, seen.policyName]),
    summary: greatest(telling.map(({ summary }) => summary)),
  };
}

function greatest(texts: readonly string[]): string {
  return texts.reduce((best, text) => (text > best ? text : best), '');
}

/** Closes an incident by order of a person. One that is closed stays as it is. */
export function closeByHand(incident: Incident, nowMs: number): Incident {
  return incident.state === 'closed' ? incident : { ...incident, state: 'closed', closedAtMs: nowMs };
}

/** Takes into an incident what a message says that names it by its id alone. */
export function mergeSighting(incident: Incident, sighting: Sighting): Incident {
  const { group, action } = incident;
  const policyName = sighting.policyName === '' ? incident.policyName : sighting.policyName;
  return mergeIncident(incident, { ...sighting, policyName, group, action });
}

/** Joins two messages about an incident that is not known yet. */
export function joinSightings(one: Sighting | null, other: Sighting): Sighting {
  if (one === null) return other;
  const unknown = { group: '', action: 'scale-out' } as const;
  const { id, state, openedAtMs, lastSeenAtMs, closedAtMs, policyName, summary } = mergeIncident(
    { ...one, ...unknown },
    { ...other, ...unknown },
  );
  return { id, state, openedAtMs, lastSeenAtMs, closedAtMs, policyName, summary };
}

function readIncident(raw: RawIncident, nowMs: number): Notification {
  const state = raw.state.toLowerCase();
  if (state !== 'open' && state !== 'closed') {
    return { kind: 'unusable', reason: `incident.state is ${excerpt(raw.state)}; allowed: open, closed` };
  }
  const sighting = readSighting(raw, state, nowMs);
  const target = readTarget(raw);
  if (target === null) return { kind: 'unaddressed', sighting, reason: nothingSaid };
  if (!target.ok) return { kind: 'unusable', reason: target.reason };
  const { group, action } = target;
  if (action === 'resync') return { kind: 'resync', group, incidentId: sighting.id, isOpen: state === 'open' };
  return { kind: 'incident', incident: { ...sighting, group, action } };
}

function readSighting(raw: RawIncident, state: Incident['state'], nowMs: number): Sighting {
  const openedAtMs = typeof raw.started_at === 'number' ? Math.round(raw.started_at * 1000) : nowMs;
  const endedAtMs = typeof raw.ended_at === 'number' ? Math.round(raw.ended_at * 1000) : nowMs;
  return {
    id: raw.incident_id,
    state,
    openedAtMs,
    lastSeenAtMs: nowMs,
    closedAtMs: state === 'closed' ? endedAtMs : null,
    policyName: (raw.policy_name ?? '').slice(0, 256),
    summary: (raw.summary ?? '').slice(0, 1024),
  };
}

type Target =
  | { readonly ok: true; readonly group: string; readonly action: ScalingAction | 'resync' }
  | { readonly ok: false; readonly reason: string };

const nothingSaid =
  'nothing says what to do: policy_user_labels has no chester-group and chester-action, ' +
  'and documentation.content is no JSON with instance_group and action';

/** What to do, from the policy's user labels, else from the JSON in its documentation. Null: neither says anything. */
function readTarget(raw: RawIncident): Target | null {
  const labels = raw.policy_user_labels ?? {};
  if (labels['chester-group'] !== undefined || labels['chester-action'] !== undefined) {
    const from = 'incident.policy_user_labels.chester-';
    return checkTarget(labels['chester-group'], labels['chester-action'], {
      group: `${from}group`,
      action: `${from}action`,
    });
  }
  const content = typeof raw.documentation === 'string' ? raw.documentation : raw.documentation?.content;
  const documented = parseDocumentation(content ?? '');
  if (documented === null) return null;
  const from = 'incident.documentation.content: ';
  return checkTarget(documented['instance_group'], documented['action'], {
    group: `${from}instance_group`,
    action: `${from}action`,
  });
}

function checkTarget(group: unknown, action: unknown, fields: { group: string; action: string }): Target {
  if (typeof group !== 'string' || !labelName.pattern.test(group)) {
    return { ok: false, reason: `${fields.group} is ${excerpt(group)}; allowed: ${labelName.allowed}` };
  }
  const known = typeof action === 'string' && Object.hasOwn(actionWords, action) ? actionWords[action] : undefined;
  if (known === undefined) {
    return {
      ok: false,
      reason: `${fields.action} is ${excerpt(action)}; allowed: ${Object.keys(actionWords).join(', ')}`,
    };
  }
  return { ok: true, group, action: known };
}

function parseDocumentation(content: string): Record<string, unknown> | null {
  try {
    const json: unknown = JSON.parse(content);
    return typeof json === 'object' && json !== null ? (json as Record<string, unknown>) : null;
  } catch {
    return null; // Prose is the usual content of a documentation; it just does not tell us what to do.
  }
}
