import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import { type Incident, mergeIncident, parseNotification } from '../core/incident.ts';
import { keys, type NewEvent } from '../core/records.ts';
import type {
  AcceptedNotification,
  ContentHash,
  Metrics,
  NotificationMessage,
  NotificationSink,
  Store,
} from '../ports.ts';
import { commitFact } from './commits.ts';

const excerptCharactersMax = 2000;

export type IntakeDeps = {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly hash: ContentHash;
  readonly metrics: Metrics;
};

/** Takes notifications into the store: incidents by id, in any order and number; what cannot be used is set aside. */
export class Intake implements NotificationSink {
  readonly #deps: IntakeDeps;

  constructor(deps: IntakeDeps) {
    this.#deps = deps;
  }

  async accept(message: NotificationMessage): Promise<AcceptedNotification> {
    const accepted = await this.#store(message);
    this.#deps.metrics.countNotification(accepted.kind);
    this.#deps.log.info({ source: message.source, kind: accepted.kind, reason: accepted.reason }, 'notification taken');
    return accepted;
  }

  async #store(message: NotificationMessage): Promise<AcceptedNotification> {
    if (message.fault !== undefined) return this.#setAside(message, message.fault);
    const parsed = parseNotification(message.text, this.#deps.clock.nowMs());
    if (parsed.kind === 'ignored') return parsed;
    if (parsed.kind === 'unusable') return this.#setAside(message, parsed.reason);
    const { incident } = parsed;
    const group = await this.#deps.store.get(keys.group(incident.group));
    if (group === null) {
      return this.#setAside(message, `group ${JSON.stringify(incident.group)} is not declared`);
    }
    await this.#storeIncident(incident);
    return { kind: 'incident', reason: `${incident.id} ${incident.state}: ${incident.action} of ${incident.group}` };
  }

  async #storeIncident(seen: Incident): Promise<void> {
    const { store, clock } = this.#deps;
    const key = keys.incident(seen.group, seen.id);
    await commitFact(store, async () => {
      const stored = await store.get(key);
      const merged = mergeIncident(stored?.value ?? null, seen);
      const isNews = stored?.value.state !== merged.state;
      const event: NewEvent = {
        atMs: clock.nowMs(),
        group: seen.group,
        kind: 'INCIDENT',
        subject: seen.id,
        reason: merged.state,
        message: `${merged.action}: ${merged.summary || merged.policyName}`,
      };
      return {
        writes: [{ key, value: merged, ifRevision: stored?.revision ?? 0 }],
        events: isNews ? [event] : [],
      };
    });
  }

  /** Keeps a message that cannot be used, once per distinct text, and reports it. */
  async #setAside(message: NotificationMessage, reason: string): Promise<AcceptedNotification> {
    const { store, clock, hash } = this.#deps;
    const receivedAtMs = clock.nowMs();
    const id = hash(message.text);
    const excerpt = message.text.slice(0, excerptCharactersMax);
    await commitFact(store, async () => {
      const stored = await store.get(keys.setAside(id));
      const value = { id, source: message.source, reason, receivedAtMs, excerpt };
      const event: NewEvent = {
        atMs: receivedAtMs,
        group: '',
        kind: 'SET_ASIDE',
        subject: id,
        reason,
        message: message.source,
      };
      return {
        writes: [{ key: keys.setAside(id), value, ifRevision: stored?.revision ?? 0 }],
        events: stored === null ? [event] : [],
      };
    });
    return { kind: 'unusable', reason };
  }
}
