import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Cordon } from '../../../coordinator/core/cordon.ts';
import type { GroupView } from '../../../coordinator/core/group-view.ts';
import {
  groupSpec,
  listing,
  primaryInstance,
  replica,
  replicaInstance,
  scalingRecord,
  startMs,
  voter,
} from '../builders.ts';
import { leaving, nowMs, partial, planOf, only } from '../plans.ts';

const cordon = (server: string): Cordon => ({
  group: 'orders',
  server,
  owner: 'ann',
  reason: 'slow',
  atMs: startMs,
  untilMs: null,
});
const wants = (desired: number, change = {}) => scalingRecord({ desired, ...change });
const serving = replica.serving;
const instances = (...names: readonly string[]) => listing(names.map((name) => replicaInstance(name)));
const adopting = replica.creating('r1', { adoptedAtMs: startMs });
const releasing = replica.draining('r1', { reason: 'RELEASED' });
const handmade = replicaInstance('r1', { labels: { team: 'shop' } });
const max2 = groupSpec({ policy: { replicasMax: 2 } });
/** Seconds after the record's state began, with the plan's clock. */
const late = (deadlines: object) => groupSpec({ deadlines });
const tenMinutes = 600;

type Case = readonly [name: string, view: Partial<GroupView>, plan: readonly string[]];

const cordoned: readonly Case[] = [
  [
    'a cordoned replica is replaced',
    { scaling: wants(1), replicas: [serving('r1')], listing: instances('r1'), cordons: [cordon('r1')] },
    ['r99 none→creating INITIAL'],
  ],
  [
    'a cordoned replica counts for max',
    {
      spec: max2,
      scaling: wants(2),
      replicas: [serving('r1'), serving('r2')],
      listing: instances('r1', 'r2'),
      cordons: [cordon('r1')],
    },
    ['wait AT_MAX'],
  ],
  [
    'a cordoned replica is never the one to go',
    {
      scaling: wants(0),
      replicas: [serving('r1'), serving('r2', { createdAtMs: startMs + 1 })],
      listing: instances('r1', 'r2'),
      cordons: [cordon('r2')],
    },
    ['r1 serving→draining SCALE_IN'],
  ],
  [
    'with all cordoned, none goes',
    { scaling: wants(0), replicas: [serving('r1')], listing: instances('r1'), cordons: [cordon('r1')] },
    [],
  ],
  [
    'one that had left already is not deleted, and does not come back',
    {
      scaling: wants(1),
      spec: max2,
      replicas: [replica.draining('r1'), serving('r2')],
      listing: instances('r1', 'r2'),
      leaving: leaving('r1'),
      cordons: [cordon('r1')],
    },
    ['wait CORDONED'],
  ],
  [
    'one that is tried is not given up',
    {
      spec: late({ gateSeconds: tenMinutes - 1 }),
      scaling: wants(0),
      replicas: [replica.gating('r1', { sampledAtMs: nowMs })],
      listing: instances('r1'),
      cordons: [cordon('r1')],
    },
    ['alarm GATE_OVERDUE r1'],
  ],
];

const adoptions: readonly Case[] = [
  ['labels first', { scaling: wants(1), replicas: [adopting], listing: listing([handmade]) }, ['relabelInstance r1']],
  [
    'then protection',
    {
      scaling: wants(1),
      replicas: [adopting],
      listing: listing([replicaInstance('r1', { isDeletionProtected: false })]),
    },
    ['relabelInstance r1'],
  ],
  [
    'then the gate',
    { scaling: wants(1), replicas: [adopting], listing: instances('r1') },
    ['r1 creating→gating RUNNABLE'],
  ],
  [
    'not while another operation runs',
    {
      scaling: wants(1),
      replicas: [adopting],
      listing: listing([handmade, replicaInstance('x8', { state: 'PENDING_CREATE' })]),
    },
    ['wait OPERATION_IN_PROGRESS'],
  ],
  ['not on a partial list', { scaling: wants(1), replicas: [adopting], listing: partial([]) }, ['wait PARTIAL_VIEW']],
  [
    'not when it is gone',
    { scaling: wants(1), replicas: [adopting] },
    ['forget r1 ADOPTION_REFUSED', 'alarm ADOPTION_REFUSED r1'],
  ],
  ...(
    [
      ['is another primary’s', { primary: 'x' }],
      ['is a primary', { instanceType: 'CLOUD_SQL_INSTANCE', primary: null }],
      ['is a pool', { instanceType: 'READ_POOL_INSTANCE' }],
      ['stands by for a disaster', { isDisasterRecoveryReplica: true }],
      ['has replicas', { replicaNames: ['x'] }],
      ['is another installation’s', { labels: { 'chester-install': 'other' } }],
      ['is another group’s', { labels: { 'chester-group': 'other' } }],
      ['has failed', { state: 'FAILED' }],
    ] as const
  ).map(([name, change]): Case => [
    `not when it ${name}`,
    { scaling: wants(1), replicas: [adopting], listing: listing([{ ...handmade, ...change }]) },
    ['forget r1 ADOPTION_REFUSED', 'alarm ADOPTION_REFUSED r1'],
  ]),
  [
    'not when it was promoted; with our labels it may have served before the store went back',
    {
      scaling: wants(1),
      replicas: [adopting],
      listing: listing([replicaInstance('r1', { instanceType: 'CLOUD_SQL_INSTANCE', primary: null })]),
    },
    ['r1 creating→gating RUNNABLE', 'alarm ADOPTION_REFUSED r1'],
  ],
  [
    'what was given to us is not given up for being slow',
    {
      spec: late({ gateSeconds: tenMinutes - 1 }),
      scaling: wants(1),
      replicas: [replica.gating('r1', { adoptedAtMs: startMs, sampledAtMs: nowMs })],
      listing: instances('r1'),
    },
    ['alarm GATE_OVERDUE r1'],
  ],
];

const releases: readonly Case[] = [
  [
    'out of the proxies first',
    { replicas: [releasing], listing: instances('r1'), leaving: leaving('r1'), voters: [voter('a')] },
    ['wait VOTERS_OUTSTANDING'],
  ],
  [
    'then without our labels',
    { replicas: [releasing], listing: instances('r1'), leaving: leaving('r1') },
    ['relabelInstance r1'],
  ],
  [
    'then forgotten, never deleted',
    { replicas: [releasing], listing: listing([handmade]), leaving: leaving('r1') },
    ['forget r1 RELEASED'],
  ],
  [
    'one that is declared static is not waited for',
    {
      spec: groupSpec({ staticReaders: [{ hostname: '10.0.0.1' }] }),
      replicas: [releasing],
      listing: instances('r1'),
      voters: [voter('a')],
    },
    ['relabelInstance r1'],
  ],
  [
    'it does not come back when more are wanted',
    { scaling: wants(1), replicas: [releasing], listing: instances('r1'), leaving: leaving('r1') },
    ['relabelInstance r1', 'r99 none→creating INITIAL'],
  ],
  [
    'also while it is cordoned',
    { replicas: [releasing], listing: instances('r1'), leaving: leaving('r1'), cordons: [cordon('r1')] },
    ['relabelInstance r1'],
  ],
];

describe('planGroup and orders', () => {
  const sections = { cordoned, adoptions, releases };
  for (const [section, cases] of Object.entries(sections)) {
    for (const [name, view, plan] of cases) {
      it(`${section}, ${name}: ${plan.join(', ') || 'nothing'}`, () => {
        assert.deepEqual(planOf(view), plan);
      });
    }
  }

  it('marks an adopted instance with our labels, and takes all of them off a released one', () => {
    const adopted = only('relabelInstance', { scaling: wants(1), replicas: [adopting], listing: listing([handmade]) });
    assert.deepEqual(adopted.labels, replicaInstance('r1').labels);
    const released = only('relabelInstance', {
      replicas: [releasing],
      listing: instances('r1'),
      leaving: leaving('r1'),
    });
    const marks = Object.keys(replicaInstance('r1').labels);
    assert.deepEqual(released.labels, Object.fromEntries(marks.map((label) => [label, null])));
  });

  it('gives the label of an accepted primary to a replica that follows it, and only then its record', () => {
    const spec = { ...groupSpec(), primary: 'orders-b' };
    const primary = primaryInstance({ name: 'orders-b' });
    const left = replicaInstance('r1', { primary: 'orders-b' });
    const whole = (instance: typeof left) => ({ instances: [primary, instance], isComplete: true, warnings: [] });
    const view = { spec, scaling: wants(1), replicas: [serving('r1')] };
    const relabel = only('relabelInstance', { ...view, listing: whole(left) });
    assert.equal(relabel.labels['chester-primary'], 'orders-b');
    const labelled = { ...left, labels: { ...left.labels, 'chester-primary': 'orders-b' } };
    assert.equal(only('writeReplica', { ...view, listing: whole(labelled) }).replica.primary, 'orders-b');
    const stayed = replicaInstance('r1');
    assert.deepEqual(planOf({ ...view, listing: whole(stayed) }), ['wait NOT_OURS'], 'one that did not follow');
  });

  it('labels a replica anew that was on its way out when the primary changed, so that it can go', () => {
    const spec = { ...groupSpec(), primary: 'orders-b' };
    const instances = [primaryInstance({ name: 'orders-b' }), replicaInstance('r1', { primary: 'orders-b' })];
    const listing = { instances, isComplete: true, warnings: [] };
    for (const record of [replica.draining('r1'), replica.deleting('r1')]) {
      const view = { spec, scaling: wants(0), replicas: [record], listing, leaving: leaving('r1') };
      assert.equal(only('relabelInstance', view).labels['chester-primary'], 'orders-b', record.state);
    }
  });
});
