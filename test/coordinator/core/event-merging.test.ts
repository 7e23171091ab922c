import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mergeAgentEvents } from '../../../coordinator/core/event-merging.ts';
import type { NewEvent } from '../../../coordinator/core/records.ts';

const event = (subject: string, change: Partial<NewEvent> = {}): NewEvent => ({
  ...{ atMs: 1, group: '', kind: 'AGENT', subject, reason: 'CONNECTED', message: `fleet main` },
  ...change,
});
const many = (count: number, change: Partial<NewEvent> = {}) =>
  Array.from({ length: count }, (_, index) => event(`a${index}`, change));

describe('mergeAgentEvents', () => {
  it('leaves a few as they are, in their order', () => {
    const few = [...many(19), event('a1', { reason: 'DISCONNECTED' })];
    assert.deepEqual(mergeAgentEvents(few), few);
  });

  it('tells what many did in one, and names some', () => {
    const [merged, ...others] = mergeAgentEvents(many(512));
    assert.deepEqual(others, []);
    assert.equal(merged?.subject, '512 agents');
    assert.equal(merged.message, 'a0, a1, a2, a3, a4, a5, a6, a7, a8, a9 and others; the first: fleet main');
  });

  it('keeps groups and reasons apart, and never merges what is not of agents', () => {
    const mixed = [...many(30, { group: 'orders' }), ...many(30, { group: 'billing' })];
    assert.deepEqual(
      mergeAgentEvents(mixed).map(({ group, subject }) => [group, subject]),
      [
        ['orders', '30 agents'],
        ['billing', '30 agents'],
      ],
    );
    const replicas = many(30, { kind: 'REPLICA_STATE' });
    assert.deepEqual(mergeAgentEvents(replicas), replicas);
  });
});
