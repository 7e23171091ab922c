import type { NewEvent } from './records.ts';

/** Fewer of a kind are told one by one. */
const manyMin = 20;
const namesMax = 10;

/**
 * Tells what many agents did at the same moment in one event: ten thousand that come back would push everything else out
 * of the history that people read.
 */
export function mergeAgentEvents(events: readonly NewEvent[]): readonly NewEvent[] {
  const alike = new Map<string, NewEvent[]>();
  for (const event of events) {
    const key = mergeKeyOf(event);
    const known = alike.get(key);
    if (known === undefined) alike.set(key, [event]);
    else known.push(event);
  }
  return [...alike.values()].flatMap((group) => (group.length < manyMin ? group : [mergeAll(group)]));
}

/** Events that say the same of different agents have the same key; all others one of their own. */
function mergeKeyOf({ kind, group, reason, subject, message }: NewEvent): string {
  const isOfAgent = kind === 'AGENT' || kind === 'VOTE';
  return JSON.stringify(isOfAgent ? [kind, group, reason] : [kind, group, reason, subject, message]);
}

function mergeAll(events: readonly NewEvent[]): NewEvent {
  const [first] = events;
  if (first === undefined) throw new RangeError('nothing to merge');
  const names = events.slice(0, namesMax).map(({ subject }) => subject);
  const others = events.length > namesMax ? ' and others' : '';
  const told = first.message === '' ? '' : `; the first: ${first.message}`;
  return { ...first, subject: `${events.length} agents`, message: `${names.join(', ')}${others}${told}` };
}
