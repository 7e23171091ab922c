import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import { closeByHand, parseNotification } from '../core/incident.ts';
import { keys, type NewEvent, prefixes } from '../core/records.ts';
import type {
  AcceptedNotification,
  ContentHash,
  IncidentDesk,
  Metrics,
  NotificationMessage,
  NotificationSink,
  Store,
} from '../ports.ts';
import { FactBatch } from './fact-batch.ts';
import { IntakeFacts } from './intake-facts.ts';

export type IntakeDeps = {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly hash: ContentHash;
  readonly metrics: Metrics;
  /** Sends a group's proxies everything again; without it nobody is told. */
  readonly resync?: (group: string) => void;
};

/** So many messages share one commit: a slow disk then limits commits, not messages. */
const batchMax = 100;
/** Beyond this many that wait, senders are told to come again. */
const waitingMax = 2000;
const triesMax = 20;

type Waiting = {
  readonly message: NotificationMessage;
  readonly resolve: (accepted: AcceptedNotification) => void;
  readonly reject: (error: unknown) => void;
};

/** Takes notifications into the store: incidents by id, in any order and number; what cannot be used is set aside. */
export class Intake implements NotificationSink, IncidentDesk {
  readonly #deps: IntakeDeps;
  #waiting: Waiting[] = [];
  #isRunning = false;

  constructor(deps: IntakeDeps) {
    this.#deps = deps;
  }

  accept(message: NotificationMessage): Promise<AcceptedNotification> {
    if (this.#waiting.length >= waitingMax) {
      return Promise.reject(new Error(`${waitingMax} notifications wait for the store already`));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ message, resolve, reject });
      if (this.#isRunning) return;
      this.#isRunning = true;
      queueMicrotask(() => void this.#run());
    });
  }

  /** Tries a message that was set aside once more, as of the time when it came. */
  async replay(id: string): Promise<AcceptedNotification | null> {
    return this.#write(async (batch) => {
      const [kept, text] = [await batch.get(keys.setAside(id)), await batch.get(keys.setAsideText(id))];
      if (kept === null) return null;
      if (text === null || kept.isWhole !== true) return { kind: 'unusable', reason: 'its whole text was not kept' };
      const facts = new IntakeFacts(this.#deps, batch);
      const accepted = await facts.take(parseNotification(text, kept.receivedAtMs));
      if (accepted.kind === 'unusable') return accepted;
      await facts.dropSetAside(id);
      return accepted;
    });
  }

  /** Closes an incident by order of a person, in every group that has it. Returns the groups; none: not known. */
  async close(id: string, reason: string): Promise<readonly string[]> {
    const nowMs = this.#deps.clock.nowMs();
    return this.#write(async (batch) => {
      const listed = await this.#deps.store.list(prefixes.allIncidents);
      const groups = listed.filter(({ value }) => value.id === id).map(({ value }) => value.group);
      for (const group of groups) {
        const key = keys.incident(group, id);
        const stored = await batch.get(key);
        if (stored === null || stored.state === 'closed') continue;
        await batch.put(key, closeByHand(stored, nowMs));
        batch.note(closedByHand(group, id, { reason, nowMs }));
      }
      return groups;
    });
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, batchMax);
      try {
        await this.#acceptAll(batch);
      } catch (error) {
        if (batch.length === 1) batch[0]?.reject(error);
        else await this.#acceptEach(batch);
      }
    }
    this.#isRunning = false;
  }

  /** One message that the store will not have must not keep the others out. */
  async #acceptEach(batch: readonly Waiting[]): Promise<void> {
    for (const one of batch) await this.#acceptAll([one]).catch(one.reject);
  }

  async #acceptAll(waiting: readonly Waiting[]): Promise<void> {
    const accepted = await this.#write(async (batch) => {
      const facts = new IntakeFacts(this.#deps, batch);
      const results: AcceptedNotification[] = [];
      for (const { message } of waiting) results.push(await facts.accept(message));
      return results;
    });
    for (const [index, { message, resolve }] of waiting.entries()) {
      const result = accepted[index] ?? { kind: 'ignored', reason: '' };
      this.#deps.metrics.countNotification(result.kind);
      this.#deps.log.info({ source: message.source, kind: result.kind, reason: result.reason }, 'notification taken');
      resolve(result);
    }
  }

  /** Reads, decides and commits until nobody was in between. @throws {Error} after 20 conflicts in a row. */
  async #write<T>(decide: (batch: FactBatch) => Promise<T>): Promise<T> {
    for (let tries = 0; tries < triesMax; tries += 1) {
      const batch = new FactBatch(this.#deps.store);
      const result = await decide(batch);
      if (await batch.commit()) return result;
    }
    throw new Error(`the store refused a fact ${triesMax} times in a row`);
  }
}

function closedByHand(group: string, id: string, { reason, nowMs }: { reason: string; nowMs: number }): NewEvent {
  return {
    atMs: nowMs,
    group,
    kind: 'INCIDENT',
    subject: id,
    reason: 'closed',
    message: `by an operator: ${reason}`,
  };
}
