import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decideScaling } from '../../../coordinator/core/autoscaler.ts';
import { noOrders } from '../../../coordinator/core/scaling-orders.ts';
import type { ScalingView } from '../../../coordinator/core/scaling-view.ts';
import { incident, policy, replica, startMs } from '../builders.ts';
import {
  later,
  open,
  openIn,
  two,
  pause,
  ordered,
  stale,
  shutWindow,
  withSchedule,
  fresh,
  warming,
  quick,
  viewOf,
} from './scaling-cases.ts';

describe('what decideScaling says beside the count', () => {
  it('says what a dry run keeps from being done', () => {
    const dry = policy({ dryRun: true });
    const decision = decideScaling(viewOf({ incidents: [open], replicas: two, policy: dry }), later);
    assert.deepEqual(decision.would, { desired: 3, reason: 'SCALE_OUT' });
    assert.equal(decision.incidentId, open.id);
    assert.equal(decideScaling(viewOf({ replicas: two, policy: dry }), later).would, null);
  });

  it('tells what it was made from', () => {
    const view = viewOf({
      policy: withSchedule(0, 8),
      incidents: [open, openIn, { ...openIn, id: 'b' }, incident({ ...stale, id: 'c' }), incident({ state: 'closed' })],
      replicas: [
        ...fresh,
        replica.creating('r3'),
        replica.gating('r4'),
        replica.draining('r5'),
        replica.deleting('r6'),
      ],
      warming,
      lag: { lagging: 1, primaryIsCause: false },
    });
    assert.deepEqual(decideScaling(view, later).inputs, {
      replicasMin: 0,
      replicasMax: 8,
      schedules: ['noon'],
      incidents: { out: 1, in: 2, expired: 1 },
      replicas: { serving: 2, coming: 2, leaving: 2 },
      warming: 1,
      lagging: 1,
    });
  });

  const endings: readonly { readonly what: string; readonly atMs: number; readonly view: Partial<ScalingView> }[] = [
    {
      what: 'the end of a pause',
      atMs: later + 5,
      view: { orders: { ...noOrders, pauses: { out: null, in: { ...pause, untilMs: later + 5 } } } },
    },
    { what: 'the end of an override', atMs: later + 5, view: { orders: ordered(2, later + 5) } },
    { what: 'the end of a schedule', atMs: later + 3_600_000, view: { policy: withSchedule(0, 3) } },
    {
      what: 'the beginning of a window',
      atMs: later + 3_600_000,
      view: { incidents: [openIn], policy: policy({ scaleInWindows: [shutWindow] }) },
    },
    {
      what: 'the age of an incident',
      atMs: startMs + 10_800_000,
      view: { incidents: [open], policy: policy({ replicasMax: 2 }) },
    },
    {
      what: 'the end of a stabilisation',
      atMs: later + 1000,
      view: {
        incidents: [incident({ openedAtMs: later - 59_000, lastSeenAtMs: later })],
        replicas: two,
        policy: policy({ scaleOutStabilisationSeconds: 60 }),
      },
    },
    {
      what: 'the patience with a new replica',
      atMs: later + 1,
      view: { incidents: [open], replicas: fresh, warming, policy: quick },
    },
  ];
  for (const { what, atMs, view } of endings) {
    it(`says that ${what} may change the answer`, () => {
      assert.equal(decideScaling(viewOf(view), later).lookAtMs, atMs);
    });
  }

  it('knows no moment when time alone changes nothing', () => {
    assert.equal(decideScaling(viewOf({ replicas: two }), later).lookAtMs, null);
  });
});
