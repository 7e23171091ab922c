import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Action } from '../../../coordinator/core/action.ts';
import { type Freeze, isThawed, planFrozen, raiseFreeze } from '../../../coordinator/core/freeze.ts';
import { replica, voter } from '../builders.ts';

const freeze: Freeze = { group: 'orders', aboveRevision: 50, sinceMs: 1000, reason: 'it went back', isListed: false };
const listed = { ...freeze, isListed: true };
const compared = voter('a', { comparedForMs: 1000 });
const away = voter('b', { comparedForMs: 999 });

describe('raiseFreeze', () => {
  it('begins one, raises it, and keeps its beginning', () => {
    const seen = { group: 'orders', aboveRevision: 7, reason: 'an agent has more' };
    assert.deepEqual(raiseFreeze(null, seen, 5), { ...seen, sinceMs: 5, isListed: false });
    assert.equal(raiseFreeze(listed, seen, 5), null);
    assert.deepEqual(raiseFreeze(listed, { ...seen, aboveRevision: 51 }, 5), { ...listed, aboveRevision: 51 });
    // Who was compared before the store lost something once more is compared again, also within the same millisecond.
    const again = raiseFreeze(listed, { ...seen, aboveRevision: 1, isLost: true }, listed.sinceMs);
    assert.deepEqual(again, { ...seen, aboveRevision: 50, sinceMs: listed.sinceMs + 1, isListed: false });
  });
});

describe('planFrozen', () => {
  const gone = { ...replica.draining('r1'), reason: 'INSTANCE_GONE' };
  const actions: readonly Action[] = [
    { action: 'wait', reason: 'VOTERS_OUTSTANDING', subject: 'r1', detail: 'a' },
    { action: 'writeReplica', replica: gone, previous: null },
    { action: 'writeReplica', replica: replica.draining('r2'), previous: null },
    { action: 'writeReplica', replica: replica.serving('r3'), previous: null },
    { action: 'deleteInstance', replica: replica.deleting('r4') },
    { action: 'unprotectInstance', replica: replica.deleting('r5'), settingsVersion: '1' },
    { action: 'forgetReplica', replica: replica.deleting('r6'), reason: 'GONE', createFailed: false },
  ];
  const names = (planned: readonly Action[]) =>
    planned.map((action) =>
      'replica' in action ? `${action.action} ${action.replica.name}` : `wait ${action.reason}`,
    );

  it('only takes note of what Cloud SQL says before it was listed', () => {
    assert.deepEqual(names(planFrozen(actions, freeze, [])), [
      'wait VOTERS_OUTSTANDING',
      'writeReplica r1',
      'wait FROZEN',
    ]);
  });

  it('takes nothing away before all voters were compared, and names who is missing', () => {
    const planned = planFrozen(actions, listed, [compared, away]);
    assert.deepEqual(names(planned), ['wait VOTERS_OUTSTANDING', 'writeReplica r1', 'writeReplica r3', 'wait FROZEN']);
    assert.deepEqual(planned.at(-1), {
      action: 'wait',
      reason: 'FROZEN',
      subject: 'orders',
      detail: 'it went back; agents not back since: b',
    });
  });
});

describe('what a frozen group waits for', () => {
  it('is always told', () => {
    const told = (one: Freeze, ...voters: (typeof away)[]) => planFrozen([], one, voters).at(-1);
    const wait = { action: 'wait', reason: 'FROZEN', subject: 'orders' } as const;
    const unlisted = 'it went back; Cloud SQL was not listed completely since';
    assert.deepEqual(told(freeze), { ...wait, detail: unlisted });
    assert.deepEqual(told(freeze, away), { ...wait, detail: `${unlisted}; agents not back since: b` });
    const detail = 'it went back; agents that are not known may be on their way, for half a minute';
    assert.deepEqual(told(listed, compared), { ...wait, detail });
  });
});

describe('isThawed', () => {
  const late = 1000 + 30_000;
  const cases: readonly (readonly [what: string, Freeze, revision: number, nowMs: number, expected: boolean])[] = [
    ['all is done', listed, 51, late, true],
    ['Cloud SQL was not listed', freeze, 51, late, false],
    ['nothing was published above', listed, 50, late, false],
    ['agents may still be on their way back', listed, 51, late - 1, false],
    ['only the term is new', { ...listed, aboveRevision: 0 }, 0, 1000, true],
  ];
  for (const [what, one, revision, nowMs, expected] of cases) {
    it(`is ${String(expected)} where ${what}`, () => {
      assert.equal(isThawed(one, { revision, voters: [compared] }, nowMs), expected);
      assert.equal(isThawed(one, { revision, voters: [compared, away] }, nowMs), false, 'one was not compared');
    });
  }
});
