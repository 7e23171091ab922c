import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  applyDecision,
  decideScaling,
  initialScaling,
  type ScalingReason,
  type ScalingView,
} from '../../../coordinator/core/autoscaler.ts';
import { incident, policy, replica, scalingRecord, startMs } from '../builders.ts';

const later = startMs + 3_600_000;
const open = incident();
const openIn = incident({ id: '0.in', action: 'scale-in' });
const two = [replica.serving('r1'), replica.serving('r2')];

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

function viewOf(change: Partial<ScalingView>): ScalingView {
  return { policy: policy(), scaling: scalingRecord({ desired: 2 }), incidents: [], replicas: [], ...change };
}

describe('decideScaling', () => {
  for (const { name, reason, desired, ...change } of cases) {
    it(`${name}: ${reason}`, () => {
      const decision = decideScaling(viewOf(change), later);
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

  const states = fc.constantFrom('creating', 'gating', 'serving', 'draining', 'deleting');
  const views = fc
    .record({
      states: fc.array(states, { maxLength: 12 }),
      incidents: fc.array(
        fc.record({
          id: fc.constantFrom('a', 'b', 'c'),
          action: fc.constantFrom('scale-out' as const, 'scale-in' as const),
          state: fc.constantFrom('open' as const, 'closed' as const),
          openedAtMs: fc.nat(10),
        }),
        { maxLength: 4 },
      ),
      desired: fc.nat(15),
      bounds: fc
        .tuple(fc.nat(10), fc.nat(10))
        .map(([one, other]) => [Math.min(one, other), Math.max(one, other)] as const),
      step: fc.integer({ min: 1, max: 10 }),
      cooldown: fc.constantFrom(0, 300),
      scaledAgoMs: fc.nat(400_000),
    })
    .map((drawn) => ({
      policy: policy({
        replicasMin: drawn.bounds[0],
        replicasMax: drawn.bounds[1],
        step: drawn.step,
        scaleOutCooldownSeconds: drawn.cooldown,
        scaleInCooldownSeconds: drawn.cooldown,
      }),
      scaling: scalingRecord({ desired: drawn.desired, scaledOutAtMs: later - drawn.scaledAgoMs }),
      incidents: drawn.incidents.map((change) => incident(change)),
      replicas: drawn.states.map((state, index) => replica[state](`r${index}`)),
    }));

  it('stays within min and max, moves one step at a time, and is deterministic', () => {
    fc.assert(
      fc.property(views, (view) => {
        const decision = decideScaling(view, later);
        const { replicasMin, replicasMax, step } = view.policy;
        assert(decision.desired >= replicasMin && decision.desired <= replicasMax);
        assert.deepEqual(decideScaling(structuredClone(view), later), decision);
        const before = view.scaling.desired;
        if (before < replicasMin || before > replicasMax) return;
        assert(decision.desired <= before + step && decision.desired >= before - 1);
      }),
    );
  });

  it('never scales in while a scale-out is open, and changes nothing when all are closed', () => {
    fc.assert(
      fc.property(views, (view) => {
        const before = view.scaling.desired;
        const { replicasMin, replicasMax } = view.policy;
        if (before < replicasMin || before > replicasMax) return;
        const { desired } = decideScaling(view, later);
        const isOutOpen = view.incidents.some(({ action, state }) => action === 'scale-out' && state === 'open');
        const isAllClosed = view.incidents.every(({ state }) => state === 'closed');
        if (isOutOpen) assert(desired >= before);
        if (isAllClosed) assert.equal(desired, before);
      }),
    );
  });
});

describe('applyDecision', () => {
  it('returns the same record when the count stays', () => {
    const scaling = scalingRecord({ desired: 2 });
    const decision = { desired: 2, reason: 'STEADY', incidentId: null, untilMs: null } as const;
    assert.equal(applyDecision(scaling, decision, later), scaling);
  });

  it('notes when and why the count changed', () => {
    const scaling = scalingRecord({ desired: 2 });
    const out = applyDecision(scaling, { desired: 3, reason: 'SCALE_OUT', incidentId: 'i', untilMs: null }, later);
    assert.deepEqual(out, { ...scaling, desired: 3, reason: 'SCALE_OUT i', scaledOutAtMs: later });
    const down = applyDecision(
      scaling,
      { desired: 1, reason: 'LOWERED_TO_MAX', incidentId: null, untilMs: null },
      later,
    );
    assert.deepEqual(down, { ...scaling, desired: 1, reason: 'LOWERED_TO_MAX', scaledInAtMs: later });
  });
});

describe('initialScaling', () => {
  it('begins with the minimum', () => {
    assert.equal(initialScaling(policy({ replicasMin: 2 })).desired, 2);
  });
});
