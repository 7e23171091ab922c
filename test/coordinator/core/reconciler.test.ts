import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CloudInstance, CloudOperation } from '../../../coordinator/core/cloud.ts';
import type { GroupView } from '../../../coordinator/core/group-view.ts';
import { planGroup } from '../../../coordinator/core/reconciler.ts';
import type { Replica } from '../../../coordinator/core/replica.ts';
import {
  groupSpec,
  groupView,
  listing,
  primaryInstance,
  replica,
  replicaInstance,
  scalingRecord,
} from '../builders.ts';
import { nowMs, partial, planOf } from '../plans.ts';

const operation = (change: Partial<CloudOperation> = {}): CloudOperation => ({
  name: 'op-1',
  isDone: false,
  error: null,
  ...change,
});
const running = new Map([['op-1', operation()]]);
const done = new Map([['op-1', operation({ isDone: true })]]);
const failed = new Map([['op-1', operation({ isDone: true, error: 'QUOTA' })]]);

type Case = readonly [name: string, record: Replica, cloud: Partial<GroupView>, plan: readonly string[]];

const creating = replica.creating('r1');
const asked = replica.creating('r1', { operationName: 'op-1' });
const pending = replicaInstance('r1', { state: 'PENDING_CREATE', address: null });
const stranger = replicaInstance('r1', { labels: {} });
const otherInstall = replicaInstance('r1', { labels: { ...replicaInstance('r1').labels, 'chester-install': 'other' } });
const promoted = replicaInstance('r1', { instanceType: 'CLOUD_SQL_INSTANCE', primary: null });

/** An operator has accepted another primary, and Cloud SQL has given it the replica. */
const behind = <T extends Replica>(record: T): T => ({ ...record, primary: 'orders-old' });
const labelsBefore = { ...replicaInstance('r1').labels, 'chester-primary': 'orders-old' };
const taken = { listing: listing([replicaInstance('r1', { labels: labelsBefore })]) };
const relabelled = ['relabelInstance r1'];

/** It was created while somebody switched over, and stays with the one before. */
const left = replicaInstance('r1', { labels: labelsBefore, primary: 'orders-old' });
const leftWith = (change: Partial<CloudInstance> = {}) => ({ listing: listing([{ ...left, ...change }]) });

const creations: readonly Case[] = [
  ['with the primary before: as any', behind(asked), leftWith(), ['r1 creating→gating RUNNABLE']],
  ["a stranger's with the primary before", behind(creating), leftWith({ labels: {} }), ['forget r1 NAME_TAKEN']],
  ['not asked yet', creating, {}, ['createInstance r1']],
  ['not listed, partial list', creating, { listing: partial([]) }, ['wait PARTIAL_VIEW']],
  ['the operation runs, not listed', asked, { operations: running }, ['wait OPERATION_IN_PROGRESS']],
  [
    'the operation failed, and what it left may be listed yet',
    asked,
    { operations: failed },
    ['r1 creating→creating test'],
  ],
  [
    'the operation failed a moment ago',
    replica.creating('r1', { operationName: 'op-1', unlistedAtMs: nowMs - 60_000 }),
    { operations: failed },
    ['wait INSTANCE_NOT_READY'],
  ],
  [
    'the operation failed, and nothing is listed for long',
    replica.creating('r1', { operationName: 'op-1', unlistedAtMs: nowMs - 120_000 }),
    { operations: failed },
    ['forget r1 QUOTA failed'],
  ],
  ['the operation failed, partial list', asked, { operations: failed, listing: partial([]) }, ['wait PARTIAL_VIEW']],
  ['the operation is done and nothing is listed yet', asked, { operations: done }, ['r1 creating→creating test']],
  [
    'the operation was done a moment ago and nothing is listed yet',
    replica.creating('r1', { operationName: 'op-1', unlistedAtMs: nowMs - 60_000 }),
    { operations: done },
    ['wait INSTANCE_NOT_READY'],
  ],
  [
    'the operation is done and nothing is listed for long',
    replica.creating('r1', { operationName: 'op-1', unlistedAtMs: nowMs - 120_000 }),
    { operations: done },
    ['forget r1 the operation is done, but no instance is listed failed'],
  ],
  ['the operation is not known any more', asked, {}, ['createInstance r1']],
  [
    'the primary is not listed',
    creating,
    { listing: { instances: [], isComplete: true, warnings: [] } },
    ['wait PRIMARY_NOT_READY'],
  ],
  [
    'the primary is in maintenance',
    creating,
    { listing: { instances: [primaryInstance({ state: 'MAINTENANCE' })], isComplete: true, warnings: [] } },
    ['wait PRIMARY_NOT_READY'],
  ],
  [
    'the primary is stopped',
    creating,
    { listing: { instances: [primaryInstance({ isStopped: true })], isComplete: true, warnings: [] } },
    ['wait PRIMARY_NOT_READY'],
  ],
  [
    'the primary is a replica',
    creating,
    {
      listing: {
        instances: [primaryInstance({ instanceType: 'READ_REPLICA_INSTANCE', primary: 'x' })],
        isComplete: true,
        warnings: [],
      },
    },
    ['wait PRIMARY_NOT_READY'],
  ],
  [
    'another replica of the primary is being created',
    creating,
    { listing: listing([replicaInstance('x8', { labels: {}, state: 'PENDING_CREATE' })]) },
    ['wait OPERATION_IN_PROGRESS'],
  ],
  [
    'another replica of the primary is being deleted',
    creating,
    { listing: listing([replicaInstance('x8', { labels: {}, state: 'PENDING_DELETE' })]) },
    ['wait OPERATION_IN_PROGRESS'],
  ],
  ['pending', asked, { listing: listing([pending]) }, ['wait INSTANCE_NOT_READY']],
  ['pending, and its operation was lost', creating, { listing: listing([pending]) }, ['wait INSTANCE_NOT_READY']],
  [
    'runnable without an address',
    asked,
    { listing: listing([replicaInstance('r1', { address: null })]) },
    ['wait INSTANCE_NOT_READY'],
  ],
  [
    'runnable but stopped',
    asked,
    { listing: listing([replicaInstance('r1', { isStopped: true })]) },
    ['wait INSTANCE_NOT_READY'],
  ],
  ['runnable', asked, { listing: listing([replicaInstance('r1')]) }, ['r1 creating→gating RUNNABLE']],
  ['runnable, partial list', asked, { listing: partial([replicaInstance('r1')]) }, ['r1 creating→gating RUNNABLE']],
  [
    'created, but failed',
    asked,
    { listing: listing([replicaInstance('r1', { state: 'FAILED', address: null })]), operations: failed },
    ['r1 creating→deleting QUOTA'],
  ],
  ['the name is taken by a stranger', creating, { listing: listing([stranger]) }, ['forget r1 NAME_TAKEN']],
  [
    'the name is taken by another installation',
    creating,
    { listing: listing([otherInstall]) },
    ['forget r1 NAME_TAKEN'],
  ],
  // The store went back: it may have served since, and proxies may know its address.
  ['promoted by somebody', asked, { listing: listing([promoted]) }, ['r1 creating→gating RUNNABLE']],
  [
    'promoted by somebody, with our labels, and its operation was lost',
    creating,
    { listing: listing([promoted]) },
    ['r1 creating→gating RUNNABLE'],
  ],
  [
    'made for us, and its labels were taken off',
    asked,
    { listing: listing([stranger]) },
    ['r1 creating→gating RUNNABLE'],
  ],
  [
    'made for us, not ours, and without an address',
    asked,
    { listing: listing([{ ...stranger, address: null }]) },
    ['forget r1 NAME_TAKEN'],
  ],
  [
    'failed at an address',
    asked,
    { listing: listing([replicaInstance('r1', { state: 'FAILED' })]) },
    ['r1 creating→gating RUNNABLE'],
  ],
];

const gates: readonly Case[] = [
  ['runnable', replica.gating('r1'), { listing: listing([replicaInstance('r1')]) }, ['sampleGate r1']],
  [
    'runnable, sampled just now',
    replica.gating('r1', { sampledAtMs: nowMs - 999 }),
    { listing: listing([replicaInstance('r1')]) },
    [],
  ],
  [
    'in maintenance',
    replica.gating('r1'),
    { listing: listing([replicaInstance('r1', { state: 'MAINTENANCE' })]) },
    ['wait INSTANCE_NOT_READY'],
  ],
  ['gone', replica.gating('r1'), {}, ['r1 gating→draining INSTANCE_GONE']],
  ['not listed, partial list', replica.gating('r1'), { listing: partial([]) }, ['wait PARTIAL_VIEW']],
  [
    'failed',
    replica.gating('r1'),
    { listing: listing([replicaInstance('r1', { state: 'FAILED' })]) },
    ['r1 gating→deleting FAILED'],
  ],
  [
    'at another address',
    replica.gating('r1'),
    { listing: listing([replicaInstance('r1', { address: '10.9.9.9' })]) },
    ['r1 gating→draining ADDRESS_CHANGED'],
  ],
  ['follows the accepted primary, with the label of the one before', behind(replica.gating('r1')), taken, relabelled],
  ['the same while it is created', behind(replica.creating('r1', { askedAtMs: 1 })), taken, relabelled],
  ['with the primary before: it goes', behind(replica.gating('r1')), leftWith(), ['r1 gating→draining NOT_OURS']],
  ['not ours', replica.gating('r1'), { listing: listing([stranger]) }, ['r1 gating→draining NOT_OURS']],
  ['promoted', replica.gating('r1'), { listing: listing([promoted]) }, ['r1 gating→draining NOT_OURS']],
];

const servings: readonly Case[] = [
  ['running', replica.serving('r1'), { listing: listing([replicaInstance('r1')]) }, []],
  [
    'in maintenance: it stays',
    replica.serving('r1'),
    { listing: listing([replicaInstance('r1', { state: 'MAINTENANCE' })]) },
    [],
  ],
  ['gone', replica.serving('r1'), {}, ['r1 serving→draining INSTANCE_GONE']],
  ['not listed, partial list', replica.serving('r1'), { listing: partial([]) }, ['wait PARTIAL_VIEW']],
  ['promoted', replica.serving('r1'), { listing: listing([promoted]) }, ['r1 serving→draining PROMOTED']],
  [
    'failed',
    replica.serving('r1'),
    { listing: listing([replicaInstance('r1', { state: 'FAILED' })]) },
    ['r1 serving→draining FAILED'],
  ],
  [
    'at another address: the old one may be somebody else’s',
    replica.serving('r1'),
    { listing: listing([replicaInstance('r1', { address: '10.9.9.9' })]) },
    ['r1 serving→draining ADDRESS_CHANGED'],
  ],
  [
    'its name given to a stranger at another address',
    replica.serving('r1'),
    { listing: listing([replicaInstance('r1', { address: '10.9.9.9', labels: {} })]) },
    ['r1 serving→draining ADDRESS_CHANGED'],
  ],
  ['labels edited: it stays', replica.serving('r1'), { listing: listing([stranger]) }, ['wait NOT_OURS']],
  [
    'a replica of another primary: it stays',
    replica.serving('r1'),
    { listing: listing([replicaInstance('r1', { primary: 'x' })]) },
    ['wait NOT_OURS'],
  ],
];

describe('planGroup', () => {
  const sections = { creating: creations, gating: gates, serving: servings };
  for (const [state, cases] of Object.entries(sections)) {
    for (const [name, record, cloud, plan] of cases) {
      it(`${state}, ${name}: ${plan.join(', ') || 'nothing'}`, () => {
        assert.deepEqual(planOf({ replicas: [record], scaling: scalingRecord({ desired: 1 }), ...cloud }), plan);
      });
    }
  }

  it('gives a new replica the shape of its primary, the overrides of the group, and our labels', () => {
    const spec = groupSpec({ template: { tier: 'db-small', zone: 'europe-west1-b' } });
    const [action] = planGroup(
      groupView({ spec, replicas: [creating], scaling: scalingRecord({ desired: 1 }) }),
      nowMs,
    );
    assert(action?.action === 'createInstance');
    assert.deepEqual(action.request, {
      name: 'r1',
      project: 'shop-prod-1',
      primary: 'orders-primary',
      labels: replicaInstance('r1').labels,
      shape: { ...primaryInstance().shape, tier: 'db-small' },
      zone: 'europe-west1-b',
    });
  });
});
