import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  advanceRollout,
  beginRollout,
  canaryCount,
  endCanary,
  isWriterChange,
  type Rollout,
  type RolloutAnswer,
} from '../../../coordinator/core/rollout.ts';
import type { SnapshotServer } from '../../../coordinator/core/snapshot.ts';
import { published } from '../builders.ts';

type Step = readonly [answer: RolloutAnswer, isCanary: boolean];

function after(agents: number, steps: readonly Step[], isUrgent = false): Rollout {
  return steps.reduce(
    (rollout, [answer, isCanary]) => advanceRollout(rollout, answer, isCanary),
    beginRollout(agents, isUrgent),
  );
}

const times = (count: number, step: Step): Step[] => Array.from({ length: count }, () => step);

describe('a roll-out', () => {
  for (const [agents, count] of [
    [0, 0],
    [19, 0],
    [20, 1],
    [100, 1],
    [101, 2],
    [10_000, 100],
  ] as const) {
    it(`has a first wave of ${count} of ${agents} agents`, () => {
      assert.equal(canaryCount(agents), count);
    });
  }

  const cases: readonly (readonly [name: string, rollout: Rollout, state: Rollout['state']])[] = [
    ['of a small fleet goes to all', after(19, []), 'open'],
    ['that is urgent goes to all', after(10_000, [], true), 'open'],
    ['waits for its first wave', after(10_000, times(99, ['applied', true])), 'canary'],
    ['goes on when the first wave took it', after(10_000, times(100, ['applied', true])), 'open'],
    [
      'goes on when those that did not are gone',
      after(200, [
        ['applied', true],
        ['gone', true],
      ]),
      'open',
    ],
    [
      'is stopped by one refusal in the first wave',
      after(10_000, [
        ['applied', true],
        ['rejected', true],
      ]),
      'stopped',
    ],
    ['is stopped by a refusal of somebody else meanwhile', after(10_000, [['rejected', false]]), 'stopped'],
    ['bears two refusals in a small fleet', after(10, times(2, ['rejected', false])), 'open'],
    ['is stopped by the third', after(10, times(3, ['rejected', false])), 'stopped'],
    [
      'bears one of a hundred',
      after(10_000, [...times(100, ['applied', true]), ...times(100, ['rejected', false])]),
      'open',
    ],
    [
      'is stopped by more',
      after(10_000, [...times(100, ['applied', true]), ...times(101, ['rejected', false])]),
      'stopped',
    ],
    [
      'that was stopped stays so',
      after(10, [...times(3, ['rejected', false]), ...times(7, ['applied', false])]),
      'stopped',
    ],
    ['goes on without a first wave that is silent', endCanary(after(10_000, [])), 'open'],
    ['does not go on by time where it was stopped', endCanary(after(10_000, [['rejected', true]])), 'stopped'],
  ];
  for (const [name, rollout, state] of cases) {
    it(name, () => {
      assert.equal(rollout.state, state);
    });
  }
});

describe('isWriterChange', () => {
  const server = (hostgroup: number, hostname: string): SnapshotServer => ({
    ...{ hostgroup, hostname, port: 3306, status: 'ONLINE', weight: 1, maxConnections: 1, maxReplicationLagSeconds: 0 },
    ...{ useSsl: false, comment: '', instance: '', owned: false, servingSinceMs: 0, caId: '' },
  });
  const snapshot = (...servers: SnapshotServer[]) => published({ writerHostgroup: 5, readerHostgroup: 10, servers });
  const base = snapshot(server(5, 'w'), server(10, 'r'));
  for (const [name, previous, next, expected] of [
    ['a first snapshot', null, base, false],
    ['another reader', base, snapshot(server(5, 'w'), server(10, 'other')), false],
    ['another writer', base, snapshot(server(5, 'other'), server(10, 'r')), true],
    ['a writer that is taken out', base, snapshot(server(10, 'r')), true],
    ['a writer that comes in', snapshot(server(10, 'r')), base, true],
  ] as const) {
    it(`says ${String(expected)} of ${name}`, () => {
      assert.equal(isWriterChange(previous, next), expected);
    });
  }
});
