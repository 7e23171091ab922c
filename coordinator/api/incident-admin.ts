import type { Logger } from '../../process/log.ts';
import type { Incident as WireIncident } from '../../proto/gen/chester/v1/Incident.ts';
import type { ListIncidentsResponse } from '../../proto/gen/chester/v1/ListIncidentsResponse.ts';
import type { ListSetAsideResponse } from '../../proto/gen/chester/v1/ListSetAsideResponse.ts';
import type { ExplainResponse } from '../../proto/gen/chester/v1/ExplainResponse.ts';
import type { SetAsideMessage as WireSetAside } from '../../proto/gen/chester/v1/SetAsideMessage.ts';
import type { Incident } from '../core/incident.ts';
import { excerpt, type Problem } from '../core/problems.ts';
import { keys, prefixes, type SetAsideMessage, type StoredEvent } from '../core/records.ts';
import { type Story, tellGroup, tellIncident } from '../core/story.ts';
import type { Diagnosis, Holds, IncidentDesk, Store } from '../ports.ts';
import type { Sees } from './admin-call.ts';
import { type AdminResult, invalid, notFound, precondition, unknown } from './admin-result.ts';
import { newestFirstKey, type PageRequest, pageOf, sortedBy } from './paging.ts';

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

/** On the first page of an unfiltered list. */
const setAsideShownMax = 100;

export type IncidentQuery = PageRequest & { readonly group: string; readonly state: string; readonly action: string };

/** Lists incidents, newest first, and on the first page what was set aside last. */
export async function listIncidents(
  { store }: Pick<IncidentAdminDeps, 'store'>,
  query: IncidentQuery,
  sees: Sees,
): Promise<AdminResult<ListIncidentsResponse>> {
  const { group, state, action, ...page } = query;
  const problems = [
    ...checkWord('state', state, ['open', 'closed']),
    ...checkWord('action', action, ['scale-out', 'scale-in']),
  ];
  if (problems.length > 0) return invalid(problems);
  const prefix = group === '' ? prefixes.allIncidents : prefixes.incidents(group);
  const found = (await store.list(prefix))
    .map(({ value }) => value)
    .filter((one) => sees(one.group))
    .filter((one) => (state === '' || one.state === state) && (action === '' || one.action === action));
  const keyOf = ({ openedAtMs, group: of, id }: Incident) => newestFirstKey(openedAtMs, `${of} ${id}`);
  const cut = pageOf(sortedBy(found, keyOf), keyOf, page, [group, state, action]);
  if ('ok' in cut) return cut;
  const isWhole = page.pageToken === '' && group === '' && state === '' && action === '';
  const setAside = isWhole ? (await newestSetAside(store)).slice(0, setAsideShownMax) : [];
  const incidents = cut.items.map(renderIncident);
  return { ok: true, value: { incidents, setAside: setAside.map(renderSetAside), nextPageToken: cut.nextPageToken } };
}

/** Reads one incident; one that concerns several groups as the first of them has it. */
export async function readIncident(
  { store }: Pick<IncidentAdminDeps, 'store'>,
  id: string,
): Promise<AdminResult<WireIncident>> {
  const incident = (await findIncident(store, id)) ?? (await scanForIncident(store, id));
  return incident === null ? unknown('incident', id) : { ok: true, value: renderIncident(incident) };
}

/** Lists what was set aside, newest first, without the whole texts. */
export async function listSetAside(
  { store }: Pick<IncidentAdminDeps, 'store'>,
  page: PageRequest,
): Promise<AdminResult<ListSetAsideResponse>> {
  const cut = pageOf(await newestSetAside(store), setAsideKey, page);
  if ('ok' in cut) return cut;
  return { ok: true, value: { setAside: cut.items.map(renderSetAside), nextPageToken: cut.nextPageToken } };
}

async function findIncident(store: Store, id: string): Promise<Incident | null> {
  const index = await store.get(keys.incidentIndex(id));
  for (const group of index?.value.groups ?? []) {
    const incident = await store.get(keys.incident(group, id));
    if (incident !== null) return incident.value;
  }
  return null;
}

/** One whose index is gone, or was never written. */
async function scanForIncident(store: Store, id: string): Promise<Incident | null> {
  const all = await store.list(prefixes.allIncidents);
  return all.find(({ value }) => value.id === id)?.value ?? null;
}

async function newestSetAside(store: Store): Promise<readonly SetAsideMessage[]> {
  return sortedBy(
    (await store.list(prefixes.setAside)).map(({ value }) => value),
    setAsideKey,
  );
}

function setAsideKey({ receivedAtMs, id }: SetAsideMessage): string {
  return newestFirstKey(receivedAtMs, id);
}

function renderIncident({ id, closedAtMs, ...incident }: Incident): WireIncident {
  const { group, action, state, openedAtMs, policyName, summary } = incident;
  return { incidentId: id, group, action, state, openedAtMs, closedAtMs: closedAtMs ?? 0, policyName, summary };
}

function checkWord(field: string, word: string, allowed: readonly string[]): Problem[] {
  if (word === '' || allowed.includes(word)) return [];
  return [{ field, value: excerpt(word), allowed: allowed.join(', ') }];
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
  return precondition(`it stays set aside: ${accepted.reason}`, 'STILL_UNUSABLE');
}

/** Tells the story of an incident, or why a group has its count. */
export async function explain(
  deps: IncidentAdminDeps,
  subject: string,
  sees: Sees,
): Promise<AdminResult<ExplainResponse>> {
  const isGroup = (await deps.store.get(keys.group(subject))) !== null;
  const incident =
    (await findIncident(deps.store, subject)) ?? (isGroup ? null : await scanForIncident(deps.store, subject));
  // An id may look like a group's name, and was let in as one.
  if (incident !== null && sees(incident.group)) {
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
    incidents: (await deps.store.list(prefixes.incidents(subject))).map(({ value }) => value),
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
