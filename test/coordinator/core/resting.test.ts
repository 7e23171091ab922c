import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { CloudInstance } from '../../../coordinator/core/cloud.ts';
import type { GroupView } from '../../../coordinator/core/group-view.ts';
import { planGroup } from '../../../coordinator/core/reconciler.ts';
import { isQuiet, isSameForGroup } from '../../../coordinator/core/resting.ts';
import { judgePrimary, type Topology } from '../../../coordinator/core/topology.ts';
import { groupView, listing, primaryInstance, replica, replicaInstance, scalingRecord, startMs } from '../builders.ts';

const certificate = { id: 'new', pem: 'new' };
const order = { owner: 'ada', reason: 'test', atMs: startMs, untilMs: null };

type Case = {
  readonly primary?: Partial<CloudInstance>;
  readonly first?: Partial<CloudInstance>;
  readonly more?: readonly CloudInstance[];
  readonly isGone?: boolean;
  readonly isComplete?: boolean;
  readonly view?: Partial<GroupView>;
  readonly stored?: Partial<Topology>;
};

/** A group of which two replicas are wanted, serve and are listed, but for what a case says. */
function judge({ primary, first, more = [], isGone, isComplete = true, view = {}, stored = {} }: Case): boolean {
  const replicas = ['r1', 'r2'].map((name) => replica.serving(name));
  const unlisted = groupView({ replicas, scaling: scalingRecord({ desired: 2 }), ...view });
  const instances = [
    primaryInstance(primary),
    ...(isGone === true ? [] : [replicaInstance('r1', first)]),
    replicaInstance('r2'),
    ...more,
  ];
  const topology: Topology = { primaryAddress: '10.0.1.1', serverCa: null, ...stored };
  const warnings = isComplete ? [] : ['a region does not answer'];
  return isQuiet({ view: unlisted, topology }, { instances, isComplete, warnings }, startMs + 60_000);
}

describe('isQuiet', () => {
  const quiet: readonly (readonly [string, Case])[] = [
    ['all is as the store says', {}],
    ['settings of the primary changed', { primary: { settingsVersion: '2', labels: { team: 'shop' } } }],
    ['settings of a replica changed', { first: { settingsVersion: '2', isDeletionProtected: false } }],
    ['somebody else changed', { more: [replicaInstance('x', { primary: 'users-primary', state: 'FAILED' })] }],
    ['somebody cloned a replica of ours', { more: [replicaInstance('x', { labels: {} })] }],
    ['a replica is in maintenance', { first: { state: 'MAINTENANCE' } }],
  ];
  for (const [what, change] of quiet) {
    it(`is so where ${what}`, () => {
      assert.equal(judge(change), true);
    });
  }

  const loud: readonly (readonly [string, Case])[] = [
    ['the list is not complete', { isComplete: false }],
    ['a replica is gone', { isGone: true }],
    ['a replica failed', { first: { state: 'FAILED' } }],
    ['a replica was promoted', { first: { instanceType: 'CLOUD_SQL_INSTANCE', primary: null } }],
    ['a replica moved', { first: { address: '10.9.9.9' } }],
    ['a replica lost its labels', { first: { labels: {} } }],
    ['a replica follows another primary', { first: { primary: 'users-primary' } }],
    ['a replica got another certificate', { first: { serverCa: certificate } }],
    ['the primary moved', { primary: { address: '10.9.9.9' } }],
    ['the primary got another certificate', { primary: { serverCa: certificate } }],
    ['the primary is in maintenance', { primary: { state: 'MAINTENANCE' } }],
    ['the primary was demoted', { primary: { primary: 'users-primary' } }],
    [
      'the primary is reached in another way',
      { primary: { connectivity: { ...primaryInstance().connectivity, hasPsc: true } } },
    ],
    ['the primary is gone', { primary: { name: 'other' } }],
    ['the writer is withheld', { stored: { isWithheld: true } }],
    ['one more is wanted', { view: { scaling: scalingRecord({ desired: 3 }) } }],
    ['one less is wanted', { view: { scaling: scalingRecord({ desired: 1 }) } }],
    ['an operator wants one gone', { view: { removals: ['r1'] } }],
    ['one is cordoned', { view: { cordons: [{ group: 'orders', server: 'r1', ...order }] } }],
    ['something leaves', { view: { leaving: [{ hostname: '10.0.0.7', port: 3306, sinceRevision: 1 }] } }],
    ['an operation runs', { view: { operations: new Map([['o', { name: 'o', isDone: false, error: null }]]) } }],
    ['one is still created', { view: { replicas: [replica.serving('r1'), replica.creating('r3')] } }],
  ];
  for (const [what, change] of loud) {
    it(`is not so where ${what}`, () => {
      assert.equal(judge(change), false);
    });
  }
});

describe('isSameForGroup', () => {
  const stored: Topology = { primaryAddress: '10.0.1.1', serverCa: null };
  const own = ['orders-primary', 'r1', 'r2', 'follower'];
  const others = ['users-primary', 'users-r1', 'other'];
  const known: readonly CloudInstance[] = [
    primaryInstance(),
    ...[replicaInstance('r1'), replicaInstance('r2'), replicaInstance('follower', { labels: {} })],
    ...[primaryInstance({ name: 'users-primary' }), replicaInstance('users-r1', { primary: 'users-primary' })],
    primaryInstance({ name: 'other' }),
  ];
  const replicas = ['r1', 'r2'].map((name) => replica.serving(name));
  const view = groupView({ replicas, scaling: scalingRecord({ desired: 2 }) });

  /** What becomes of an instance; null: it is gone. */
  const changes: readonly (Partial<CloudInstance> | null)[] = [
    ...[null, { state: 'FAILED' }, { state: 'PENDING_DELETE' }, { labels: {} }, { primary: 'orders-primary' }],
    ...[{ primary: null }, { address: '10.9.9.9' }, { name: 'renamed' }, { labels: replicaInstance('r1').labels }],
  ];
  const change = fc.tuple(fc.constantFrom(...own, ...others), fc.constantFrom(...changes));
  const listed = fc.array(change, { maxLength: 3 }).map((made) =>
    known.flatMap((instance) => {
      const [, becomes = {}] = made.find(([name]) => name === instance.name) ?? [];
      if (becomes === null) return [];
      return Object.keys(becomes).length === 0 ? [instance] : [{ ...instance, ...becomes }];
    }),
  );

  it('is so only where the group is planned and its primary judged as before', () => {
    const seen = { same: 0, others: 0 };
    fc.assert(
      fc.property(listed, (instances) => {
        const isSame = isSameForGroup({ view, topology: stored }, known, instances);
        seen[isSame ? 'same' : 'others'] += 1;
        if (!isSame) return;
        const of = (all: readonly CloudInstance[]) => ({ ...listing([]), instances: all });
        const plan = (all: readonly CloudInstance[]) => planGroup({ ...view, listing: of(all) }, startMs + 60_000);
        assert.deepEqual(plan(instances), plan(known));
        assert.deepEqual(judgePrimary(view.spec, stored, of(instances)), judgePrimary(view.spec, stored, of(known)));
      }),
      { numRuns: 1000 },
    );
    assert(seen.same > 100 && seen.others > 100, JSON.stringify(seen));
  });

  for (const name of own) {
    it(`is not so where ${name} is another object, or gone`, () => {
      const others = known.filter((instance) => instance.name !== name);
      const again = known.map((instance) => (instance.name === name ? { ...instance } : instance));
      assert.equal(isSameForGroup({ view, topology: stored }, known, again), false);
      assert.equal(isSameForGroup({ view, topology: stored }, known, others), false);
    });
  }

  it('is so where another follows another primary in a list of its own', () => {
    const instances = known.map((instance) => (others.includes(instance.name) ? { ...instance } : instance));
    assert.equal(isSameForGroup({ view, topology: stored }, known, instances), true);
  });
});
