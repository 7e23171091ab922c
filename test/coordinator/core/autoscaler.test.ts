import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { applyDecision, decideScaling, initialScaling } from '../../../coordinator/core/autoscaler.ts';
import { incident, policy, replica, scalingRecord } from '../builders.ts';
import { later, open, openIn, two, type Case, viewOf, itDecides } from './scaling-cases.ts';

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

describe('decideScaling', () => {
  itDecides(cases);

  it('says until when a cool-down lasts', () => {
    const scaling = scalingRecord({ desired: 2, scaledOutAtMs: later - 1000 });
    const decision = decideScaling(viewOf({ incidents: [open], replicas: two, scaling }), later);
    assert.equal(decision.untilMs, later + 299_000);
  });

  it('names the oldest open incident', () => {
    const incidents = [incident({ id: 'new', openedAtMs: 9 }), incident({ id: 'old', openedAtMs: 3 })];
    assert.equal(decideScaling(viewOf({ incidents, replicas: two }), later).incidentId, 'old');
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
