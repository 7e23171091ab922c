import type { Clock } from '../../process/clock.ts';
import type { Logger } from '../../process/log.ts';
import type { Incident } from '../core/incident.ts';
import { type IncidentIndex, keys, prefixes, type SetAsideMessage } from '../core/records.ts';
import type { CurrentTerm, Store, Stored, Write } from '../ports.ts';

export type RetentionOptions = {
  readonly eventsMax: number;
  /** Events, closed incidents and set-aside messages older than this are dropped. */
  readonly keepMs: number;
  /** Of closed incidents. */
  readonly incidentsMax: number;
  readonly setAsideMax: number;
  /** Of the whole texts of what was set aside. */
  readonly setAsideBytesMax: number;
  readonly intervalMs: number;
};

export type RetentionDeps = {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  /** One of several coordinators is enough; who holds the term does it. */
  readonly term: CurrentTerm;
};

/** So many records are dropped in one commit. */
const writesMax = 500;

/** Drops what nobody will look for any more. Open incidents, records and rosters are never touched. */
export class Retention {
  readonly name = 'retention';
  readonly #deps: RetentionDeps;
  readonly #options: RetentionOptions;
  #cancelTimer: (() => void) | null = null;
  #running: Promise<void> = Promise.resolve();

  constructor(deps: RetentionDeps, options: RetentionOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  start(): void {
    if (this.#deps.term.isHeld) {
      this.#running = this.sweep().catch((error: unknown) => {
        this.#deps.log.warn({ err: error }, 'retention failed, will retry');
      });
    }
    this.#cancelTimer = this.#deps.clock.setTimer(this.#options.intervalMs, () => {
      this.start();
    });
  }

  async stop(): Promise<void> {
    this.#cancelTimer?.();
    await this.#running;
  }

  /** Drops once. */
  async sweep(): Promise<void> {
    const { store, clock } = this.#deps;
    const { eventsMax, keepMs } = this.#options;
    const oldestMs = clock.nowMs() - keepMs;
    const incidents = await this.#findIncidents(oldestMs);
    const dropped: Stored<unknown>[] = [
      ...incidents,
      ...(await this.#findIndexes(new Set(incidents.map(({ key }) => key)), oldestMs)),
      ...(await this.#findSetAside(oldestMs)),
    ];
    for (let first = 0; first < dropped.length; first += writesMax) {
      const writes = dropped.slice(first, first + writesMax).flatMap(dropOf);
      // Whoever changed one meanwhile keeps all of them; the next sweep looks again.
      await store.commit({ writes });
    }
    await store.pruneEvents(eventsMax, oldestMs);
  }

  /** Closed incidents that are old, or more than are kept. */
  async #findIncidents(oldestMs: number): Promise<Stored<Incident>[]> {
    const incidents = await this.#deps.store.list(prefixes.allIncidents);
    return incidents
      .filter(({ value }) => value.state === 'closed')
      .sort((one, other) => other.value.lastSeenAtMs - one.value.lastSeenAtMs)
      .filter(({ value }, index) => index >= this.#options.incidentsMax || value.lastSeenAtMs < oldestMs);
  }

  /** Index entries whose incidents are all gone, and closes whose incident never came. */
  async #findIndexes(leaving: ReadonlySet<string>, oldestMs: number): Promise<Stored<IncidentIndex>[]> {
    const { store } = this.#deps;
    const staying = new Set((await store.list(prefixes.allIncidents)).map(({ key }): string => key));
    for (const key of leaving) staying.delete(key);
    return (await store.list(prefixes.incidentIndexes)).filter(({ key, value }) => {
      const id = key.slice(prefixes.incidentIndexes.length);
      const isAwaited = value.earlyClose !== null && value.earlyClose.sighting.lastSeenAtMs >= oldestMs;
      return !isAwaited && !value.groups.some((group) => staying.has(keys.incident(group, id)));
    });
  }

  /** What was set aside and is old, or more than is kept, by number or by size. */
  async #findSetAside(oldestMs: number): Promise<Stored<SetAsideMessage>[]> {
    const { setAsideMax, setAsideBytesMax } = this.#options;
    const newestFirst = [...(await this.#deps.store.list(prefixes.setAside))].sort(
      (one, other) => other.value.receivedAtMs - one.value.receivedAtMs,
    );
    let bytes = 0;
    return newestFirst.filter(({ value }, index) => {
      bytes += value.bytes ?? 0;
      return index >= setAsideMax || bytes > setAsideBytesMax || value.receivedAtMs < oldestMs;
    });
  }
}

/** A message that was set aside goes with its text. */
function dropOf({ key, revision }: Stored<unknown>): Write[] {
  const write: Write = { key, value: null, ifRevision: revision };
  if (!key.startsWith(prefixes.setAside)) return [write];
  const id = key.slice(prefixes.setAside.length);
  return [write, { key: keys.setAsideText(id), value: null, ifRevision: null }];
}
