import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { GroupView } from '../../../coordinator/core/group-view.ts';
import { createBackoffMs } from '../../../coordinator/core/plan-count.ts';
import { groupSpec, listing, replica, replicaInstance, scalingRecord, voter } from '../builders.ts';
import { leaving, nowMs, planOf, only } from '../plans.ts';

const wants = (desired: number, change = {}) => scalingRecord({ desired, ...change });
const serving = replica.serving;
const instances = (...names: readonly string[]) => listing(names.map((name) => replicaInstance(name)));
const inZone = (name: string, zone: string) => replicaInstance(name, { zone: `europe-west1-${zone}` });
/** Seconds after the record's state began, with the plan's clock. */
const late = (deadlines: object) => groupSpec({ deadlines });
const tenMinutes = 600;

type Case = readonly [name: string, view: Partial<GroupView>, plan: readonly string[]];

const deadlines: readonly Case[] = [
  [
    'a creation',
    {
      spec: late({ createSeconds: tenMinutes - 1 }),
      scaling: wants(1),
      replicas: [replica.creating('r1')],
      listing: listing([replicaInstance('r1', { state: 'PENDING_CREATE', address: null })]),
    },
    ['wait INSTANCE_NOT_READY', 'alarm CREATE_OVERDUE r1'],
  ],
  [
    'a creation, not yet',
    {
      spec: late({ createSeconds: tenMinutes }),
      scaling: wants(1),
      replicas: [replica.creating('r1')],
      listing: listing([replicaInstance('r1', { state: 'PENDING_CREATE', address: null })]),
    },
    ['wait INSTANCE_NOT_READY'],
  ],
  [
    'a gate: given up',
    {
      spec: late({ gateSeconds: tenMinutes - 1 }),
      scaling: wants(1),
      replicas: [replica.gating('r1')],
      listing: instances('r1'),
    },
    ['r1 gating→draining GATE_TIMEOUT', 'alarm GATE_TIMEOUT r1'],
  ],
  [
    'a gate without a deadline',
    {
      spec: late({ gateSeconds: 0 }),
      scaling: wants(1),
      replicas: [replica.gating('r1', { sinceMs: 0, sampledAtMs: nowMs })],
      listing: instances('r1'),
    },
    [],
  ],
  [
    'one that was given up does not come back',
    {
      scaling: wants(1, { createFailedAtMs: nowMs, createFailures: 1 }),
      replicas: [replica.draining('r1', { reason: 'GATE_TIMEOUT', sampledAtMs: nowMs })],
      listing: instances('r1'),
      leaving: leaving('r1'),
    },
    ['wait CREATE_BACKOFF'],
  ],
  [
    'a drain is held',
    {
      spec: late({ drainSeconds: tenMinutes - 1 }),
      replicas: [replica.draining('r1')],
      listing: instances('r1'),
      leaving: leaving('r1'),
      voters: [voter('a')],
    },
    ['wait VOTERS_OUTSTANDING', 'alarm DRAIN_OVERDUE r1'],
  ],
  [
    'a deletion',
    {
      spec: late({ deleteSeconds: tenMinutes - 1 }),
      replicas: [replica.deleting('r1', { operationName: 'op-1' })],
      listing: listing([replicaInstance('r1', { state: 'PENDING_DELETE' })]),
      leaving: leaving('r1'),
    },
    ['wait INSTANCE_NOT_READY', 'alarm DELETE_OVERDUE r1'],
  ],
];

const backoffs: readonly Case[] = [
  [
    'twice as long after the second failure',
    { scaling: wants(1, { createFailedAtMs: nowMs - 2 * createBackoffMs + 1, createFailures: 2 }) },
    ['wait CREATE_BACKOFF'],
  ],
  [
    'and no longer',
    { scaling: wants(1, { createFailedAtMs: nowMs - 2 * createBackoffMs, createFailures: 2 }) },
    ['r99 none→creating INITIAL'],
  ],
  [
    'an hour at most',
    { scaling: wants(1, { createFailedAtMs: nowMs - 3_600_000, createFailures: 99 }) },
    ['r99 none→creating INITIAL'],
  ],
];

const victims: readonly Case[] = [
  [
    'the newest',
    {
      scaling: wants(1),
      replicas: [serving('r1', { createdAtMs: 1 }), serving('r2', { createdAtMs: 2 })],
      listing: instances('r1', 'r2'),
    },
    ['r2 serving→draining SCALE_IN'],
  ],
  [
    'before it one of the fullest zone',
    {
      scaling: wants(2),
      replicas: [
        serving('r1', { createdAtMs: 1 }),
        serving('r2', { createdAtMs: 2 }),
        serving('r3', { createdAtMs: 3 }),
      ],
      listing: listing([inZone('r1', 'b'), inZone('r2', 'b'), inZone('r3', 'c')]),
    },
    ['r2 serving→draining SCALE_IN'],
  ],
  [
    'before it one that is not healthy',
    {
      scaling: wants(2),
      replicas: [
        serving('r1', { createdAtMs: 1 }),
        serving('r2', { createdAtMs: 2 }),
        serving('r3', { createdAtMs: 3 }),
      ],
      listing: listing([{ ...inZone('r1', 'c'), isStopped: true }, inZone('r2', 'b'), inZone('r3', 'b')]),
    },
    ['r1 serving→draining SCALE_IN'],
  ],
  [
    'never one that lost its labels',
    {
      scaling: wants(1),
      replicas: [serving('r1', { createdAtMs: 1 }), serving('r2', { createdAtMs: 2 })],
      listing: listing([replicaInstance('r1'), replicaInstance('r2', { labels: {} })]),
    },
    ['wait NOT_OURS', 'r1 serving→draining SCALE_IN'],
  ],
];

describe('planGroup, deadlines and victims', () => {
  const sections = { deadlines, backoffs, victims };
  for (const [section, cases] of Object.entries(sections)) {
    for (const [name, view, plan] of cases) {
      it(`${section}, ${name}: ${plan.join(', ') || 'nothing'}`, () => {
        assert.deepEqual(planOf(view), plan);
      });
    }
  }

  it('names what an overdue step waits for', () => {
    const drain = { replicas: [replica.draining('r1')], listing: instances('r1'), leaving: leaving('r1') };
    const spec = late({ drainSeconds: 1 });
    assert.match(only('alarm', { spec, ...drain, voters: [voter('proxysql-7')] }).detail, /no vote of proxysql-7/);
    const deletion = { replicas: [replica.deleting('r1', { operationName: 'op-9' })], leaving: leaving('r1') };
    const gone = listing([replicaInstance('r1', { state: 'PENDING_DELETE' })]);
    const { detail } = only('alarm', { spec: late({ deleteSeconds: 1 }), ...deletion, listing: gone });
    assert.match(detail, /PENDING_DELETE, operation op-9/);
  });

  it('counts a gate that is given up as a failed creation', () => {
    const view = { spec: late({ gateSeconds: 1 }), replicas: [replica.gating('r1')], listing: instances('r1') };
    assert.equal(only('writeReplica', view).isCreateFailure, true);
  });
});
