import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fc } from '../../properties.ts';
import { rampKey, rampWeight } from '../../../agent/core/slow-start.ts';
import type { Server, SlowStart, SnapshotBody } from '../../../agent/core/snapshot.ts';
import { noonMs } from '../fakes/planning.ts';
import { desired, plainPolicy, target } from '../fakes/targets.ts';

const linear: SlowStart = { durationSeconds: 60, initialPercent: 10, curve: 'LINEAR' };
const exponential: SlowStart = { ...linear, curve: 'EXPONENTIAL' };

function bodyOf(servers: readonly Server[], slowStart: SlowStart | null = linear): SnapshotBody {
  const { body } = target(servers, [], { hostgroups: { policy: { ...plainPolicy, slowStart } } });
  assert.equal(body.kind, 'snapshot');
  return body;
}

const old = desired(20, 'old');
const fresh = desired(20, 'fresh', { servingSinceMs: noonMs });

type Given = { readonly server?: Server; readonly others?: readonly Server[]; readonly slowStart?: SlowStart | null };

function weightAt(seconds: number, { server = fresh, others = [old], slowStart = linear }: Given = {}): number {
  return rampWeight(server, bodyOf([...others, server], slowStart), noonMs + seconds * 1000, 0).weight;
}

describe('rampWeight', () => {
  it('grows along its curve, in steps of one grid', () => {
    const at = [0, 9, 10, 30, 59, 60, 3600];
    assert.deepEqual(
      at.map((seconds) => weightAt(seconds)),
      [100, 100, 250, 550, 850, 1000, 1000],
    );
    const curved = at.map((seconds) => weightAt(seconds, { slowStart: exponential }));
    assert.deepEqual(curved, [100, 100, 147, 316, 681, 1000, 1000]);
  });

  it('steps at the same moment whenever the server began, and says when', () => {
    const odd = desired(20, 'fresh', { servingSinceMs: noonMs - 4000 });
    const ramp = (ms: number) => rampWeight(odd, bodyOf([old, odd]), noonMs + ms, 0);
    assert.deepEqual(ramp(9999), { weight: 160, isRamping: true, nextAtMs: noonMs + 10_000 });
    assert.deepEqual(ramp(10_000), { weight: 310, isRamping: true, nextAtMs: noonMs + 20_000 });
  });

  const whole: readonly { readonly name: string; readonly given: Given }[] = [
    { name: 'without a policy', given: { slowStart: null } },
    { name: 'without a duration', given: { slowStart: { ...linear, durationSeconds: 0 } } },
    { name: 'as the only reader', given: { others: [] } },
    { name: 'as the first of new ones', given: { others: [desired(20, 'z', { servingSinceMs: noonMs })] } },
    { name: 'beside readers that get nothing', given: { others: [desired(20, 'old', { weight: 0 })] } },
    { name: 'beside readers that are OFFLINE', given: { others: [desired(20, 'old', { status: 'OFFLINE_SOFT' })] } },
    { name: 'beside a writer', given: { others: [desired(10, 'w')] } },
    { name: 'as a writer', given: { server: desired(10, 'fresh', { servingSinceMs: noonMs }) } },
    { name: 'as a static server', given: { server: desired(20, 'fresh') } },
  ];
  for (const { name, given } of whole) {
    it(`is whole at once ${name}`, () => {
      assert.equal(weightAt(0, given), 1000);
    });
  }

  it('lets the second of two that began together grow', () => {
    assert.equal(weightAt(0, { others: [desired(20, 'a', { servingSinceMs: noonMs })] }), 100);
  });

  it('is never nothing, and never more than all', () => {
    const policies = fc.record({
      durationSeconds: fc.nat(600),
      initialPercent: fc.nat(100),
      curve: fc.constantFrom('LINEAR' as const, 'EXPONENTIAL' as const),
    });
    const moments = fc.record({ seconds: fc.integer({ min: -7200, max: 7200 }), seenMs: fc.nat(700_000) });
    fc.assert(
      fc.property(
        policies,
        moments,
        fc.integer({ min: 1, max: 10_000_000 }),
        (slowStart, { seconds, seenMs }, weight) => {
          const server = { ...fresh, weight };
          const ramp = rampWeight(server, bodyOf([old, server], slowStart), noonMs + seconds * 1000, seenMs);
          assert.ok(Number.isSafeInteger(ramp.weight) && ramp.weight >= 1 && ramp.weight <= weight, `${ramp.weight}`);
        },
      ),
    );
    assert.equal(weightAt(0, { server: { ...fresh, weight: 0 } }), 0);
  });

  it('goes on by how long it is known where the clock is behind, and is over where it is ahead', () => {
    const behind = (seenMs: number) => rampWeight(fresh, bodyOf([old, fresh]), noonMs - 7_200_000, seenMs).weight;
    assert.deepEqual([0, 9999, 30_000, 60_000].map(behind), [100, 100, 550, 1000]);
    assert.equal(weightAt(7200), 1000);
  });

  it('calls a late last step its own, for a minute', () => {
    const isRamping = (seconds: number) =>
      rampWeight(fresh, bodyOf([old, fresh]), noonMs + seconds * 1000, 0).isRamping;
    assert.deepEqual([60, 119, 120].map(isRamping), [true, true, false]);
  });
});

describe('rampKey', () => {
  it('is another one when a server begins anew', () => {
    assert.notEqual(rampKey(fresh), rampKey({ ...fresh, servingSinceMs: noonMs + 1 }));
    assert.equal(rampKey(fresh), rampKey({ ...fresh, weight: 1 }));
  });
});
