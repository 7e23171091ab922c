import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fc } from '../../properties.ts';
import { isSampleDue } from '../../../coordinator/core/group-view.ts';
import {
  addressOf,
  advanceReplica,
  countsAsWanted,
  newReplica,
  type Replica,
  type ReplicaEvent,
  sampleGapMaxMs,
} from '../../../coordinator/core/replica.ts';
import { serverCaOf } from '../../fakes/fake-cloudsql.ts';
import { replica, startMs } from '../builders.ts';

const later = startMs + 1000;
const all: readonly Replica[] = [
  replica.creating('r1'),
  replica.gating('r1'),
  replica.serving('r1'),
  replica.draining('r1'),
  replica.deleting('r1'),
];

const events: readonly ReplicaEvent[] = [
  { kind: 'createAsked' },
  { kind: 'createAccepted', operationName: 'op-1' },
  { kind: 'createFailed', reason: 'QUOTA' },
  { kind: 'unlisted' },
  { kind: 'runnable', address: '10.0.0.1', serverCa: null },
  { kind: 'certified', serverCa: serverCaOf('r1') },
  { kind: 'gateSampled', passed: true, samplesNeeded: 1, reason: 'GATE', term: 1 },
  { kind: 'withdrawn', reason: 'SCALE_IN' },
  { kind: 'released' },
  { kind: 'followed', primary: 'orders-b' },
  { kind: 'returned', reason: 'SCALE_OUT' },
  { kind: 'moved', address: '10.9.9.9', serverCa: null },
  { kind: 'unusedSampled', passed: true, samplesNeeded: 1, reason: 'ABSENT_EVERYWHERE', term: 1 },
  { kind: 'deleteAccepted', operationName: 'op-2' },
  { kind: 'deleteFailed' },
];

/** What each event makes of each state; a dash: nothing, the same object. */
const table: Readonly<Record<ReplicaEvent['kind'], Readonly<Record<Replica['state'], string>>>> = {
  createAsked: { creating: 'creating', gating: '-', serving: '-', draining: '-', deleting: '-' },
  createTurnedAway: { creating: '-', gating: '-', serving: '-', draining: '-', deleting: '-' },
  createAccepted: { creating: 'creating', gating: '-', serving: '-', draining: '-', deleting: '-' },
  createFailed: { creating: 'deleting', gating: 'deleting', serving: '-', draining: '-', deleting: '-' },
  unlisted: { creating: 'creating', gating: '-', serving: '-', draining: '-', deleting: '-' },
  runnable: { creating: 'gating', gating: '-', serving: '-', draining: '-', deleting: '-' },
  certified: { creating: '-', gating: 'gating', serving: 'serving', draining: 'draining', deleting: '-' },
  gateSampled: { creating: '-', gating: 'serving', serving: '-', draining: '-', deleting: '-' },
  withdrawn: { creating: '-', gating: 'draining', serving: 'draining', draining: '-', deleting: '-' },
  released: { creating: '-', gating: 'draining', serving: 'draining', draining: 'draining', deleting: '-' },
  followed: {
    creating: 'creating',
    gating: 'gating',
    serving: 'serving',
    draining: 'draining',
    deleting: 'deleting',
  },
  returned: { creating: '-', gating: '-', serving: '-', draining: 'gating', deleting: '-' },
  moved: { creating: '-', gating: '-', serving: '-', draining: 'gating', deleting: '-' },
  unusedSampled: { creating: '-', gating: '-', serving: '-', draining: 'deleting', deleting: '-' },
  deleteAccepted: { creating: '-', gating: '-', serving: '-', draining: '-', deleting: 'deleting' },
  deleteFailed: { creating: '-', gating: '-', serving: '-', draining: '-', deleting: 'deleting' },
};

describe('advanceReplica', () => {
  for (const event of events) {
    for (const before of all) {
      const expected = table[event.kind][before.state];
      it(`${before.state} + ${event.kind}: ${expected === '-' ? 'nothing' : expected}`, () => {
        const after = advanceReplica(before, event, later);
        if (expected === '-') assert.equal(after, before);
        else assert.equal(after.state, expected);
        assert.equal(after.name, before.name);
        assert.equal(after.createdAtMs, before.createdAtMs);
      });
    }
  }

  it('never leaves deleting, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...events)), (told) => {
        const end = told.reduce((replicaNow, event) => advanceReplica(replicaNow, event, later), all[4]!);
        assert.equal(end.state, 'deleting');
      }),
    );
  });

  it('keeps an address once it is known, until the replica has moved', () => {
    const staying = events.filter(({ kind }) => kind !== 'moved');
    fc.assert(
      fc.property(fc.constantFrom(...all), fc.array(fc.constantFrom(...staying)), (first, told) => {
        const end = told.reduce((replicaNow, event) => advanceReplica(replicaNow, event, later), first);
        if (addressOf(first) !== null) assert.equal(addressOf(end), addressOf(first));
      }),
    );
  });

  it('keeps its authority through its life, and since when it serves while that is rotated', () => {
    const [first, second] = [serverCaOf('r1'), serverCaOf('r1', 2)];
    const told = (...sequence: readonly ReplicaEvent[]) =>
      sequence.reduce<Replica>((now, event) => advanceReplica(now, event, later), replica.creating('r1'));
    const pass: ReplicaEvent = { kind: 'gateSampled', passed: true, samplesNeeded: 1, reason: 'GATE', term: 1 };
    const runnable: ReplicaEvent = { kind: 'runnable', address: '10.0.0.1', serverCa: first };
    const serving = told(runnable, pass);
    assert.deepEqual(serving.serverCa, first);
    assert.equal(advanceReplica(serving, { kind: 'certified', serverCa: { ...first } }, later + 9), serving);
    const rotated = advanceReplica(serving, { kind: 'certified', serverCa: second }, later + 9);
    assert.deepEqual(rotated, { ...serving, serverCa: second });
    const withdrawn = advanceReplica(rotated, { kind: 'withdrawn', reason: 'SCALE_IN' }, later);
    assert.deepEqual(advanceReplica(withdrawn, { kind: 'returned', reason: 'x' }, later).serverCa, second);
  });

  it('serves after as many passed samples as the gate asks for, in a row', () => {
    const pass: ReplicaEvent = { kind: 'gateSampled', passed: true, samplesNeeded: 2, reason: 'GATE', term: 1 };
    const fail: ReplicaEvent = { kind: 'gateSampled', passed: false, samplesNeeded: 2, reason: 'lags 20 s', term: 1 };
    const states = (told: readonly ReplicaEvent[]) =>
      told.reduce<Replica>((now, event) => advanceReplica(now, event, later), replica.gating('r1')).state;
    assert.equal(states([pass]), 'gating');
    assert.equal(states([pass, fail, pass]), 'gating');
    assert.equal(states([pass, fail, pass, pass]), 'serving');
  });

  it('goes on from no sample of long ago, nor from one of a clock that was put back', () => {
    const pass: ReplicaEvent = { kind: 'gateSampled', passed: true, samplesNeeded: 2, reason: 'GATE', term: 1 };
    const unused: ReplicaEvent = { kind: 'unusedSampled', passed: true, samplesNeeded: 2, reason: 'x', term: 1 };
    const gating = replica.gating('r1', { samplesPassed: 1, sampledAtMs: later, sampledInTerm: 1 });
    const draining = replica.draining('r1', { unusedSamples: 1, sampledAtMs: later, sampledInTerm: 1 });
    const cases: readonly (readonly [nowMs: number, gate: string, drain: string])[] = [
      [later, 'serving', 'deleting'],
      [later + sampleGapMaxMs, 'serving', 'deleting'],
      [later + sampleGapMaxMs + 1, 'gating', 'draining'],
      [later - 1, 'gating', 'draining'],
    ];
    for (const [nowMs, gate, drain] of cases) {
      const states: readonly string[] = [
        advanceReplica(gating, pass, nowMs).state,
        advanceReplica(draining, unused, nowMs).state,
      ];
      assert.deepEqual(states, [gate, drain], `${nowMs - later} ms later`);
    }
  });

  it('goes on from no sample of another term: a store that went back lost what was found in between', () => {
    const told = (terms: readonly number[]): readonly string[] => {
      const events = (kind: 'gateSampled' | 'unusedSampled'): readonly ReplicaEvent[] =>
        terms.map((term) => ({ kind, passed: true, samplesNeeded: 2, reason: 'x', term }));
      const end = (first: Replica, kind: 'gateSampled' | 'unusedSampled'): string =>
        events(kind).reduce((now, event) => advanceReplica(now, event, later), first).state;
      return [end(replica.gating('r1'), 'gateSampled'), end(replica.draining('r1'), 'unusedSampled')];
    };
    assert.deepEqual(told([1, 2]), ['gating', 'draining']);
    assert.deepEqual(told([1, 2, 1]), ['gating', 'draining']);
    assert.deepEqual(told([1, 2, 2]), ['serving', 'deleting']);
    // A record of an earlier version does not say in which term it was.
    const unnamed = replica.gating('r1', { samplesPassed: 1, sampledAtMs: later });
    const pass: ReplicaEvent = { kind: 'gateSampled', passed: true, samplesNeeded: 2, reason: 'GATE', term: 1 };
    assert.equal(advanceReplica(unnamed, pass, later).state, 'gating');
  });

  it('is sampled at intervals, and at once when the clock was put back', () => {
    const due = [-1, 0, 999, 1000].map((passedMs) =>
      isSampleDue({ sampleIntervalMs: 1000 }, { sampledAtMs: later }, later + passedMs),
    );
    assert.deepEqual(due, [true, false, false, true]);
  });

  it('is the same object for the same failure, so that a long wait writes nothing', () => {
    const fail: ReplicaEvent = { kind: 'gateSampled', passed: false, samplesNeeded: 2, reason: 'refused', term: 1 };
    const once = advanceReplica(replica.gating('r1'), fail, later);
    assert.equal(once.reason, 'refused');
    assert.equal(advanceReplica(once, fail, later + 1), once);
    const busy: ReplicaEvent = { kind: 'unusedSampled', passed: false, samplesNeeded: 2, reason: 'x', term: 1 };
    const draining = replica.draining('r1');
    assert.equal(advanceReplica(draining, busy, later), draining);
  });

  it('counts a failed sample as a sample: the next one keeps its distance', () => {
    const lagging: ReplicaEvent = {
      kind: 'gateSampled',
      passed: false,
      samplesNeeded: 2,
      reason: 'lags 11 s',
      term: 1,
    };
    const gating = advanceReplica(replica.gating('r1'), lagging, later);
    assert(gating.state === 'gating' && gating.sampledAtMs === later);
    const used: ReplicaEvent = { kind: 'unusedSampled', passed: false, samplesNeeded: 2, reason: 'x', term: 1 };
    const draining = advanceReplica(replica.draining('r1', { unusedSamples: 1 }), used, later);
    assert(draining.state === 'draining' && draining.unusedSamples === 0 && draining.sampledAtMs === later);
  });
});

describe('newReplica', () => {
  it('begins as wanted, without an address', () => {
    const { name, group, project, primary, createdAtMs, reason } = replica.serving('r1');
    const created = newReplica({ name, group, project, primary, createdAtMs, reason });
    assert.equal(created.state, 'creating');
    assert.equal(addressOf(created), null);
    assert.deepEqual(all.map(countsAsWanted), [true, true, true, false, false]);
  });
});
