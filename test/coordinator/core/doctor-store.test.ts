import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CheckStatus } from '../../../coordinator/core/check.ts';
import { type ControlFacts, judgeControl, type StoreServer } from '../../../coordinator/core/doctor-store.ts';
import { startMs } from '../builders.ts';

const server: StoreServer = {
  role: 'primary',
  version: '7.0.15',
  isPersistent: true,
  replicas: 2,
  inStep: 2,
  needed: 2,
};
const place = 'redis://orders@s1:26379';
const on = (change: Partial<StoreServer>): Partial<ControlFacts> => ({
  store: { place, problem: null, server: { ...server, ...change } },
});
const facts = (change: Partial<ControlFacts> = {}): ControlFacts => ({
  store: { place, problem: null, server },
  holder: 'first',
  freeze: null,
  notCompared: [],
  ...change,
});
const freeze = {
  group: 'orders',
  aboveRevision: 7,
  sinceMs: startMs,
  reason: 'the store lost commits',
  isListed: true,
};

describe('judgeControl', () => {
  it('finds nothing to do where all is well', () => {
    const alone = { place: 'the file /x', problem: null, server: null };
    for (const well of [facts(), facts({ store: alone })]) {
      assert.deepEqual([...new Set(judgeControl(well).map(({ status }) => status))], ['ok']);
    }
  });

  const cases: readonly (readonly [Partial<ControlFacts>, check: string, status: CheckStatus, says: RegExp])[] = [
    [{ store: { place, problem: '0 of 2 replicas acknowledged', server } }, 'store', 'fail', /0 of 2 replicas/],
    [on({ isPersistent: false, replicas: 0, inStep: 0, needed: 0 }), 'store', 'warn', /in memory only/],
    [on({ replicas: 2, inStep: 1, needed: 2 }), 'store-replicas', 'fail', /1 in step, 2 acknowledge/],
    [on({ replicas: 0, inStep: 0, needed: 1 }), 'store-replicas', 'fail', /0 in step, 1 acknowledge/],
    [on({ needed: 1 }), 'store-replicas', 'warn', /2 in step, 1 acknowledge/],
    [on({ replicas: 1, inStep: 1, needed: 1 }), 'store-replicas', 'warn', /1 replicas, 1 in step/],
    [on({ replicas: 2, inStep: 0, needed: 0 }), 'store-replicas', 'ok', /2 replicas, 0 in step, 0 acknowledge/],
    [{ holder: null }, 'decider', 'fail', /no coordinator/],
    [{ freeze }, 'freeze', 'warn', /the store lost commits$/],
    [{ freeze: { ...freeze, isListed: false } }, 'freeze', 'warn', /waits for a complete list of Cloud SQL$/],
    [{ freeze, notCompared: ['p1', 'p2'] }, 'freeze', 'warn', /waits for agents p1, p2$/],
  ];
  for (const [change, name, status, says] of cases) {
    it(`says ${name} ${status}: ${says.source}`, () => {
      const check = judgeControl(facts(change)).find((one) => one.name === name);
      assert(check !== undefined);
      assert.equal(check.status, status);
      assert.match(check.found, says);
      assert.equal(check.advice === '', status === 'ok');
    });
  }
});
