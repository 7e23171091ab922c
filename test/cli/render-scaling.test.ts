import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { renderScaling, scaledGroups } from '../../cli/render-scaling.ts';
import type { Group__Output } from '../../proto/gen/chester/v1/Group.ts';
import type { ScalingInputs__Output } from '../../proto/gen/chester/v1/ScalingInputs.ts';

type Scaled = Pick<Group__Output, 'scalingDecision' | 'scaleOutPause' | 'scaleInPause' | 'scaleOverride'>;

const nothing: Scaled = { scalingDecision: null, scaleOutPause: null, scaleInPause: null, scaleOverride: null };
const group = (change: Partial<Scaled>) => ({ spec: { name: 'orders' }, ...nothing, ...change }) as Group__Output;
const inputs = (change: Partial<ScalingInputs__Output>): ScalingInputs__Output => ({
  replicasMin: 1,
  replicasMax: 4,
  schedules: [],
  scaleOutIncidents: 0,
  scaleInIncidents: 0,
  expiredIncidents: 0,
  serving: 0,
  coming: 0,
  leaving: 0,
  warming: 0,
  ...change,
});
const decision = (change: Partial<ScalingInputs__Output>) => ({
  desired: 2,
  reason: 'STEADY',
  meaning: 'nothing asks for a change',
  incidentId: '',
  untilMs: 0,
  atMs: 1,
  would: null,
  inputs: inputs(change),
});
const order = { owner: 'ann', reason: 'a sale', sinceMs: 1, untilMs: 0 };
const untilMs = Date.UTC(2026, 0, 1);
const row = (change: Partial<Scaled>) =>
  renderScaling([group(change)], { width: null, hasColour: false })
    .split('\n')[1]
    ?.split(/ {2,}/)
    .join(' | ');

describe('renderScaling', () => {
  it('shows the bounds, the reason with its meaning, and what there is any of', () => {
    const shown = inputs({
      schedules: ['noon', 'sale'],
      scaleOutIncidents: 2,
      expiredIncidents: 1,
      serving: 2,
      coming: 1,
      lagging: 1,
    });
    assert.equal(
      row({ scalingDecision: { ...decision({}), inputs: shown } }),
      'orders | 1..4 (noon, sale) | STEADY | nothing asks for a change | 2 out, 1 expired | 2 serving, 1 coming, 1 lagging | -',
    );
    assert.equal(
      row({ scalingDecision: decision({}) }),
      'orders | 1..4 | STEADY | nothing asks for a change | none | none | -',
    );
  });

  it('shows what people ordered, by whom, until when and why', () => {
    assert.equal(
      row({ scaleOverride: { replicas: 3, order: { ...order, untilMs } }, scaleInPause: order }),
      'orders | - | - | - | - | - | held at 3 by ann until 2026-01-01T00:00:00.000Z: a sale; in paused by ann: a sale',
    );
    assert.match(row({ scaleOutPause: { ...order, reason: '' } }) ?? '', /\| out paused by ann$/);
  });

  it('leaves out groups of which there is nothing to say yet', () => {
    const groups = [group({}), group({ scaleOutPause: order }), group({ scalingDecision: decision({}) })];
    assert.deepEqual(scaledGroups(groups), groups.slice(1));
  });
});
