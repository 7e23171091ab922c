import type { Clock } from '../../process/clock.ts';
import {
  type Incident,
  joinSightings,
  mergeIncident,
  mergeSighting,
  type Notification,
  parseNotification,
  type Sighting,
} from '../core/incident.ts';
import { type IncidentIndex, keys, type NewEvent, prefixes } from '../core/records.ts';
import type { AcceptedNotification, ContentHash, NotificationMessage, Store } from '../ports.ts';
import type { FactBatch } from './fact-batch.ts';

export type IntakeFactsDeps = {
  readonly store: Store;
  readonly clock: Clock;
  readonly hash: ContentHash;
  readonly resync?: (group: string) => void;
};

const excerptCharactersMax = 2000;
/** What the webhook and the pull let through; a longer text would be cut, and never be replayed. */
const textCharactersMax = 256 * 1024;

/** Writes into a batch what messages say. Nothing counts before the batch is committed. */
export class IntakeFacts {
  readonly #deps: IntakeFactsDeps;
  readonly #batch: FactBatch;

  constructor(deps: IntakeFactsDeps, batch: FactBatch) {
    this.#deps = deps;
    this.#batch = batch;
  }

  /** Takes a message, or sets it aside with its reason. */
  async accept(message: NotificationMessage): Promise<AcceptedNotification> {
    if (message.fault !== undefined) return this.#setAside(message, message.fault);
    const parsed = parseNotification(message.text, this.#deps.clock.nowMs());
    const accepted = await this.take(parsed);
    if (accepted.kind !== 'unusable') return accepted;
    const isEarlyClose = parsed.kind === 'unaddressed' && parsed.sighting.state === 'closed';
    if (isEarlyClose) await this.#keepEarlyClose(parsed.sighting, this.#deps.hash(message.text));
    return this.#setAside(message, accepted.reason);
  }

  /** Takes what a message says. What cannot be used changes nothing. */
  async take(parsed: Notification): Promise<AcceptedNotification> {
    switch (parsed.kind) {
      case 'ignored':
      case 'unusable':
        return parsed;
      case 'incident':
        if (!(await this.#isDeclared(parsed.incident.group))) return undeclared(parsed.incident.group);
        await this.#takeIncident(parsed.incident);
        return accepted(parsed.incident);
      case 'unaddressed':
        return this.#takeUnaddressed(parsed.sighting, parsed.reason);
      case 'resync':
        if (!(await this.#isDeclared(parsed.group))) return undeclared(parsed.group);
        return this.#takeResync(parsed);
    }
  }

  async dropSetAside(id: string): Promise<void> {
    await this.#batch.put(keys.setAside(id), null);
    await this.#batch.put(keys.setAsideText(id), null);
  }

  async #isDeclared(group: string): Promise<boolean> {
    return (await this.#batch.get(keys.group(group))) !== null;
  }

  async #takeIncident(seen: Incident): Promise<void> {
    const index = await this.#batch.get(keys.incidentIndex(seen.id));
    const early = index?.earlyClose ?? null;
    await this.#store(early === null ? seen : mergeSighting(seen, early.sighting));
    if (early !== null) await this.dropSetAside(early.setAsideId);
    const groups = index?.groups ?? [];
    if (early !== null || !groups.includes(seen.group)) {
      const next: IncidentIndex = { groups: [...new Set([...groups, seen.group])], earlyClose: null };
      await this.#batch.put(keys.incidentIndex(seen.id), next);
    }
  }

  async #store(seen: Incident): Promise<void> {
    const key = keys.incident(seen.group, seen.id);
    const stored = await this.#batch.get(key);
    const merged = mergeIncident(stored, seen);
    await this.#batch.put(key, merged);
    if (stored?.state === merged.state) return;
    this.#note({
      group: seen.group,
      kind: 'INCIDENT',
      subject: seen.id,
      reason: merged.state,
      message: `${merged.action}: ${merged.summary || merged.policyName}`,
    });
  }

  /** A message without labels counts for the incidents that have its id. */
  async #takeUnaddressed(sighting: Sighting, reason: string): Promise<AcceptedNotification> {
    const known: Incident[] = [];
    for (const group of await this.#groupsOf(sighting.id)) {
      const incident = await this.#batch.get(keys.incident(group, sighting.id));
      if (incident !== null) known.push(incident);
    }
    for (const incident of known) await this.#store(mergeSighting(incident, sighting));
    const [first] = known;
    if (first === undefined) return { kind: 'unusable', reason };
    return accepted({ ...first, state: sighting.state });
  }

  /** Incidents of an earlier version stand in no index; they are looked for once. */
  async #groupsOf(id: string): Promise<readonly string[]> {
    const index = await this.#batch.get(keys.incidentIndex(id));
    if (index !== null) return index.groups;
    const incidents = await this.#deps.store.list(prefixes.allIncidents);
    return incidents.filter(({ value }) => value.id === id).map(({ value }) => value.group);
  }

  async #keepEarlyClose(sighting: Sighting, setAsideId: string): Promise<void> {
    const key = keys.incidentIndex(sighting.id);
    const index = await this.#batch.get(key);
    const joined = joinSightings(index?.earlyClose?.sighting ?? null, sighting);
    await this.#batch.put(key, { groups: index?.groups ?? [], earlyClose: { sighting: joined, setAsideId } });
  }

  /** Once per incident. The order goes out before it is stored: sent twice it does no harm, lost it would. */
  async #takeResync({ group, incidentId, isOpen }: ResyncNotification): Promise<AcceptedNotification> {
    const key = keys.resync(group);
    if (!isOpen || (await this.#batch.get(key))?.incidentId === incidentId) {
      return { kind: 'ignored', reason: `${incidentId}: ${group} was told to resync already` };
    }
    this.#deps.resync?.(group);
    const atMs = this.#deps.clock.nowMs();
    await this.#batch.put(key, { incidentId, atMs });
    this.#note({
      group,
      kind: 'INCIDENT',
      subject: incidentId,
      reason: 'resync',
      message: 'its proxies get everything again',
    });
    return { kind: 'incident', reason: `${incidentId}: resync of ${group}` };
  }

  /** Keeps a message that cannot be used, once per distinct text, and reports it. */
  async #setAside({ text, source }: NotificationMessage, reason: string): Promise<AcceptedNotification> {
    const id = this.#deps.hash(text);
    const stored = await this.#batch.get(keys.setAside(id));
    const isWhole = text !== '' && text.length <= textCharactersMax;
    await this.#batch.put(keys.setAside(id), {
      id,
      source,
      reason,
      receivedAtMs: this.#deps.clock.nowMs(),
      excerpt: text.slice(0, excerptCharactersMax),
      times: (stored?.times ?? 0) + 1,
      bytes: Buffer.byteLength(text),
      isWhole,
    });
    if (isWhole) await this.#batch.put(keys.setAsideText(id), text);
    if (stored === null) this.#note({ group: '', kind: 'SET_ASIDE', subject: id, reason, message: source });
    return { kind: 'unusable', reason };
  }

  #note(event: Omit<NewEvent, 'atMs'>): void {
    this.#batch.note({ atMs: this.#deps.clock.nowMs(), ...event });
  }
}

type ResyncNotification = Extract<Notification, { kind: 'resync' }>;

function accepted({ id, state, action, group }: Incident): AcceptedNotification {
  return { kind: 'incident', reason: `${id} ${state}: ${action} of ${group}` };
}

function undeclared(group: string): AcceptedNotification {
  return { kind: 'unusable', reason: `group ${JSON.stringify(group)} is not declared` };
}
