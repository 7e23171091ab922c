import type { Logger } from '../../process/log.ts';
import type { ExplainResponse } from '../../proto/gen/chester/v1/ExplainResponse.ts';
import type { SetAsideMessage as WireSetAside } from '../../proto/gen/chester/v1/SetAsideMessage.ts';
import { excerpt } from '../core/problems.ts';
import { keys, prefixes, type SetAsideMessage, type StoredEvent } from '../core/records.ts';
import { type Story, tellGroup, tellIncident } from '../core/story.ts';
import type { Diagnosis, Holds, IncidentDesk, Store } from '../ports.ts';
import { type AdminResult, invalid, notFound } from './group-admin.ts';

export type IncidentAdminDeps = {
  readonly store: Store;
  readonly log: Logger;
  readonly holds: Holds;
  readonly incidents: IncidentDesk;
  readonly doctor: Diagnosis;
};

const eventsPerRead = 1000;
/** A story is told from at most so many events of its group, the newest. */
const eventsMax = 20_000;

/** Lists all incidents and what was set aside, without the whole texts. */
export async function listIncidents({ store }: Pick<IncidentAdminDeps, 'store'>) {
  const incidents = (await store.list(prefixes.allIncidents)).map(({ value }) => {
    const { id, closedAtMs, ...incident } = value;
    return { ...incident, incidentId: id, closedAtMs: closedAtMs ?? 0 };
  });
  const setAside = (await store.list(prefixes.setAside)).map(({ value }) => renderSetAside(value));
  return { incidents, setAside };
}

/** Closes an incident whose close was lost. */
export async function closeIncident(
  { incidents }: Pick<IncidentAdminDeps, 'incidents'>,
  { incidentId, reason }: { readonly incidentId: string; readonly reason: string },
): Promise<AdminResult<{ groups: string[] }>> {
  if (reason === '')
    return invalid([{ field: 'reason', value: '""', allowed: 'why the incident is known to be over' }]);
  const groups = await incidents.close(incidentId, reason);
  return groups.length === 0 ? unknown('incident', incidentId) : { ok: true, value: { groups: [...groups] } };
}

/** Reads one message that was set aside, with its whole text when that was kept. */
export async function readSetAside(
  { store }: Pick<IncidentAdminDeps, 'store'>,
  id: string,
): Promise<AdminResult<WireSetAside>> {
  const [kept, text] = await Promise.all([store.get(keys.setAside(id)), store.get(keys.setAsideText(id))]);
  if (kept === null) return unknown('message', id);
  return { ok: true, value: { ...renderSetAside(kept.value), text: text?.value ?? '' } };
}

/** Takes a message that was set aside once more. */
export async function replaySetAside(
  { incidents }: Pick<IncidentAdminDeps, 'incidents'>,
  id: string,
): Promise<AdminResult<{ result: string }>> {
  const accepted = await incidents.replay(id);
  if (accepted === null) return unknown('message', id);
  if (accepted.kind !== 'unusable') return { ok: true, value: { result: accepted.reason } };
  return { ok: false, code: 'PRECONDITION', message: `it stays set aside: ${accepted.reason}` };
}

/** Tells the story of an incident, or why a group has its count. */
export async function explain(deps: IncidentAdminDeps, subject: string): Promise<AdminResult<ExplainResponse>> {
  const incidents = (await deps.store.list(prefixes.allIncidents)).map(({ value }) => value);
  const incident = incidents.find(({ id }) => id === subject);
  if (incident !== undefined) {
    return rendered(tellIncident(incident, await readEvents(deps, incident.group)));
  }
  const [spec, scaling, decision] = await Promise.all([
    deps.store.get(keys.group(subject)),
    deps.store.get(keys.scaling(subject)),
    deps.store.get(keys.decision(subject)),
  ]);
  if (spec === null) return unknown('incident or group', subject);
  const story = tellGroup({
    group: subject,
    desired: scaling?.value.desired ?? 0,
    desiredReason: scaling?.value.reason ?? '',
    decision: decision?.value ?? null,
    incidents: incidents.filter(({ group }) => group === subject),
    holds: deps.holds.of(subject),
    events: await readEvents(deps, subject),
  });
  return rendered(story);
}

/** Looks at everything a group needs. */
export async function diagnose({ store, doctor }: IncidentAdminDeps, group: string) {
  const spec = await store.get(keys.group(group));
  if (spec === null) return notFound(group);
  return { ok: true as const, value: { checks: [...(await doctor.diagnose(spec.value))] } };
}

async function readEvents({ store }: IncidentAdminDeps, group: string): Promise<readonly StoredEvent[]> {
  const events: StoredEvent[] = [];
  for (;;) {
    const page = await store.readEvents({ afterSequence: events.at(-1)?.sequence ?? 0, limit: eventsPerRead, group });
    events.push(...page);
    if (page.length < eventsPerRead) return events;
    if (events.length > eventsMax) events.splice(0, events.length - eventsMax);
  }
}

function rendered({ summary, lines }: Story): AdminResult<ExplainResponse> {
  return { ok: true, value: { summary, lines: [...lines] } };
}

function renderSetAside({ id, source, reason, receivedAtMs, excerpt: text, ...rest }: SetAsideMessage): WireSetAside {
  const { times = 1, bytes = 0 } = rest;
  return { id, source, reason, receivedAtMs, excerpt: text, times, bytes };
}

function unknown(what: string, id: string): { ok: false; code: 'NOT_FOUND'; message: string } {
  return { ok: false, code: 'NOT_FOUND', message: `${what} ${excerpt(id)} is not known` };
}
