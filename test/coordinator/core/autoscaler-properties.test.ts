import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fc } from '../../properties.ts';
import { applyDecision, decideScaling } from '../../../coordinator/core/autoscaler.ts';
import { limitsAt } from '../../../coordinator/core/schedule.ts';
import { ordersAt } from '../../../coordinator/core/scaling-orders.ts';
import type { ScalingView } from '../../../coordinator/core/scaling-view.ts';
import { addressOfName, incident, policy, replica, scalingRecord, startMs } from '../builders.ts';

const later = startMs + 3_600_000;
const hourMs = 3_600_000;

const bounds = fc
  .tuple(fc.nat(10), fc.nat(10))
  .map(([one, other]) => ({ replicasMin: Math.min(one, other), replicasMax: Math.max(one, other) }));
const windows = fc.record({
  cron: fc.constantFrom('0 9 * * *', '0 10 * * *', '*/5 * * * *', '0 0 1 1 *'),
  durationSeconds: fc.constantFrom(60, 3600, 86_400),
  timeZone: fc.constantFrom('UTC', 'Europe/Paris'),
});
const schedules = fc
  .array(fc.tuple(windows, bounds), { maxLength: 3 })
  .map((drawn) => drawn.map(([window, pair], index) => ({ name: `s${index}`, ...window, ...pair })));
const policies = fc
  .record({
    bounds,
    schedules,
    step: fc.integer({ min: 1, max: 10 }),
    scaleInStep: fc.integer({ min: 1, max: 10 }),
    scaleOutCooldownSeconds: fc.constantFrom(0, 300),
    scaleInCooldownSeconds: fc.constantFrom(0, 300),
    scaleOutStabilisationSeconds: fc.constantFrom(0, 0, 60),
    scaleInStabilisationSeconds: fc.constantFrom(0, 0, 60),
    disableScaleIn: fc.constantFrom(false, false, true),
    dryRun: fc.constantFrom(false, false, true),
    scaleInWindows: fc.array(windows, { maxLength: 2 }),
  })
  .map(({ bounds: pair, ...drawn }) => policy({ ...pair, ...drawn }));

const incidents = fc.array(
  fc.record({
    id: fc.constantFrom('a', 'b', 'c'),
    action: fc.constantFrom('scale-out' as const, 'scale-in' as const),
    state: fc.constantFrom('open' as const, 'closed' as const),
    openedAtMs: fc.integer({ min: later - 4 * hourMs, max: later + hourMs }),
    lastSeenAtMs: fc.integer({ min: later - 4 * hourMs, max: later }),
  }),
  { maxLength: 4 },
);
const orderUntil = fc.constantFrom(later - 1, later, later + 1);
const order = { owner: 'ann', reason: 'r', sinceMs: startMs };
const pauses = fc.option(fc.option(orderUntil).map((untilMs) => ({ ...order, untilMs })));
const orders = fc.record({
  pauses: fc.record({ out: pauses, in: pauses }),
  override: fc.option(
    fc.record({ replicas: fc.nat(12), untilMs: orderUntil }).map((drawn) => ({ ...order, ...drawn })),
    { freq: 4 },
  ),
});
const lags = fc.option(fc.record({ lagging: fc.nat(2), primaryIsCause: fc.boolean() }), { freq: 4 });

const views: fc.Arbitrary<ScalingView> = fc
  .record({
    policy: policies,
    states: fc.array(fc.constantFrom('creating', 'gating', 'serving', 'serving', 'serving', 'draining', 'deleting'), {
      maxLength: 8,
    }),
    incidents,
    orders,
    desired: fc.nat(12),
    scaledAgoMs: fc.nat(400_000),
    lag: lags,
    isPartial: fc.boolean(),
    servingAgoMs: fc.nat(400_000),
    isWarming: fc.boolean(),
  })
  .map(({ states, desired, scaledAgoMs, servingAgoMs, isWarming, ...drawn }) => ({
    ...drawn,
    incidents: drawn.incidents.map((change) => incident(change)),
    scaling: scalingRecord({ desired, scaledOutAtMs: later - scaledAgoMs }),
    replicas: states.map((state, index) => replica[state](`r${index}`, { sinceMs: later - servingAgoMs })),
    warming: isWarming ? [addressOfName('r0')] : [],
  }));

/** What a person lets the autoscaler do by itself in this view. */
function lookOf(view: ScalingView) {
  const { pauses: paused, override } = ordersAt(view.orders!, later);
  return { ...limitsAt(view.policy, later), paused, override, before: view.scaling.desired };
}

const runs = { numRuns: 2000 };

describe('decideScaling, whatever is known', () => {
  it('is deterministic, and reaches a fixed point that needs no further write', () => {
    fc.assert(
      fc.property(views, (view) => {
        const decision = decideScaling(view, later);
        assert.deepEqual(decideScaling(structuredClone(view), later), decision);
        const scaling = applyDecision(view.scaling, decision, later);
        assert.equal(scaling === view.scaling, decision.desired === view.scaling.desired);
      }),
      runs,
    );
  });

  it('never moves away from the bounds in force, nor past them, and at most a step at a time', () => {
    fc.assert(
      fc.property(views, (view) => {
        const { replicasMin, replicasMax, override, before } = lookOf(view);
        const { desired } = decideScaling(view, later);
        if (desired !== before) assert(desired >= replicasMin && desired <= replicasMax);
        if (override !== null || before < replicasMin || before > replicasMax) return;
        assert(desired <= before + view.policy.step && desired >= before - view.policy.scaleInStep);
      }),
      runs,
    );
  });

  it('changes nothing in a direction that is paused, disabled or on trial, but for a count by a person', () => {
    fc.assert(
      fc.property(views, (view) => {
        const { paused, override, before } = lookOf(view);
        const { desired, would } = decideScaling(view, later);
        if (override !== null) return;
        if (paused.out !== null) assert(desired <= before);
        if (paused.in !== null || view.policy.disableScaleIn) assert(desired >= before);
        if (view.policy.dryRun) assert.equal(desired, before);
        else assert.equal(would, null);
      }),
      runs,
    );
  });

  it('takes nothing away while the picture is not whole or replicas lag', () => {
    fc.assert(
      fc.property(views, (view) => {
        const { override, before } = lookOf(view);
        if (override !== null) return;
        const isHeld = view.isPartial === true || view.lag === null || (view.lag?.lagging ?? 0) > 0;
        if (isHeld) assert(decideScaling(view, later).desired >= before);
      }),
      runs,
    );
  });

  it('never scales in while a live scale-out is open, and not at all without a live incident within the bounds', () => {
    fc.assert(
      fc.property(views, (view) => {
        const { replicasMin, replicasMax, override, before } = lookOf(view);
        if (override !== null || before < replicasMin || before > replicasMax) return;
        const live = view.incidents.filter(
          ({ state, lastSeenAtMs }) =>
            state === 'open' && later < lastSeenAtMs + view.policy.incidentMaxAgeSeconds * 1000,
        );
        const { desired, would } = decideScaling(view, later);
        const wanted = would?.desired ?? desired;
        if (live.some(({ action }) => action === 'scale-out')) assert(wanted >= before);
        if (live.length === 0) assert.equal(wanted, before);
      }),
      runs,
    );
  });

  it('names a moment to look again that lies ahead, and changes no answer before it while nothing else changes', () => {
    fc.assert(
      fc.property(views, fc.double({ min: 0, max: 1, noNaN: true }), (view, part) => {
        const decision = decideScaling(view, later);
        const endMs = decision.lookAtMs ?? later + 40 * 24 * hourMs;
        assert(endMs > later);
        const between = later + Math.floor((endMs - 1 - later) * part);
        const { inputs } = decision;
        assert.deepEqual({ ...decideScaling(view, between), inputs }, decision);
      }),
      runs,
    );
  });
});
