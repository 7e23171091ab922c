import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { planGroup } from '../../../coordinator/core/reconciler.ts';
import { isDrainForced, type Removal } from '../../../coordinator/core/removal.ts';
import type { Replica } from '../../../coordinator/core/replica.ts';
import { groupView, listing, replica, replicaInstance, scalingRecord, startMs } from '../builders.ts';

const order = (server: string, isForced: boolean): Removal => ({
  ...{ group: 'orders', server, owner: 'ada', reason: 'a batch job', atMs: startMs },
  ...(isForced ? { isForced } : {}),
});
const cordon = { group: 'orders', server: 'r9', owner: 'ada', reason: 'slow', atMs: startMs, untilMs: null };

describe('isDrainForced', () => {
  const forced = [order('r1', true)];
  const cases: readonly {
    readonly name: string;
    readonly replicas: readonly Replica[];
    readonly removals?: readonly Removal[];
    readonly cordons?: readonly (typeof cordon)[];
    readonly isForced: boolean;
  }[] = [
    { name: 'what drains was ordered so', replicas: [replica.draining('r1'), replica.serving('r2')], isForced: true },
    {
      name: 'a plain order to go',
      replicas: [replica.draining('r1')],
      removals: [order('r1', false)],
      isForced: false,
    },
    { name: 'nothing drains yet', replicas: [replica.serving('r1')], isForced: false },
    { name: 'another one drains too', replicas: [replica.draining('r1'), replica.draining('r2')], isForced: false },
    { name: 'it is given back', replicas: [replica.draining('r1', { reason: 'RELEASED' })], isForced: false },
    { name: 'another one is cordoned', replicas: [replica.draining('r1')], cordons: [cordon], isForced: false },
  ];
  for (const { name, replicas, removals = forced, cordons = [], isForced } of cases) {
    it(`is ${isForced} when ${name}`, () => {
      assert.equal(isDrainForced(replicas, removals, cordons), isForced);
    });
  }

  it('does not bring back what is to go, when more is wanted', () => {
    const view = groupView({
      scaling: scalingRecord({ desired: 2 }),
      replicas: [replica.draining('r1'), replica.serving('r2')],
      listing: listing(['r1', 'r2'].map((name) => replicaInstance(name))),
      removals: ['r1'],
    });
    const written = planGroup(view, startMs + 60_000).flatMap((action) =>
      action.action === 'writeReplica' ? [`${action.replica.name} ${action.replica.state}`] : [],
    );
    assert.deepEqual(written, ['r99 creating']);
  });
});
