import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Voter } from '../../../coordinator/core/ballots.ts';
import type { CloudOperation } from '../../../coordinator/core/cloud.ts';
import type { GroupView } from '../../../coordinator/core/group-view.ts';
import type { Replica } from '../../../coordinator/core/replica.ts';
import { addressOfName, listing, replica, replicaInstance, scalingRecord, voter } from '../builders.ts';
import { leaving, nowMs, partial, planOf } from '../plans.ts';

const operation = (change: Partial<CloudOperation> = {}): CloudOperation => ({
  name: 'op-1',
  isDone: false,
  error: null,
  ...change,
});
const running = new Map([['op-1', operation()]]);
const done = new Map([['op-1', operation({ isDone: true })]]);
const failed = new Map([['op-1', operation({ isDone: true, error: 'QUOTA' })]]);
const voted = (name: string): Voter =>
  voter('a', { absent: [{ hostname: addressOfName(name), port: 3306, revision: 5 }] });
const silent = voter('b');

type Case = readonly [name: string, record: Replica, cloud: Partial<GroupView>, plan: readonly string[]];

const pending = replicaInstance('r1', { state: 'PENDING_CREATE', address: null });
const stranger = replicaInstance('r1', { labels: {} });
const otherInstall = replicaInstance('r1', { labels: { ...replicaInstance('r1').labels, 'chester-install': 'other' } });
const promoted = replicaInstance('r1', { instanceType: 'CLOUD_SQL_INSTANCE', primary: null });

const here = { listing: listing([replicaInstance('r1')]), leaving: leaving('r1') };
/** Created while somebody switched over, and left with the primary before. */
const labelsBefore = { ...replicaInstance('r1').labels, 'chester-primary': 'orders-old' };
const behind = { ...here, listing: listing([replicaInstance('r1', { labels: labelsBefore, primary: 'orders-old' })]) };

const drains: readonly Case[] = [
  ['no snapshot withdrew it yet', replica.draining('r1'), { ...here, leaving: [] }, ['wait NOT_PUBLISHED']],
  [
    'no snapshot withdrew it, and nobody votes',
    replica.draining('r1'),
    { ...here, leaving: [], voters: [] },
    ['wait NOT_PUBLISHED'],
  ],
  [
    'a voter is outstanding',
    replica.draining('r1'),
    { ...here, voters: [voted('r1'), silent] },
    ['wait VOTERS_OUTSTANDING'],
  ],
  ['all have voted', replica.draining('r1'), { ...here, voters: [voted('r1')] }, ['sampleSessions r1']],
  [
    'all have voted, sampled just now',
    replica.draining('r1', { sampledAtMs: nowMs - 999 }),
    { ...here, voters: [voted('r1')] },
    [],
  ],
  ['nobody votes', replica.draining('r1'), here, ['sampleSessions r1']],
  [
    'gone, a voter is outstanding',
    replica.draining('r1'),
    { leaving: leaving('r1'), voters: [silent] },
    ['wait VOTERS_OUTSTANDING'],
  ],
  ['gone', replica.draining('r1'), { leaving: leaving('r1') }, ['forget r1 INSTANCE_GONE']],
  [
    'gone, and its address serves as another replica: no voter can prove it absent',
    replica.draining('r1', { address: '10.0.0.2' }),
    {
      leaving: [],
      voters: [silent],
      listing: listing([replicaInstance('r2')]),
      replicas: [replica.draining('r1', { address: '10.0.0.2' }), replica.serving('r2')],
      scaling: scalingRecord({ desired: 1 }),
    },
    ['forget r1 INSTANCE_GONE'],
  ],
  [
    'gone, and its address is the new primary’s: proxies rightly know it',
    replica.draining('r1', { address: '10.0.1.1' }),
    { leaving: [], voters: [silent], replicas: [replica.draining('r1', { address: '10.0.1.1' })] },
    ['forget r1 INSTANCE_GONE'],
  ],
  [
    'in maintenance: somebody may be connected',
    replica.draining('r1'),
    { ...here, listing: listing([replicaInstance('r1', { state: 'MAINTENANCE' })]) },
    ['wait INSTANCE_NOT_READY'],
  ],
  [
    'its labels were edited',
    replica.draining('r1'),
    { ...here, listing: listing([replicaInstance('r1', { labels: {} })]) },
    ['wait NOT_OURS'],
  ],
  [
    'not listed, partial list',
    replica.draining('r1'),
    { leaving: leaving('r1'), listing: partial([]) },
    ['wait PARTIAL_VIEW'],
  ],
  [
    'at another address: the old one cannot tell who uses it, it starts anew',
    replica.draining('r1'),
    { ...here, listing: listing([replicaInstance('r1', { address: '10.9.9.9' })]) },
    ['r1 draining→gating ADDRESS_CHANGED'],
  ],
  ['with the primary before', { ...replica.draining('r1'), primary: 'orders-old' }, behind, ['sampleSessions r1']],
  ['promoted', replica.draining('r1'), { ...here, listing: listing([promoted]) }, ['forget r1 NOT_OURS']],
  [
    'stopped',
    replica.draining('r1'),
    { ...here, listing: listing([replicaInstance('r1', { isStopped: true })]) },
    ['r1 draining→deleting NOT_RUNNING'],
  ],
];

const dying = replica.deleting('r1', { operationName: 'op-1' });
const deletions: readonly Case[] = [
  ['no snapshot withdrew it yet', replica.deleting('r1'), { ...here, leaving: [] }, ['wait NOT_PUBLISHED']],
  ['a voter is outstanding', replica.deleting('r1'), { ...here, voters: [silent] }, ['wait VOTERS_OUTSTANDING']],
  [
    'protected',
    replica.deleting('r1'),
    { ...here, listing: listing([replicaInstance('r1')]) },
    ['unprotectInstance r1'],
  ],
  [
    'unprotected',
    replica.deleting('r1'),
    { ...here, listing: listing([replicaInstance('r1', { isDeletionProtected: false })]) },
    ['deleteInstance r1'],
  ],
  [
    'listed, partial list',
    replica.deleting('r1'),
    { ...here, listing: partial([replicaInstance('r1', { isDeletionProtected: false })]) },
    ['wait PARTIAL_VIEW'],
  ],
  ['not listed, partial list', replica.deleting('r1'), { ...here, listing: partial([]) }, ['wait PARTIAL_VIEW']],
  ['gone', dying, { leaving: leaving('r1'), operations: done }, ['forget r1 test']],
  [
    'gone before it had an address: the creation failed',
    replica.deleting('r1', { address: null }),
    {},
    ['forget r1 test failed'],
  ],
  ['its deletion runs', dying, { ...here, operations: running }, ['wait OPERATION_IN_PROGRESS']],
  ['its deletion failed', dying, { ...here, operations: failed }, ['r1 deleting→deleting test']],
  [
    'pending delete',
    replica.deleting('r1'),
    { ...here, listing: listing([replicaInstance('r1', { state: 'PENDING_DELETE' })]) },
    ['wait INSTANCE_NOT_READY'],
  ],
  [
    'pending create',
    replica.deleting('r1', { address: null }),
    { listing: listing([pending]) },
    ['wait INSTANCE_NOT_READY'],
  ],
  [
    'another operation on the primary',
    replica.deleting('r1'),
    {
      ...here,
      listing: listing([replicaInstance('r1'), replicaInstance('x8', { labels: {}, state: 'PENDING_CREATE' })]),
    },
    ['wait OPERATION_IN_PROGRESS'],
  ],
  ['not ours', replica.deleting('r1'), { ...here, listing: listing([stranger]) }, ['wait NOT_DELETABLE']],
  [
    'of another installation',
    replica.deleting('r1'),
    { ...here, listing: listing([otherInstall]) },
    ['wait NOT_DELETABLE'],
  ],
  [
    'at another address, which nobody has proven unused',
    replica.deleting('r1'),
    { ...here, listing: listing([replicaInstance('r1', { address: '10.9.9.9' })]) },
    ['wait NOT_DELETABLE'],
  ],
  ['with the primary before', { ...replica.deleting('r1'), primary: 'orders-old' }, behind, ['unprotectInstance r1']],
  ['with yet another primary', replica.deleting('r1'), behind, ['forget r1 NOT_OURS']],
  ['promoted', replica.deleting('r1'), { ...here, listing: listing([promoted]) }, ['forget r1 NOT_OURS']],
  [
    'given up because it did not run, and runs again',
    replica.deleting('r1', { reason: 'NOT_RUNNING' }),
    here,
    ['wait NOT_DELETABLE'],
  ],
  [
    'given to another primary',
    replica.deleting('r1'),
    { ...here, listing: listing([replicaInstance('r1', { primary: 'x' })]) },
    ['forget r1 NOT_OURS'],
  ],
  [
    'has replicas of its own',
    replica.deleting('r1'),
    { ...here, listing: listing([replicaInstance('r1', { replicaNames: ['x'] })]) },
    ['wait NOT_DELETABLE'],
  ],
  [
    'is a disaster-recovery replica',
    replica.deleting('r1'),
    { ...here, listing: listing([replicaInstance('r1', { isDisasterRecoveryReplica: true })]) },
    ['wait NOT_DELETABLE'],
  ],
];

describe('planGroup, what leaves', () => {
  for (const [state, cases] of Object.entries({ draining: drains, deleting: deletions })) {
    for (const [name, record, cloud, plan] of cases) {
      it(`${state}, ${name}: ${plan.join(', ') || 'nothing'}`, () => {
        assert.deepEqual(planOf({ replicas: [record], ...cloud }), plan);
      });
    }
  }
});
