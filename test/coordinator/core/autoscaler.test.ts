import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { applyDecision, decideScaling, initialScaling } from '../../../coordinator/core/autoscaler.ts';
import { noOrders, type Override, type Pause, type ScalingOrders } from '../../../coordinator/core/scaling-orders.ts';
import type { ScalingReason } from '../../../coordinator/core/scaling-reasons.ts';
import { type ScalingView, warmingPatienceMs } from '../../../coordinator/core/scaling-view.ts';
import { addressOfName, incident, policy, replica, scalingRecord, startMs } from '../builders.ts';

const later = startMs + 3_600_000;
const open = incident();
const openIn = incident({ id: '0.in', action: 'scale-in' });
const two = [replica.serving('r1'), replica.serving('r2')];
const pause: Pause = { owner: 'ann', reason: 'a sale', sinceMs: startMs, untilMs: null };
const pausedOut = { ...noOrders, pauses: { out: pause, in: null } };
const pausedIn = { ...noOrders, pauses: { out: null, in: pause } };
const brief = { ...pause, untilMs: later };
const ordered = (replicas: number, untilMs = later + 1): ScalingOrders => {
  const override: Override = { owner: 'ann', reason: 'a sale', sinceMs: startMs, replicas, untilMs };
  return { ...noOrders, override };
};
const stale = { openedAtMs: startMs - 10_800_000, lastSeenAtMs: later - 10_800_000 };
/** `later` is a Friday, 09:00 in UTC. */
const openWindow = { cron: '0 9 * * 5', durationSeconds: 3600, timeZone: 'UTC' };
const shutWindow = { cron: '0 10 * * 5', durationSeconds: 3600, timeZone: 'UTC' };
const withSchedule = (replicasMin: number, replicasMax: number) =>
  policy({ schedules: [{ name: 'noon', ...openWindow, replicasMin, replicasMax }] });

type Case = {
  readonly name: string;
  readonly reason: ScalingReason;
  readonly desired: number;
  readonly nowMs?: number;
} & Partial<ScalingView>;

const cases: readonly Case[] = [
  { name: 'nothing open', reason: 'STEADY', desired: 2, replicas: two },
  { name: 'an open scale-out', reason: 'SCALE_OUT', desired: 3, incidents: [open], replicas: two },
  { name: 'an open scale-in', reason: 'SCALE_IN', desired: 1, incidents: [openIn], replicas: two },
  { name: 'both open: out wins', reason: 'SCALE_OUT', desired: 3, incidents: [openIn, open], replicas: two },
  {
    name: 'only closed ones',
    reason: 'STEADY',
    desired: 2,
    incidents: [incident({ state: 'closed' }), { ...openIn, state: 'closed' }],
    replicas: two,
  },
  {
    name: 'a step of two',
    reason: 'SCALE_OUT',
    desired: 4,
    incidents: [open],
    replicas: two,
    policy: policy({ step: 2, replicasMax: 9 }),
  },
  {
    name: 'a step beyond max',
    reason: 'SCALE_OUT',
    desired: 3,
    incidents: [open],
    replicas: two,
    policy: policy({ step: 5 }),
  },
  {
    name: 'a step of two does not hold for scale-in',
    reason: 'SCALE_IN',
    desired: 1,
    incidents: [openIn],
    replicas: two,
    policy: policy({ step: 2 }),
  },
  {
    name: 'max reached',
    reason: 'AT_MAX',
    desired: 2,
    incidents: [open],
    replicas: two,
    policy: policy({ replicasMax: 2 }),
  },
  {
    name: 'min reached',
    reason: 'AT_MIN',
    desired: 2,
    incidents: [openIn],
    replicas: two,
    policy: policy({ replicasMin: 2 }),
  },
  { name: 'below min', reason: 'RAISED_TO_MIN', desired: 3, incidents: [openIn], policy: policy({ replicasMin: 3 }) },
  { name: 'above max', reason: 'LOWERED_TO_MAX', desired: 1, incidents: [open], policy: policy({ replicasMax: 1 }) },
  {
    name: 'one is created',
    reason: 'OPERATION_IN_PROGRESS',
    desired: 2,
    incidents: [open],
    replicas: [replica.serving('r1'), replica.creating('r2')],
  },
  {
    name: 'one is tried',
    reason: 'OPERATION_IN_PROGRESS',
    desired: 2,
    incidents: [open],
    replicas: [replica.serving('r1'), replica.gating('r2')],
  },
  {
    name: 'the last step is still to be made',
    reason: 'OPERATION_IN_PROGRESS',
    desired: 2,
    incidents: [open],
    replicas: [replica.serving('r1')],
  },
  {
    name: 'one drains: a scale-out does not wait',
    reason: 'SCALE_OUT',
    desired: 3,
    incidents: [open],
    replicas: [...two, replica.draining('r3')],
  },
  {
    name: 'one drains: a scale-in waits',
    reason: 'OPERATION_IN_PROGRESS',
    desired: 2,
    incidents: [openIn],
    replicas: [...two, replica.draining('r3')],
  },
  {
    name: 'one is deleted: a scale-in waits',
    reason: 'OPERATION_IN_PROGRESS',
    desired: 2,
    incidents: [openIn],
    replicas: [...two, replica.deleting('r3')],
  },
  {
    name: 'one too many still serves: a scale-in waits',
    reason: 'OPERATION_IN_PROGRESS',
    desired: 2,
    incidents: [openIn],
    replicas: [...two, replica.serving('r3')],
  },
  {
    name: 'a creation that fails does not hold a scale-in',
    reason: 'SCALE_IN',
    desired: 1,
    incidents: [openIn],
    replicas: [replica.serving('r1')],
  },
  {
    name: 'just scaled out',
    reason: 'WITHIN_COOLDOWN',
    desired: 2,
    incidents: [open],
    replicas: two,
    scaling: scalingRecord({ desired: 2, scaledOutAtMs: later - 299_999 }),
  },
  {
    name: 'scaled out long enough ago',
    reason: 'SCALE_OUT',
    desired: 3,
    incidents: [open],
    replicas: two,
    scaling: scalingRecord({ desired: 2, scaledOutAtMs: later - 300_000 }),
  },
  {
    name: 'the last one serves only now',
    reason: 'WITHIN_COOLDOWN',
    desired: 2,
    incidents: [open],
    replicas: [replica.serving('r1'), replica.serving('r2', { sinceMs: later - 1 })],
  },
  {
    name: 'scale-in after a scale-in',
    reason: 'WITHIN_COOLDOWN',
    desired: 2,
    incidents: [openIn],
    replicas: two,
    scaling: scalingRecord({ desired: 2, scaledInAtMs: later - 1 }),
  },
  {
    name: 'scale-in after a scale-out',
    reason: 'WITHIN_COOLDOWN',
    desired: 2,
    incidents: [openIn],
    replicas: two,
    scaling: scalingRecord({ desired: 2, scaledOutAtMs: later - 1 }),
  },
  {
    name: 'scale-out right after a scale-in',
    reason: 'SCALE_OUT',
    desired: 3,
    incidents: [open],
    replicas: two,
    scaling: scalingRecord({ desired: 2, scaledInAtMs: later - 1 }),
  },
];

const orderCases: readonly Case[] = [
  { name: 'paused, out asked', reason: 'PAUSED', desired: 2, incidents: [open], replicas: two, orders: pausedOut },
  { name: 'paused, in asked', reason: 'PAUSED', desired: 2, incidents: [openIn], replicas: two, orders: pausedIn },
  { name: 'in paused, out asked', reason: 'SCALE_OUT', desired: 3, incidents: [open], replicas: two, orders: pausedIn },
  {
    name: 'out paused, in asked',
    reason: 'SCALE_IN',
    desired: 1,
    incidents: [openIn],
    replicas: two,
    orders: pausedOut,
  },
  { name: 'out paused, both asked', reason: 'PAUSED', desired: 2, incidents: [open, openIn], orders: pausedOut },
  { name: 'paused, nothing asked', reason: 'STEADY', desired: 2, replicas: two, orders: pausedOut },
  { name: 'paused below min', reason: 'PAUSED', desired: 2, policy: policy({ replicasMin: 3 }), orders: pausedOut },
  { name: 'paused above max', reason: 'PAUSED', desired: 2, policy: policy({ replicasMax: 1 }), orders: pausedIn },
  {
    name: 'paused at max',
    reason: 'AT_MAX',
    desired: 2,
    incidents: [open],
    policy: policy({ replicasMax: 2 }),
    orders: pausedOut,
  },
  {
    name: 'a pause that is over',
    reason: 'SCALE_OUT',
    desired: 3,
    incidents: [open],
    replicas: two,
    orders: { ...noOrders, pauses: { out: brief, in: brief } },
  },
  { name: 'a count by a person', reason: 'OVERRIDE', desired: 1, incidents: [open], replicas: two, orders: ordered(1) },
  { name: 'the same count by a person', reason: 'OVERRIDE', desired: 2, incidents: [open], orders: ordered(2) },
  { name: 'a count above max', reason: 'OVERRIDE', desired: 3, orders: ordered(9) },
  { name: 'a count below min', reason: 'OVERRIDE', desired: 1, policy: policy({ replicasMin: 1 }), orders: ordered(0) },
  {
    name: "a count within a schedule's bounds",
    reason: 'OVERRIDE',
    desired: 6,
    policy: withSchedule(5, 8),
    orders: ordered(6),
  },
  {
    name: 'a count while paused',
    reason: 'OVERRIDE',
    desired: 3,
    orders: { ...pausedOut, override: ordered(3).override },
  },
  {
    name: 'a count in a dry run',
    reason: 'OVERRIDE',
    desired: 3,
    policy: policy({ dryRun: true }),
    orders: ordered(3),
  },
  { name: 'a count whose time is over', reason: 'STEADY', desired: 2, orders: ordered(3, later) },
];

const policyCases: readonly Case[] = [
  {
    name: 'scale-in disabled',
    reason: 'SCALE_IN_DISABLED',
    desired: 2,
    incidents: [openIn],
    policy: policy({ disableScaleIn: true }),
  },
  {
    name: 'scale-in disabled, above max',
    reason: 'SCALE_IN_DISABLED',
    desired: 2,
    policy: policy({ disableScaleIn: true, replicasMax: 1 }),
  },
  {
    name: 'scale-in disabled, out asked',
    reason: 'SCALE_OUT',
    desired: 3,
    incidents: [open],
    replicas: two,
    policy: policy({ disableScaleIn: true }),
  },
  {
    name: 'no window open',
    reason: 'OUTSIDE_WINDOW',
    desired: 2,
    incidents: [openIn],
    replicas: two,
    policy: policy({ scaleInWindows: [shutWindow] }),
  },
  {
    name: 'no window open, above max',
    reason: 'OUTSIDE_WINDOW',
    desired: 2,
    policy: policy({ scaleInWindows: [shutWindow], replicasMax: 1 }),
  },
  {
    name: 'one window open',
    reason: 'SCALE_IN',
    desired: 1,
    incidents: [openIn],
    replicas: two,
    policy: policy({ scaleInWindows: [shutWindow, openWindow] }),
  },
  {
    name: 'no window open, out asked',
    reason: 'SCALE_OUT',
    desired: 3,
    incidents: [open],
    replicas: two,
    policy: policy({ scaleInWindows: [shutWindow] }),
  },
  {
    name: 'two steps in',
    reason: 'SCALE_IN',
    desired: 0,
    incidents: [openIn],
    replicas: two,
    policy: policy({ scaleInStep: 2 }),
  },
  {
    name: 'a step in beyond min',
    reason: 'SCALE_IN',
    desired: 1,
    incidents: [openIn],
    replicas: two,
    policy: policy({ scaleInStep: 9, replicasMin: 1 }),
  },
  { name: "a schedule's minimum", reason: 'SCHEDULE', desired: 5, replicas: two, policy: withSchedule(5, 8) },
  {
    name: "a schedule's maximum",
    reason: 'SCHEDULE',
    desired: 1,
    incidents: [open],
    replicas: two,
    policy: withSchedule(0, 1),
  },
  {
    name: 'a schedule with a higher maximum',
    reason: 'SCALE_OUT',
    desired: 3,
    incidents: [open],
    replicas: two,
    policy: { ...withSchedule(0, 3), replicasMax: 2 },
  },
  {
    name: 'a schedule that is over',
    reason: 'STEADY',
    desired: 2,
    policy: withSchedule(5, 8),
    nowMs: later + 3_600_000,
  },
  {
    name: "below the policy's minimum too",
    reason: 'RAISED_TO_MIN',
    desired: 5,
    policy: { ...withSchedule(5, 8), replicasMin: 3 },
  },
  {
    name: 'dry run, out',
    reason: 'DRY_RUN',
    desired: 2,
    incidents: [open],
    replicas: two,
    policy: policy({ dryRun: true }),
  },
  { name: 'dry run, below min', reason: 'DRY_RUN', desired: 2, policy: policy({ dryRun: true, replicasMin: 3 }) },
  { name: 'dry run, above max', reason: 'DRY_RUN', desired: 2, policy: policy({ dryRun: true, replicasMax: 1 }) },
  {
    name: 'dry run, held',
    reason: 'AT_MAX',
    desired: 2,
    incidents: [open],
    policy: policy({ dryRun: true, replicasMax: 2 }),
  },
];

const signalCases: readonly Case[] = [
  { name: 'an expired scale-out', reason: 'INCIDENT_EXPIRED', desired: 2, incidents: [incident(stale)], replicas: two },
  {
    name: 'an expired scale-in',
    reason: 'INCIDENT_EXPIRED',
    desired: 2,
    incidents: [{ ...openIn, ...stale }],
    replicas: two,
  },
  {
    name: 'an expired scale-out holds no scale-in',
    reason: 'SCALE_IN',
    desired: 1,
    incidents: [incident(stale), openIn],
    replicas: two,
  },
  {
    name: 'one that is about to expire',
    reason: 'SCALE_OUT',
    desired: 3,
    incidents: [incident({ ...stale, lastSeenAtMs: stale.lastSeenAtMs + 1 })],
    replicas: two,
  },
  {
    name: 'an old one that was renewed',
    reason: 'SCALE_OUT',
    desired: 3,
    incidents: [incident({ ...stale, lastSeenAtMs: later })],
    replicas: two,
  },
  {
    name: 'out, not open for long enough',
    reason: 'STABILISING',
    desired: 2,
    incidents: [incident({ openedAtMs: later - 59_999, lastSeenAtMs: later })],
    replicas: two,
    policy: policy({ scaleOutStabilisationSeconds: 60 }),
  },
  {
    name: 'out, open for long enough',
    reason: 'SCALE_OUT',
    desired: 3,
    incidents: [incident({ openedAtMs: later - 60_000, lastSeenAtMs: later })],
    replicas: two,
    policy: policy({ scaleOutStabilisationSeconds: 60 }),
  },
  {
    name: "out, opened in the future by Monitoring's clock",
    reason: 'SCALE_OUT',
    desired: 3,
    incidents: [incident({ openedAtMs: later * 2, lastSeenAtMs: later - 60_000 })],
    replicas: two,
    policy: policy({ scaleOutStabilisationSeconds: 60 }),
  },
  {
    name: 'in, after a scale-out that closed just now',
    reason: 'STABILISING',
    desired: 2,
    incidents: [openIn, incident({ state: 'closed', closedAtMs: later - 59_999, lastSeenAtMs: later })],
    replicas: two,
    policy: policy({ scaleInStabilisationSeconds: 60 }),
  },
  {
    name: 'in, after a scale-out that expired just now',
    reason: 'STABILISING',
    desired: 2,
    incidents: [openIn, incident({ ...stale, lastSeenAtMs: stale.lastSeenAtMs - 59_999 })],
    replicas: two,
    policy: policy({ scaleInStabilisationSeconds: 60 }),
  },
  {
    name: 'in, after a scale-out that closed long enough ago',
    reason: 'SCALE_IN',
    desired: 1,
    incidents: [openIn, incident({ state: 'closed', closedAtMs: later - 60_000, lastSeenAtMs: later })],
    replicas: two,
    policy: policy({ scaleInStabilisationSeconds: 60 }),
  },
];

const fresh = [replica.serving('r1'), replica.serving('r2', { sinceMs: later - warmingPatienceMs + 1 })];
const warming = [addressOfName('r2')];
const quick = policy({ scaleOutCooldownSeconds: 0, scaleInCooldownSeconds: 0 });
const pictureCases: readonly Case[] = [
  { name: 'a partial list', reason: 'PARTIAL_VIEW', desired: 2, incidents: [openIn], replicas: two, isPartial: true },
  {
    name: 'a partial list, above max',
    reason: 'PARTIAL_VIEW',
    desired: 2,
    policy: policy({ replicasMax: 1 }),
    isPartial: true,
  },
  {
    name: 'a partial list, out asked',
    reason: 'SCALE_OUT',
    desired: 3,
    incidents: [open],
    replicas: two,
    isPartial: true,
  },
  {
    name: 'replicas lag, in asked',
    reason: 'LAGGING',
    desired: 2,
    incidents: [openIn],
    replicas: two,
    lag: { lagging: 1, primaryIsCause: false },
  },
  {
    name: 'replicas lag, out asked',
    reason: 'SCALE_OUT',
    desired: 3,
    incidents: [open],
    replicas: two,
    lag: { lagging: 1, primaryIsCause: false },
  },
  {
    name: 'the primary makes them lag',
    reason: 'LAGGING',
    desired: 2,
    incidents: [open],
    replicas: two,
    lag: { lagging: 1, primaryIsCause: true },
  },
  {
    name: 'the primary makes them lag, below min',
    reason: 'RAISED_TO_MIN',
    desired: 3,
    policy: policy({ replicasMin: 3 }),
    lag: { lagging: 1, primaryIsCause: true },
  },
  {
    name: 'none lags',
    reason: 'SCALE_IN',
    desired: 1,
    incidents: [openIn],
    replicas: two,
    lag: { lagging: 0, primaryIsCause: false },
  },
  {
    name: 'lag is not known, in asked',
    reason: 'LAG_UNKNOWN',
    desired: 2,
    incidents: [openIn],
    replicas: two,
    lag: null,
  },
  { name: 'lag is not known, out asked', reason: 'SCALE_OUT', desired: 3, incidents: [open], replicas: two, lag: null },
  {
    name: 'the newest warms up',
    reason: 'WARMING',
    desired: 2,
    incidents: [open],
    replicas: fresh,
    warming,
    policy: quick,
  },
  {
    name: 'the newest warms up for too long',
    reason: 'SCALE_OUT',
    desired: 3,
    incidents: [open],
    replicas: two,
    warming,
    policy: quick,
  },
  {
    name: 'the newest is warm',
    reason: 'SCALE_OUT',
    desired: 3,
    incidents: [open],
    replicas: fresh,
    warming: [],
    policy: quick,
  },
  {
    name: 'the newest warms up, in asked',
    reason: 'SCALE_IN',
    desired: 1,
    incidents: [openIn],
    replicas: fresh,
    warming,
    policy: quick,
  },
];

function viewOf(change: Partial<ScalingView>): ScalingView {
  return { policy: policy(), scaling: scalingRecord({ desired: 2 }), incidents: [], replicas: [], ...change };
}

describe('decideScaling', () => {
  for (const { name, reason, desired, nowMs, ...change } of [
    ...cases,
    ...orderCases,
    ...policyCases,
    ...signalCases,
    ...pictureCases,
  ]) {
    it(`${name}: ${reason}`, () => {
      const decision = decideScaling(viewOf(change), nowMs ?? later);
      assert.deepEqual({ reason: decision.reason, desired: decision.desired }, { reason, desired });
    });
  }

  it('says until when a cool-down lasts', () => {
    const scaling = scalingRecord({ desired: 2, scaledOutAtMs: later - 1000 });
    const decision = decideScaling(viewOf({ incidents: [open], replicas: two, scaling }), later);
    assert.equal(decision.untilMs, later + 299_000);
  });

  it('names the oldest open incident', () => {
    const incidents = [incident({ id: 'new', openedAtMs: 9 }), incident({ id: 'old', openedAtMs: 3 })];
    assert.equal(decideScaling(viewOf({ incidents, replicas: two }), later).incidentId, 'old');
  });

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

describe('applyDecision', () => {
  it('returns the same record when the count stays', () => {
    const scaling = scalingRecord({ desired: 2 });
    const decision = { desired: 2, reason: 'STEADY', incidentId: null } as const;
    assert.equal(applyDecision(scaling, decision, later), scaling);
  });

  it('notes when and why the count changed', () => {
    const scaling = scalingRecord({ desired: 2 });
    const out = applyDecision(scaling, { desired: 3, reason: 'SCALE_OUT', incidentId: 'i' }, later);
    assert.deepEqual(out, { ...scaling, desired: 3, reason: 'SCALE_OUT i', scaledOutAtMs: later });
    const down = applyDecision(scaling, { desired: 1, reason: 'LOWERED_TO_MAX', incidentId: null }, later);
    assert.deepEqual(down, { ...scaling, desired: 1, reason: 'LOWERED_TO_MAX', scaledInAtMs: later });
  });
});

describe('initialScaling', () => {
  it('begins with the minimum', () => {
    assert.equal(initialScaling(policy({ replicasMin: 2 })).desired, 2);
    assert.equal(initialScaling(policy({ replicasMin: 2, dryRun: true })).desired, 0, 'a dry run creates nothing');
  });
});
