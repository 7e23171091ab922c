import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { GroupView } from '../../../coordinator/core/group-view.ts';
import { createBackoffMs } from '../../../coordinator/core/plan-count.ts';
import type { Replica } from '../../../coordinator/core/replica.ts';
import { groupSpec, listing, replica, replicaInstance, scalingRecord, voter } from '../builders.ts';
import { leaving, nowMs, partial, planOf } from '../plans.ts';

const silent = voter('b');
const creating = replica.creating('r1');
const pending = replicaInstance('r1', { state: 'PENDING_CREATE', address: null });
const promoted = replicaInstance('r1', { instanceType: 'CLOUD_SQL_INSTANCE', primary: null });
const running = new Map([['op-1', { name: 'op-1', isDone: false, error: null }]]);
const serve = (name: string, change: Partial<Extract<Replica, { state: 'serving' }>> = {}) =>
  replica.serving(name, change);
const instances = (...names: readonly string[]) => listing(names.map((name) => replicaInstance(name)));
const wants = (desired: number, change = {}) => scalingRecord({ desired, ...change });
const max2 = groupSpec({ policy: { replicasMax: 2 } });

const counts: readonly (readonly [name: string, view: Partial<GroupView>, plan: readonly string[]])[] = [
  ['nothing is wanted', {}, []],
  ['one is wanted', { scaling: wants(1) }, ['r99 none→creating INITIAL']],
  [
    'two are wanted: one at a time',
    { scaling: wants(2), replicas: [creating], listing: listing([pending]) },
    ['wait INSTANCE_NOT_READY'],
  ],
  [
    'two are wanted, one is tried',
    { scaling: wants(2), replicas: [replica.gating('r1', { sampledAtMs: nowMs })], listing: instances('r1') },
    [],
  ],
  ['one is wanted, partial list', { scaling: wants(1), listing: partial([]) }, ['wait PARTIAL_VIEW']],
  [
    'one is wanted, the last creation just failed',
    { scaling: wants(1, { createFailedAtMs: nowMs - createBackoffMs + 1 }) },
    ['wait CREATE_BACKOFF'],
  ],
  [
    'one is wanted, the last creation failed a while ago',
    { scaling: wants(1, { createFailedAtMs: nowMs - createBackoffMs }) },
    ['r99 none→creating INITIAL'],
  ],
  [
    'max is reached with what leaves',
    {
      spec: max2,
      scaling: wants(2),
      replicas: [serve('r1'), replica.deleting('r2', { operationName: 'op-1' })],
      listing: instances('r1', 'r2'),
      operations: running,
      leaving: leaving('r2'),
    },
    ['wait OPERATION_IN_PROGRESS', 'wait AT_MAX'],
  ],
  [
    'a creation that was never asked for is called off when it is not wanted any more',
    { scaling: wants(1), replicas: [serve('r2'), creating], listing: instances('r2') },
    ['forget r1 NOT_WANTED'],
  ],
  [
    'one that was asked for is not: it may be there already',
    { scaling: wants(0), replicas: [replica.creating('r1', { askedAtMs: nowMs })] },
    ['createInstance r1', 'wait OPERATION_IN_PROGRESS'],
  ],
  [
    'above max nothing is created, also what was decided before',
    { spec: max2, scaling: wants(3), replicas: [serve('r2'), serve('r3'), creating], listing: instances('r2', 'r3') },
    ['wait AT_MAX'],
  ],
  [
    'max is reached with orphans',
    { spec: max2, scaling: wants(2), replicas: [serve('r1')], listing: instances('r1', 'r7') },
    ['wait AT_MAX'],
  ],
  [
    'one is wanted, the last creation failed and is not removed yet',
    { scaling: wants(1), replicas: [replica.deleting('r1', { address: null })], listing: instances('r1') },
    ['unprotectInstance r1', 'wait CREATE_BACKOFF'],
  ],
  [
    'one that drains comes back first',
    { scaling: wants(1), replicas: [replica.draining('r1')], listing: instances('r1'), leaving: leaving('r1') },
    ['r1 draining→gating SCALE_OUT'],
  ],
  [
    'one that drains and does not run does not come back',
    {
      scaling: wants(1),
      replicas: [replica.draining('r1')],
      voters: [silent],
      leaving: leaving('r1'),
      listing: listing([replicaInstance('r1', { isStopped: true })]),
    },
    ['wait VOTERS_OUTSTANDING', 'r99 none→creating INITIAL'],
  ],
  [
    'one too many: the newest goes',
    {
      scaling: wants(1),
      replicas: [serve('r1', { createdAtMs: 2 }), serve('r2', { createdAtMs: 1 })],
      listing: instances('r1', 'r2'),
    },
    ['r1 serving→draining SCALE_IN'],
  ],
  [
    'one too many: what does not serve goes first',
    {
      scaling: wants(1),
      replicas: [serve('r1'), replica.gating('r2', { createdAtMs: 0 })],
      listing: instances('r1', 'r2'),
    },
    ['r2 gating→draining SCALE_IN'],
  ],
  [
    'one too many is still created: no serving one goes for it',
    {
      scaling: wants(1),
      replicas: [serve('r1'), replica.creating('r2')],
      listing: listing([replicaInstance('r1'), replicaInstance('r2', { state: 'PENDING_CREATE', address: null })]),
    },
    ['wait INSTANCE_NOT_READY', 'wait OPERATION_IN_PROGRESS'],
  ],
  [
    'three too many: one at a time',
    {
      scaling: wants(0),
      replicas: [serve('r1'), replica.draining('r2')],
      listing: instances('r1', 'r2'),
      leaving: leaving('r2'),
      voters: [silent],
    },
    ['wait VOTERS_OUTSTANDING'],
  ],
  [
    'one too many, partial list',
    { scaling: wants(0), replicas: [serve('r1')], listing: partial([replicaInstance('r1')]) },
    ['wait PARTIAL_VIEW'],
  ],
  [
    'one was promoted: no second one is withdrawn in the same plan',
    { scaling: wants(1), replicas: [serve('r1'), serve('r2')], listing: listing([promoted, replicaInstance('r2')]) },
    ['r1 serving→draining PROMOTED'],
  ],
];

describe('planGroup, the count', () => {
  for (const [name, view, plan] of counts) {
    it(`${name}: ${plan.join(', ') || 'nothing'}`, () => {
      assert.deepEqual(planOf(view), plan);
    });
  }
});
