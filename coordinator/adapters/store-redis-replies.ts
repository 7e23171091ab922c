import type { EventKind, Key, StoredEvent } from '../core/records.ts';
import type { Stored } from '../ports.ts';

/** Reads an answer of names and values in turn. */
export function pairsOf(flat: readonly string[]): [string, string][] {
  return Array.from({ length: flat.length / 2 }, (_, at) => [flat[2 * at] ?? '', flat[2 * at + 1] ?? '']);
}

/** Reads a record as it stands in Redis. */
export function storedOf<T>(key: Key<T>, text: string): Stored<T> {
  const colon = text.indexOf(':');
  return { key, value: JSON.parse(text.slice(colon + 1)) as T, revision: Number(text.slice(0, colon)) };
}

type EventFields = [atMs: number, group: string, kind: EventKind, subject: string, reason: string, message: string];

/** Reads an event as it stands in Redis. */
export function eventOf(sequence: number, json: string): StoredEvent {
  const [atMs, group, kind, subject, reason, message] = JSON.parse(json) as EventFields;
  return { sequence, atMs, group, kind, subject, reason, message };
}
