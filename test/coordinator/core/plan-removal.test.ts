import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { planGroup } from '../../../coordinator/core/reconciler.ts';
import type { GroupView } from '../../../coordinator/core/group-view.ts';
import {
  addressOfName,
  groupSpec,
  groupView,
  listing,
  replica,
  replicaInstance,
  scalingRecord,
  startMs,
} from '../builders.ts';

const instances = ['r1', 'r2', 'r3'].map((name) => replicaInstance(name));
const view = (change: Partial<GroupView>) =>
  groupView({
    spec: groupSpec({ policy: { replicasMin: 1, replicasMax: 3 } }),
    scaling: scalingRecord({ desired: 2 }),
    listing: listing(instances),
    removals: ['r1'],
    ...change,
  });

/** The actions as words: what is written of whom, and what is waited for. */
function planned(change: Partial<GroupView>): string[] {
  return planGroup(view(change), startMs + 60_000).flatMap((action) => {
    if (action.action === 'writeReplica')
      return [`${action.replica.name} ${action.replica.state} ${action.replica.reason}`];
    return action.action === 'wait' ? [`wait ${action.reason}`] : [];
  });
}

describe('a replica that an operator wants gone', () => {
  const serving = (...names: string[]) => names.map((name) => replica.serving(name));
  const cases: readonly { readonly name: string; readonly view: Partial<GroupView>; readonly plan: string[] }[] = [
    {
      name: 'is replaced first',
      view: { replicas: serving('r1', 'r2'), listing: listing(instances.slice(0, 2)) },
      plan: ['r99 creating INITIAL'],
    },
    {
      name: 'stays while its replacement does not serve',
      view: { replicas: [...serving('r1', 'r2'), replica.gating('r3', { sampledAtMs: startMs + 60_000 })] },
      plan: ['wait REPLACEMENT_NOT_SERVING'],
    },
    {
      name: 'stays while most proxies do not serve its replacement',
      view: { replicas: serving('r1', 'r2', 'r3'), warming: [addressOfName('r3')] },
      plan: ['wait REPLACEMENT_NOT_SERVING'],
    },
    {
      name: 'leaves once all that are wanted serve',
      view: { replicas: serving('r1', 'r2', 'r3') },
      plan: ['r1 draining DRAINED'],
    },
    {
      name: 'stays while the list of instances is not whole',
      view: {
        replicas: serving('r1', 'r2', 'r3'),
        listing: listing(instances, { isComplete: false, warnings: ['x'] }),
      },
      plan: ['wait PARTIAL_VIEW'],
    },
    {
      name: 'stays while another leaves',
      view: { replicas: [...serving('r1', 'r2'), replica.serving('r3'), replica.deleting('r4')] },
      plan: [],
    },
    {
      name: 'goes first where there is no room for a replacement and enough serve',
      view: {
        replicas: serving('r1', 'r2', 'r3'),
        scaling: scalingRecord({ desired: 3 }),
      },
      plan: ['r1 draining DRAINED', 'wait AT_MAX'],
    },
    {
      name: 'stays where without it too few would serve',
      view: {
        spec: groupSpec({ policy: { replicasMin: 2, replicasMax: 2 } }),
        replicas: serving('r1', 'r2'),
        listing: listing(instances.slice(0, 2)),
      },
      plan: ['wait AT_MAX'],
    },
    {
      name: 'does not come back for a scale-out',
      view: {
        replicas: [replica.draining('r1', { reason: 'DRAINED', sampledAtMs: startMs + 60_000 }), ...serving('r2')],
        listing: listing(instances.slice(0, 2)),
        leaving: [{ hostname: '10.0.0.1', port: 3306, sinceRevision: 1 }],
      },
      plan: ['r99 creating INITIAL'],
    },
  ];
  for (const { name, view: change, plan } of cases) {
    it(name, () => {
      assert.deepEqual(
        planned(change).filter((word) => !word.startsWith('wait OPERATION') && !word.startsWith('wait NOT_')),
        plan,
      );
    });
  }
});
