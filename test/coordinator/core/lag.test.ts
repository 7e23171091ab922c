import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judgeLag, type LagReading, worstLagSeconds } from '../../../coordinator/core/lag.ts';

const said = (lagSeconds: number | null): LagReading => ({ replica: 'r', outcome: 'answered', lagSeconds });
const silent: LagReading = { replica: 'r', outcome: 'failed', reason: 'ECONNREFUSED' };

describe('judgeLag', () => {
  const cases = [
    { name: 'nobody serves', readings: [], lag: { lagging: 0, primaryIsCause: false } },
    { name: 'all are at the limit', readings: [said(10), said(0)], lag: { lagging: 0, primaryIsCause: false } },
    { name: 'one of two lags', readings: [said(11), said(0)], lag: { lagging: 1, primaryIsCause: false } },
    { name: 'the only one lags', readings: [said(900)], lag: { lagging: 1, primaryIsCause: false } },
    { name: 'all of several lag', readings: [said(11), said(900)], lag: { lagging: 2, primaryIsCause: true } },
    { name: 'none replicates', readings: [said(null), said(null)], lag: { lagging: 2, primaryIsCause: true } },
    { name: 'one does not answer', readings: [said(0), silent], lag: null },
    { name: 'nobody answers', readings: [silent, silent], lag: null },
    {
      name: 'all that answer lag, which says nothing of the rest',
      readings: [said(11), said(11), silent],
      lag: { lagging: 2, primaryIsCause: false },
    },
  ] as const;
  for (const { name, readings, lag } of cases) {
    it(`gives ${JSON.stringify(lag)} when ${name}`, () => {
      assert.deepEqual(judgeLag(readings, 10).lag, lag);
    });
  }

  it('names each replica that lags or is silent, and why', () => {
    const readings: LagReading[] = [
      { replica: 'fine', outcome: 'answered', lagSeconds: 2 },
      { replica: 'late', outcome: 'answered', lagSeconds: 31 },
      { replica: 'stopped', outcome: 'answered', lagSeconds: null },
      { replica: 'gone', outcome: 'failed', reason: 'ECONNREFUSED' },
    ];
    assert.deepEqual(judgeLag(readings, 30).notes, [
      { replica: 'late', reason: 'LAGGING', message: 'lags 31 s, allowed 30 s' },
      { replica: 'stopped', reason: 'LAGGING', message: 'replication is not running' },
      { replica: 'gone', reason: 'LAG_UNKNOWN', message: 'ECONNREFUSED' },
    ]);
  });
});

describe('worstLagSeconds', () => {
  const cases = [
    { name: 'nobody serves', readings: [], worst: null },
    { name: 'nobody answers', readings: [silent], worst: null },
    { name: 'some answer', readings: [said(3), silent, said(11)], worst: 11 },
    { name: 'one does not replicate', readings: [said(3), said(null)], worst: Number.POSITIVE_INFINITY },
  ] as const;
  for (const { name, readings, worst } of cases) {
    it(`is ${worst} when ${name}`, () => {
      assert.equal(worstLagSeconds(readings), worst);
    });
  }
});
