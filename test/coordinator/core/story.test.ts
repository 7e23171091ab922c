import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { StoredEvent } from '../../../coordinator/core/records.ts';
import { tellGroup, tellIncident } from '../../../coordinator/core/story.ts';
import { incident, startMs } from '../builders.ts';

/** Events written as words: kind, subject, reason, message. */
function events(lines: readonly (readonly [StoredEvent['kind'], string, string, string?])[]): StoredEvent[] {
  return lines.map(([kind, subject, reason, message = ''], index) => ({
    sequence: index + 1,
    atMs: startMs + index,
    group: 'orders',
    kind,
    subject,
    reason,
    message,
  }));
}

const scaleOut = [
  ['INCIDENT', 'a', 'open', 'scale-out: CPU'],
  ['SCALING_DECISION', 'a', 'WITHIN_COOLDOWN', '0 → 0 (min 0, max 3)'],
  ['SCALING_DECISION', 'a', 'SCALE_OUT', '0 → 1 (min 0, max 3)'],
  ['REPLICA_STATE', 'r1', 'creating', 'DESIRED'],
  ['WAIT', 'r1', 'OPERATION_IN_PROGRESS', 'busy'],
  ['SNAPSHOT_PUBLISHED', '6', 'hash', '1 servers, 0 leaving'],
  ['REPLICA_STATE', 'r1', 'gating', 'RUNNABLE'],
  ['REPLICA_STATE', 'r1', 'serving', 'GATE_PASSED'],
  ['SNAPSHOT_PUBLISHED', '7', 'hash', '2 servers, 0 leaving'],
  ['SNAPSHOT_CONVERGED', '7', 'APPLIED', '2 of 2 agents, 9.0 ms after commit; p1 5.0 ms, p2 9.0 ms'],
  ['INCIDENT', 'a', 'closed', 'scale-out: CPU'],
] as const;
const scaleIn = [
  ['INCIDENT', 'b', 'open', 'scale-in: idle'],
  ['SCALING_DECISION', 'b', 'SCALE_IN', '1 → 0 (min 0, max 3)'],
  ['REPLICA_STATE', 'r1', 'draining', 'DESIRED'],
  ['SNAPSHOT_PUBLISHED', '8', 'hash', '1 servers, 1 leaving'],
  ['WAIT', 'r1', 'VOTERS_OUTSTANDING', 'p1'],
  ['VOTE', 'p1', 'ABSENT', '10.0.0.1:3306'],
  ['SNAPSHOT_CONVERGED', '8', 'APPLIED', '2 of 2 agents, 5.0 ms after commit'],
  ['REPLICA_STATE', 'r1', 'deleting', 'ABSENT_EVERYWHERE'],
  ['REPLICA_STATE', 'r1', 'gone', 'deleted'],
  ['INCIDENT', 'b', 'closed', 'scale-in: idle'],
] as const;
const noise = [
  ['AGENT', 'p1', 'ENROLLED'],
  ['REPLICA_STATE', 'r9', 'serving', 'GATE_PASSED'],
  ['WAIT', 'r9', 'LAGGING', ''],
  ['VOTE', 'p9', 'ABSENT', '10.0.0.9:3306'],
] as const;

describe('tellIncident', () => {
  it('tells a scale-out from alert to ACKs, and nothing of others', () => {
    const story = tellIncident(incident({ id: 'a', state: 'closed' }), events([...scaleOut, ...noise, ...scaleIn]));
    assert.deepEqual(
      story.lines.map(({ step, subject, text }) => `${step} ${subject} ${text}`),
      [
        'ALERT a open scale-out: CPU',
        'DECISION a WITHIN_COOLDOWN 0 → 0 (min 0, max 3)',
        'DECISION a SCALE_OUT 0 → 1 (min 0, max 3)',
        'REPLICA r1 creating DESIRED',
        'WAIT r1 OPERATION_IN_PROGRESS busy',
        'REPLICA r1 gating RUNNABLE',
        'REPLICA r1 serving GATE_PASSED',
        'PROXIES 7 published hash 2 servers, 0 leaving',
        'PROXIES 7 all proxies: APPLIED 2 of 2 agents, 9.0 ms after commit; p1 5.0 ms, p2 9.0 ms',
        'ALERT a closed scale-out: CPU',
      ],
    );
    assert.equal(
      story.summary,
      'scale-out of orders, closed; last decision SCALE_OUT 0 → 1 (min 0, max 3); replicas: r1 serving',
    );
  });

  it('tells a scale-in with its drain, votes and deletion', () => {
    const story = tellIncident(
      incident({ id: 'b', action: 'scale-in', state: 'closed' }),
      events([...scaleOut, ...noise, ...scaleIn]),
    );
    assert.deepEqual(
      story.lines.map(({ step, subject }) => `${step} ${subject}`),
      [
        'ALERT b',
        'DECISION b',
        'REPLICA r1',
        'PROXIES 8',
        'WAIT r1',
        'VOTE p1',
        'PROXIES 8',
        'REPLICA r1',
        'REPLICA r1',
        'ALERT b',
      ],
    );
    assert.match(story.summary, /replicas: r1 gone$/);
  });

  it('leaves to a person what a person ordered meanwhile', () => {
    const story = tellIncident(
      incident({ id: 'a' }),
      events([
        ...scaleOut.slice(0, 4),
        ['SCALING_DECISION', 'orders', 'MANUAL', '1 → 2'],
        ['REPLICA_STATE', 'r2', 'creating', 'DESIRED'],
        ['REPLICA_STATE', 'r1', 'gating', 'RUNNABLE'],
        ['REPLICA_STATE', 'r2', 'gating', 'RUNNABLE'],
      ]),
    );
    assert.deepEqual(
      story.lines.filter(({ step }) => step === 'REPLICA').map(({ subject }) => subject),
      ['r1', 'r1'],
    );
  });

  it('says so when nothing was decided, and when events are gone', () => {
    const story = tellIncident(incident({ id: 'a' }), events(scaleIn));
    assert.match(story.summary, /^scale-out of orders, open; nothing was decided/);
    assert.deepEqual(
      story.lines.map(({ step, atMs }) => [step, atMs]),
      [['GAP', startMs]],
    );
    const whole = tellIncident(incident({ id: 'a' }), events(scaleOut));
    assert(!whole.lines.some(({ step }) => step === 'GAP'));
  });
});

describe('tellGroup', () => {
  it('says the count, its reason, what asks for another and what is in the way', () => {
    const story = tellGroup({
      group: 'orders',
      desired: 1,
      desiredReason: 'SCALE_OUT a',
      decision: null,
      incidents: [incident({ id: 'a', state: 'closed' }), incident({ id: 'c' })],
      holds: [{ subject: 'r1', reason: 'LAGGING', message: 'lags 20 s' }],
      events: events([...scaleOut, ...noise, ['ALARM', 'r1', 'CREATE_FAILED', 'stockout']]),
    });
    assert.equal(story.summary, 'group orders should have 1 replicas of its own: SCALE_OUT a');
    assert.deepEqual(
      story.lines.map(({ step, subject }) => `${step} ${subject}`),
      ['DECISION a', 'DECISION a', 'ALARM r1', 'NOW c', 'NOW r1'],
    );
  });
});
